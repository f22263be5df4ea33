/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/figures_private.h"

#include <string.h>

static const tw_figure_table *const tables[] = {&tw_point_figures, &tw_spectrum_figures,
                                                &tw_campaign_figures, &tw_record_figures,
                                                &tw_energy_figures};

static const tw_figure_kind *kind_at(size_t index) {
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        if (index < tables[i]->count) return &tables[i]->rows[index];
        index -= tables[i]->count;
    }
    return NULL;
}

const tw_figure_kind *tw_figure_kind_find(const char *id) {
    for (size_t i = 0; kind_at(i); i++)
        if (strcmp(kind_at(i)->id, id) == 0) return kind_at(i);
    return NULL;
}
