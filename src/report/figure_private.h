/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A figure: one row of a table of kinds, filled with the data of a dossier. Data are
 * comma-separated text, the drawing is a gnuplot script that reads them, so that whoever wants
 * another style edits the script. */
#ifndef TW_FIGURE_PRIVATE_H
#define TW_FIGURE_PRIVATE_H

#include "report/dossier_private.h"
#include "report/writer_private.h"

typedef struct tw_figure tw_figure;

typedef struct tw_figure_kind {
    const char *id; /* file stem, "loss-ladder" */
    const char *title;
    const char *x_label, *y_label; /* with units */
    const char *caption;           /* what is and what is not implied */
    /* Write data, variables and size of the index-th such figure; false when there is none. */
    bool (*fill)(const tw_dossier *dossier, size_t index, tw_figure *figure);
    const char *body; /* gnuplot commands; variables: data, logarithmic, colour[1..8], and what fill
                         defined */
    bool has_logarithmic; /* drawn twice, the second time with logarithmic = 1 */
} tw_figure_kind;

/* Initialise with {0}. */
struct tw_figure {
    const tw_figure_kind *kind;
    char name[56];        /* the kind's id, with a number behind it from the second on */
    tw_writer note;       /* behind the caption, may stay empty */
    tw_writer csv;        /* data */
    tw_writer variables;  /* gnuplot definitions */
    double width, height; /* points of the drawing; 0: 560 x 340 */
    tw_writer svg[2];     /* linear, logarithmic; empty when not drawn */
};

/* False when the dossier has no such figure. */
bool tw_figure_fill(const tw_figure_kind *kind, const tw_dossier *dossier, size_t index,
                    tw_figure *figure);
void tw_figure_clear(tw_figure *figure);
tw_status tw_figure_status(const tw_figure *figure);

/* The whole script; it draws NAME.svg, NAME.pdf and NAME.png from NAME.csv. */
void tw_figure_script(const tw_figure *figure, tw_writer *script);

/* "array name[2] = ['a', 'b']" in pieces: text is made harmless. */
void tw_figure_array(tw_figure *figure, const char *name, size_t count);
void tw_figure_string(tw_figure *figure, size_t index, const char *text);
void tw_figure_array_end(tw_figure *figure);

/* Text as one cell of data: quoted, and made harmless. */
void tw_figure_cell(tw_writer *csv, const char *text);

/* Define `step`, a round distance between some four tics of an axis from low to high. */
void tw_figure_step(tw_figure *figure, double low, double high);

/* The labels of all points as array `name`, their number as `points`. */
void tw_figure_names(tw_figure *figure, const tw_dossier *dossier);

#endif
