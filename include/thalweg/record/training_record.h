/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs of a descent as records (docs/formats/results.md). */
#ifndef THALWEG_TRAINING_RECORD_H
#define THALWEG_TRAINING_RECORD_H

#include <thalweg/curvature/lowest.h>
#include <thalweg/examination/examination.h>
#include <thalweg/examination/limit_direction.h>
#include <thalweg/record/fields.h>
#include <thalweg/stratum/smoothing.h>
#include <thalweg/training/descent.h>

/* What `train` answers. Everything is borrowed; NULL: not done, and left out. */
typedef struct tw_training_record {
    const tw_description *description; /* of the point reached */
    const char *method;                /* tw_descent_method_name */
    const tw_descent_result *descent;
    const tw_polishing *polish;
    const tw_limit_direction *direction;
    const tw_clarke *clarke; /* of activations with kinks */
    const tw_smoothing_result *smoothing;
    const tw_lowest *start; /* of a stationary start */
} tw_training_record;

TW_API_DATA const tw_fields tw_training_fields; /* of a tw_training_record */

#endif
