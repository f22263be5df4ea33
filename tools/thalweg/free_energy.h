/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Optima weighed against each other: for files once, for closed forms at every width. */
#ifndef CLI_FREE_ENERGY_H
#define CLI_FREE_ENERGY_H

#include <thalweg/examination/free_energy.h>
#include <thalweg/files/json.h>

#include "subject.h"

/* The same optima at one width. */
typedef struct cli_scale {
    size_t width;         /* 0: files */
    const char **names;   /* borrowed */
    tw_laplace *rows;     /* one an optimum; owned */
    tw_crossing crossing; /* of the first two; does not exist for one */
} cli_scale;

typedef struct cli_weights {
    size_t count; /* optima */
    size_t scale_count;
    cli_scale *scales;
    size_t beta_count;
    double *betas;
    char *text; /* the names of closed forms, cut apart */
    const char **names;
} cli_weights;

tw_status weights_init(const cli_settings *settings, size_t count, size_t scales, cli_weights *w);
void weights_clear(cli_weights *w); /* idempotent */

/* Set the crossings; after all rows. */
void weights_cross(cli_weights *w);

bool weights_defined(const cli_weights *w); /* all of them */
tw_status weights_print(const cli_weights *w);
tw_json *weights_json(const cli_weights *w); /* NULL when memory is short */

#endif
