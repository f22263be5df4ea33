/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of options, a file a family of subcommands; option_at walks them in this order. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "settings.h"

#define FIELD(name) offsetof(cli_settings, name)
#define ANY_COUNT 9e15 /* counts are parsed through double: exact up to 2^53 */

typedef struct option_table {
    const cli_option *rows;
    size_t count;
} option_table;

extern const option_table analysis_options;  /* reading, polishing, spectra, estimates, help */
extern const option_table certify_options;   /* certificates */
extern const option_table exploring_options; /* critical points, slices */
extern const option_table making_options;    /* new points, training, campaigns */
extern const option_table verify_options;    /* claims */
extern const option_table flatness_options;  /* flatness and free energy */
extern const option_table report_options;    /* pages, figures, tables to paste */

/* Choices that several tables offer; NULL past the last. */
const char *choice_of_loss(size_t index);
const char *choice_of_activation(size_t index);

#endif
