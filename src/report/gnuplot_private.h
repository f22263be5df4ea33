/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs gnuplot, which is another program: its absence costs the drawings and nothing else. */
#ifndef TW_GNUPLOT_PRIVATE_H
#define TW_GNUPLOT_PRIVATE_H

#include "report/figure_private.h"

typedef enum tw_drawn {
    TW_DRAWN,
    TW_DRAWN_NO_PROGRAM, /* there is no gnuplot */
    TW_DRAWN_FAILED      /* it complained: a sentence is set */
} tw_drawn;

/* Draw a figure into its svg texts, through a folder of its own that is removed. */
tw_status tw_gnuplot_embed(tw_figure *figure, tw_drawn *drawn);

/* Leave NAME.csv and NAME.gp in a folder, and what the script draws. */
tw_status tw_gnuplot_store(const tw_figure *figure, const char *folder, tw_drawn *drawn);

#endif
