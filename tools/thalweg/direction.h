/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the direction of an unregularised run is going. */
#ifndef DIRECTION_H
#define DIRECTION_H

#include <thalweg/examination/separation.h>
#include <thalweg/training/log_fit.h>

#include "table.h"
#include "training.h"

typedef struct cli_direction {
    bool asked; /* the model has no ridge; else nothing below is set */
    tw_separation separation;
    tw_log_fit fit; /* of the normalised margin, over the last decades of t */
} cli_direction;

/* The training's evaluator is at the last point. */
tw_status direction_measure(const cli_training *t, cli_direction *direction);

void rows_of_direction(cli_table *table, const cli_direction *direction);
tw_status direction_to_json(const cli_direction *direction, tw_json *object);

#endif
