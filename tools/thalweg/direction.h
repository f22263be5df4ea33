/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the direction of an unregularised run is going. */
#ifndef DIRECTION_H
#define DIRECTION_H

#include <thalweg/record/training_record.h>

#include "table.h"
#include "training.h"

typedef struct cli_direction {
    bool asked; /* the model has no ridge; else nothing below is set */
    tw_direction_record found;
} cli_direction;

/* The training's evaluator is at the last point. */
tw_status direction_measure(const cli_training *t, cli_direction *direction);

void rows_of_direction(cli_table *table, const cli_direction *direction);

#endif
