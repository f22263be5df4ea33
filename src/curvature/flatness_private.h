/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the files of the flatness measurement share. */
#ifndef TW_FLATNESS_PRIVATE_H
#define TW_FLATNESS_PRIVATE_H

#include <thalweg/curvature/flatness.h>
#include <thalweg/operator/hessian.h>

enum {
    TW_FLAT_TOP = 2,  /* eigenvectors that ascents start from */
    TW_FLAT_BLOCK = 8 /* columns of the projected operator at a time */
};

typedef struct tw_flat_measurement {
    const tw_objective *objective;
    const double *x;
    const tw_flatness_options *options;
    tw_flatness *result;
    tw_hessian hessian;
    tw_linop H;
    double *gradient; /* n */
    double *top;      /* n x TW_FLAT_TOP, of the part at hand */
    size_t top_count;
    tw_zero_evidence zero; /* what zero means at x */
    bool flat;             /* the tangent is null for H */
} tw_flat_measurement;

/* Where one part lives. */
typedef struct tw_flat_space {
    tw_linop A;
    size_t start;             /* of its coordinates in theta */
    size_t known;             /* dimension that is known to be null for A, not to be searched */
    size_t known_zeros;       /* of `known`, those that count as zero modes of the part */
    const tw_linop *keep;     /* beside it; NULL: none */
    const tw_linop *project;  /* of perturbations, in theta; NULL: none */
    bool alone;               /* no symmetry is known to have its orbit here */
    const tw_levels *sectors; /* these tell the eigenvalues; NULL: none do */
} tw_flat_space;

/* What the figures so far have left of it. */
static inline tw_budget tw_flat_budget(const tw_flat_measurement *m) {
    return tw_budget_after(m->options->budget, m->hessian.products);
}

/* Eigenvalues of a part by sectors, all of them, or products. Sets m->top, and m->result->reason
 * where it ended early. */
tw_status tw_flat_eigenvalues(tw_flat_measurement *m, const tw_flat_space *s, tw_flat_part *part);

/* The loosely estimated norm of H into m->result->norm. */
tw_status tw_flat_norm(tw_flat_measurement *m);

#endif
