/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of figure kinds, a file a family. */
#ifndef TW_FIGURES_PRIVATE_H
#define TW_FIGURES_PRIVATE_H

#include "report/figure_private.h"

typedef struct tw_figure_table {
    const tw_figure_kind *rows;
    size_t count;
} tw_figure_table;

/* NULL: no kind has that id. */
const tw_figure_kind *tw_figure_kind_find(const char *id);

extern const tw_figure_table tw_point_figures, tw_spectrum_figures, tw_campaign_figures,
    tw_record_figures, tw_energy_figures;

/* The clusters of a point's spectrum: exact ones with their sectors where both routes agree,
 * otherwise those that were found; NULL without any. */
const tw_json *tw_clusters_of(const tw_json *result);

#endif
