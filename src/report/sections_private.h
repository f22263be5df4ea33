/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The sections of a report: one row each in a table, in the order of the page. A section without
 * data is left out. */
#ifndef TW_SECTIONS_PRIVATE_H
#define TW_SECTIONS_PRIVATE_H

#include "report/content_private.h"

#define TW_SECTION_FIGURES 5

typedef struct tw_section {
    const char *id, *title;
    void (*fill)(const tw_dossier *dossier, tw_content *content); /* NULL: figures alone */
    const char *figures[TW_SECTION_FIGURES]; /* kinds; every figure of a kind is drawn */
    void (*close)(const tw_dossier *dossier, tw_content *content); /* what follows the figures */
} tw_section;

/* Everything that the records say. */
void tw_sections_fill(const tw_dossier *dossier, tw_content *content);

/* One row of a table whose columns are points: where the value stands. */
typedef struct tw_row {
    const char *title, *path;
} tw_row;

/* A table with a column a point; rows that no point has are left out, and the table with them. */
void tw_points_sheet(const tw_dossier *dossier, tw_content *content, const char *title,
                     const tw_row *rows, size_t count);

/* Points: the answer, the optima, the ledger, the spectra, the evidence. */
void tw_section_verdict(const tw_dossier *dossier, tw_content *content);
void tw_section_optima(const tw_dossier *dossier, tw_content *content);
void tw_section_ledger(const tw_dossier *dossier, tw_content *content);
void tw_section_spectra(const tw_dossier *dossier, tw_content *content);
void tw_section_logits(const tw_dossier *dossier, tw_content *content);
void tw_section_evidence(const tw_dossier *dossier, tw_content *content);

/* Campaigns. */
void tw_section_campaign_verdict(const tw_dossier *dossier, tw_content *content);
void tw_section_campaign(const tw_dossier *dossier, tw_content *content);

/* Records with a section of their own; any other one as a table of keys. */
void tw_section_claims(const tw_dossier *dossier, tw_content *content);
void tw_section_flatness(const tw_dossier *dossier, tw_content *content);
void tw_section_energy(const tw_dossier *dossier, tw_content *content);
void tw_section_critical(const tw_dossier *dossier, tw_content *content);
void tw_section_others(const tw_dossier *dossier, tw_content *content);

/* The answer of a record of that kind, in a sentence. */
/* beta_star of a free-energy record; false, and nothing is said, where there is none. */
bool tw_say_crossing(const tw_dossier *dossier, tw_writer *text);
/* That what a record says of the Hessian at `name` does not stand, where it says why. */
void tw_say_doubt(const tw_json *result, const char *name, tw_content *content);
void tw_headline_density(const tw_dossier *dossier, tw_content *content);
void tw_headline_flatness(const tw_dossier *dossier, tw_content *content);
void tw_headline_energy(const tw_dossier *dossier, tw_content *content);
void tw_headline_slices(const tw_dossier *dossier, tw_content *content);
void tw_headline_critical(const tw_dossier *dossier, tw_content *content);
void tw_headline_trace(const tw_dossier *dossier, tw_content *content);

/* Any record. */
void tw_section_provenance(const tw_dossier *dossier, tw_content *content);

#endif
