/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Runs of a descent as records (docs/formats/results.md). */
#ifndef THALWEG_TRAINING_RECORD_H
#define THALWEG_TRAINING_RECORD_H

#include <thalweg/curvature/lowest.h>
#include <thalweg/examination/examination.h>
#include <thalweg/examination/separation.h>
#include <thalweg/record/fields.h>
#include <thalweg/stratum/smoothing.h>
#include <thalweg/training/descent.h>
#include <thalweg/training/log_fit.h>

/* Where the direction of a run without any ridge is going. */
typedef struct tw_direction_record {
    tw_separation separation;
    tw_log_fit fit; /* of the normalised margin, over the last decades of t */
} tw_direction_record;

/* What `train` answers. Everything is borrowed; NULL: not done, and left out. */
typedef struct tw_training_record {
    const tw_description *description; /* of the point reached */
    const char *method;                /* tw_descent_method_name */
    const tw_descent_result *descent;
    const tw_polishing *polish;
    const tw_direction_record *direction;
    const tw_clarke *clarke; /* of activations with kinks */
    const tw_smoothing_result *smoothing;
    const tw_lowest *start; /* of a stationary start */
} tw_training_record;

TW_API_DATA const tw_fields tw_training_fields; /* of a tw_training_record */

#endif
