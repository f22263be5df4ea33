/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What randomised estimators see of an operator: random unit vectors, counted products. */
#ifndef TW_PROBES_PRIVATE_H
#define TW_PROBES_PRIVATE_H

#include <stdint.h>
#include <thalweg/base/budget.h>
#include <thalweg/base/cost.h>
#include <thalweg/operator/subspace.h>
#include <thalweg/spectrum/estimate.h>

/* Streams of one seed are numbered by use, so that no two uses share a vector. */
#define TW_PROBES_LANCZOS ((uint64_t)0)
#define TW_PROBES_SKETCH ((uint64_t)1 << 40)
#define TW_PROBES_HUTCHINSON ((uint64_t)2 << 40)
#define TW_PROBES_NULL ((uint64_t)3 << 40)

/* The caller sets the first group of fields; tw_probes_init checks them and takes memory. */
typedef struct tw_probes {
    const tw_linop *A;
    tw_subspace within; /* A vanishes on what its projector removes */
    tw_budget budget;

    size_t whole;      /* dimension of the space, over all owners */
    size_t rank;       /* dimension of `within` */
    const char *stage; /* for the monitor */
    size_t planned;    /* products at most, for the monitor */
    size_t products;
    double size;    /* largest ||A v|| over unit vectors v so far: ||A|| from below */
    bool cancelled; /* the monitor ended it */
    bool refused;   /* some product was not allowed */
    double *scratch;
} tw_probes;

tw_status tw_probes_init(tw_probes *probes);
void tw_probes_clear(tw_probes *probes);

/* x = keep x. */
tw_status tw_probes_keep(tw_probes *probes, double *x);

/* x: uniform on the unit sphere of keep's range. TW_ERR_DATA when its size contradicts `rank`. */
tw_status tw_probes_draw(tw_probes *probes, uint64_t index, double *x);

/* May `count` more products be made? */
bool tw_probes_allow(tw_probes *probes, size_t count);

/* Y = A X for k unit columns without gaps: counted, reported, checked for NaN and Inf. */
tw_status tw_probes_product(tw_probes *probes, size_t k, const double *X, double *Y);

/* One product with a random unit vector v of what keep removes: *residual = ||A v||, TW_ERR_DATA
 * when that exceeds `most`. NAN and no test without keep, or when no product is left. */
tw_status tw_probes_check_null(tw_probes *probes, double most, double *residual);

/* Largest rounding error to expect of a sum of n products, relative to n ||A||. */
double tw_probes_rounding(const tw_probes *probes);

tw_estimate_reason tw_probes_reason(const tw_probes *probes);

#endif
