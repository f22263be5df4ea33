/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists of eigenvalues as records (docs/formats/results.md). Everything is borrowed. */
#ifndef THALWEG_SPECTRUM_RECORD_H
#define THALWEG_SPECTRUM_RECORD_H

#include <thalweg/optima/closed_form.h>
#include <thalweg/record/estimate_record.h>
#include <thalweg/spectrum/interior.h>
#include <thalweg/spectrum/listing.h>

/* Eigenvalues of the Hessian at a point, or of a part of it. */
typedef struct tw_spectrum_record {
    const tw_listing *listing;
    const char *part, *blocks; /* "all"; NULL: the whole operator */
    double cluster_tolerance;
    tw_standing standing;
} tw_spectrum_record;

/* Eigenvalues inside the spectrum. The listing's levels are those of the search and, where they
 * belong to the range, the zeros of the orbit. */
typedef struct tw_inside_record {
    tw_spectrum_record list;
    double gradient_norm;
    bool deflated;                /* the orbit was projected out */
    const tw_orbit_record *orbit; /* NULL: none was asked for */
    const tw_interior_result *search;
    size_t max_count;
} tw_inside_record;

/* A closed form with its spectrum. */
typedef struct tw_closed_record {
    const tw_closed_form *form;
    const tw_listing *listing;
} tw_closed_record;

/* What was asked of closed forms. */
typedef struct tw_closed_input {
    const char *names; /* "dnc/blocks:4,2"; NULL: left out */
    const tw_closed_case *given;
} tw_closed_input;

/* What a computation would cost. */
typedef struct tw_plan_record {
    const char *route; /* "dense", "products", "inside", "probes", "sectors", "closed-form" */
    uint64_t parameters;
    uint64_t products, products_most; /* at least, at most; equal when they are known */
    double dense_flops;
    double gigabytes;         /* above the bare program, the point included */
    double seconds_a_product; /* measured, with the vector work that goes with one */
    double seconds, seconds_most;
} tw_plan_record;

TW_API_DATA const tw_fields tw_spectrum_fields;     /* of a tw_spectrum_record */
TW_API_DATA const tw_fields tw_inside_fields;       /* of a tw_inside_record */
TW_API_DATA const tw_fields tw_closed_fields;       /* of a tw_closed_record */
TW_API_DATA const tw_fields tw_closed_input_fields; /* of a tw_closed_input */
TW_API_DATA const tw_fields tw_plan_fields;         /* of a tw_plan_record */

#endif
