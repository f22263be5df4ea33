/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Estimates of the Hessian as records (docs/formats/results.md). Everything is borrowed. */
#ifndef THALWEG_ESTIMATE_RECORD_H
#define THALWEG_ESTIMATE_RECORD_H

#include <thalweg/curvature/flatness.h>
#include <thalweg/record/fields.h>
#include <thalweg/spectrum/density.h>
#include <thalweg/spectrum/trace.h>

/* A symmetry orbit that was tried on the Hessian. */
typedef struct tw_orbit_record {
    size_t dimension;
    bool deflated, stationary; /* stationary: near enough to a critical point to be flat */
    double residual; /* largest ||H v||/||H|| over random unit tangent vectors; NAN: not tried */
} tw_orbit_record;

/* Whether what is said of the Hessian of a point stands. */
typedef struct tw_standing {
    const struct tw_kinks *kinks; /* of the point (thalweg/model/dufm.h) */
    const char *doubt;            /* why counts do not stand; "" where they do */
} tw_standing;

/* What density, trace and flatness have in common. */
typedef struct tw_estimation_record {
    size_t parameters;
    const char *method; /* "dense" */
    double norm;        /* ||H||_2 */
    double gradient_norm;
    tw_standing standing;
    size_t products;
    tw_estimate_reason reason;
    const tw_orbit_record *orbit; /* NULL: none was needed */
} tw_estimation_record;

typedef struct tw_density_record {
    tw_estimation_record common;
    const tw_density_result *result;
} tw_density_record;

typedef struct tw_trace_record {
    tw_estimation_record common;
    const tw_trace_result *result;
} tw_trace_record;

typedef struct tw_flatness_record {
    const char *file;
    tw_estimation_record common;
    const tw_flatness *result;
} tw_flatness_record;

TW_API_DATA const tw_fields tw_estimate_fields; /* of a tw_estimate */
TW_API_DATA const tw_fields tw_standing_fields; /* of a tw_standing */
TW_API_DATA const tw_fields tw_orbit_fields;    /* of a tw_orbit_record */
TW_API_DATA const tw_fields tw_density_fields;  /* of a tw_density_record */
TW_API_DATA const tw_fields tw_trace_fields;    /* of a tw_trace_record */
TW_API_DATA const tw_fields tw_flatness_fields; /* of a tw_flatness_record */

#endif
