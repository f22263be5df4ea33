/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/sections_private.h"

#include "report/figures_private.h"

static const tw_section sections[] = {
    {"verdict", "Verdict", tw_section_verdict, {NULL}, NULL},
    {"optima", "The optima", NULL, {"loss-ladder"}, tw_section_optima},
    {"zero-modes", "Zero modes", NULL, {"zero-modes"}, tw_section_ledger},
    {"spectra", "Spectra", NULL, {"spectrum"}, tw_section_spectra},
    {"logits", "Logits", NULL, {"singular-values", "class-logits"}, tw_section_logits},
    {"flatness",
     "Flatness",
     tw_headline_flatness,
     {"worst-rise", "mean-rise"},
     tw_section_flatness},
    {"free-energy",
     "Free energy",
     tw_headline_energy,
     {"free-energy", "beta-by-width"},
     tw_section_energy},
    {"campaign",
     "Basins",
     tw_section_campaign_verdict,
     {"basin-fractions", "fractions-by-width", "fractions-by-lambda", "return-curves",
      "convergence"},
     tw_section_campaign},
    {"density", "Density of eigenvalues", tw_headline_density, {"atoms", "density"}, NULL},
    {"slices", "Slices", tw_headline_slices, {"slice", "plane"}, NULL},
    {"critical", "Critical points", tw_headline_critical, {"critical-points"}, tw_section_critical},
    {"claims", "Claims", NULL, {NULL}, tw_section_claims},
    {"figures", "Figures of the record", tw_headline_trace, {NULL}, tw_section_others},
    {"evidence", "What was computed, how, with which evidence", NULL, {NULL}, tw_section_evidence},
    {"provenance", "Provenance", NULL, {NULL}, tw_section_provenance},
};

static void fill_figures(const tw_section *section, const tw_dossier *dossier,
                         tw_content *content) {
    for (size_t i = 0; i < TW_SECTION_FIGURES && section->figures[i]; i++) {
        const tw_figure_kind *kind = tw_figure_kind_find(section->figures[i]);
        tw_figure figure;
        for (size_t j = 0; kind && tw_figure_fill(kind, dossier, j, &figure); j++) {
            bool good = tw_figure_status(&figure) == TW_OK;
            tw_content_figure(content, &figure);
            if (!good) break;
        }
    }
}

void tw_sections_fill(const tw_dossier *dossier, tw_content *content) {
    for (size_t i = 0; i < sizeof sections / sizeof *sections; i++) {
        const tw_section *section = &sections[i];
        tw_content_heading(content, section->id, section->title);
        size_t before = content->count;
        if (section->fill) section->fill(dossier, content);
        fill_figures(section, dossier, content);
        if (section->close) section->close(dossier, content);
        if (content->count == before) tw_content_drop(content);
    }
}
