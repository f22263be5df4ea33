/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The distribution of all eigenvalues of a symmetric operator: the values that many eigenvalues
 * share (atoms) with the fraction of the spectrum they hold, and the rest as a smooth curve.
 *
 * Above the dense limit of the budget by stochastic Lanczos quadrature: products only, no
 * eigenvalue list. An atom is a Ritz value that every probe sees at the same place; its mass is the
 * mean weight, whose law is known (a Beta distribution), so that its error needs no guess. Atoms
 * and curve hold the whole spectrum between them. */
#ifndef THALWEG_DENSITY_H
#define THALWEG_DENSITY_H

#include <thalweg/base/budget.h>
#include <thalweg/base/cost.h>
#include <thalweg/operator/subspace.h>
#include <thalweg/spectrum/estimate.h>
#include <thalweg/spectrum/zero_rule.h>

typedef struct tw_density_options {
    size_t probes;         /* random vectors, >= 2; default 16 */
    size_t steps;          /* Lanczos steps a probe, >= 1: distinct values it can resolve; the dense
                           route lists so many distinct values as atoms; default 80 */
    double tolerance;      /* values closer than tolerance * ||A|| are one atom, unless the rule for
                              zero tells them apart, and Ritz pairs count as converged; in (0, 1);
                              default 1e-8 */
    tw_zero_evidence zero; /* what zero means at this point: such values are the zero atom. Default:
                              the route's own error alone, for products tolerance ||A||/10 */
    size_t points;         /* of the curve, >= 2; default 200 */
    double width;          /* standard deviation of the Gaussian that every value of the curve
                           becomes, in units of A, >= 0; default 0: the mean distance of the
                           Ritz values it is made from */
    tw_subspace within;    /* its projector commutes with A, and lies on the complement of a known
                           null space: A v = 0 for what it removes, which one product tests. That
                           mass is then exact; default: the whole space */
    tw_budget budget;      /* up to dense_limit by the dense route, exact; probe i: stream (seed,
                           TW_PURPOSE_PROBE, i) */
} tw_density_options;

#define TW_DENSITY_DEFAULTS                                                                        \
    ((tw_density_options){.probes = 16,                                                            \
                          .steps = 80,                                                             \
                          .tolerance = 1e-8,                                                       \
                          .points = 200,                                                           \
                          .budget = TW_BUDGET_DEFAULTS})

/* One value that many eigenvalues share. No tw_level: random probes tell a mass with an interval,
 * and no number of copies. */
typedef struct tw_atom {
    double value;     /* exactly 0 for the zero atom */
    tw_estimate mass; /* fraction of the n eigenvalues */
    double residual;  /* ||A v - value v||_2 of one unit vector v by a fresh product, absolute; NAN:
                         the budget had no product left for it, or sectors needed none */
} tw_atom;

/* What is no atom, with every value widened to a Gaussian. */
typedef struct tw_curve {
    size_t count;                          /* grid points; 0 when all mass is in atoms */
    double width;                          /* of the Gaussian */
    double *grid;                          /* ascending, equidistant, three widths beyond */
    double *density, *density_error;       /* integrates to the mass of the curve */
    double *cumulative, *cumulative_error; /* mass of the curve below a grid point */
} tw_curve;

typedef struct tw_density_result {
    size_t atom_count;
    tw_atom *atoms;         /* ascending; owned */
    tw_estimate continuous; /* mass of the curve; with the masses of all atoms 1 */
    tw_curve curve;         /* errors: standard errors over the probes (0 by the dense route); what
                               too few steps blur is not in them */
    tw_zero_rule zero;      /* the rule; its counts are of exact routes alone */
    double norm;            /* ||A||_2; from below by Lanczos */
    size_t
        null_dimension; /* dimensions removed: eigenvalues known to be zero; not used when dense */
    size_t probes;      /* that were finished; 0 by the dense route and by sectors */
    size_t closed;      /* of them, those whose nodes have all converged: exact quadratures */
    size_t steps;       /* most steps a probe made */
    size_t products;
    const char *method;        /* "dense", "sectors" or "lanczos quadrature"; static */
    tw_estimate_reason reason; /* complete: or what is missing; without a probe there is no atom but
                                  the known null space */
} tw_density_result;

/* Errors: TW_ERR_ARGUMENT, TW_ERR_SHAPE, TW_ERR_DATA (keep removes another dimension than said, or
 * what is not null), TW_ERR_NUMERIC (NaN or Inf in a product), TW_ERR_MEMORY, errors of A; the
 * result is cleared on failure. Memory: n * steps doubles, up to 8 times that while it stays below
 * 512 MB; dense: 3 n^2. */
TW_API tw_status tw_density_estimate(const tw_linop *A, const tw_density_options *options,
                                     tw_density_result *result);
TW_API void tw_density_result_clear(tw_density_result *result); /* idempotent, NULL-safe */

/* All steps of every probe at most; spectra of few distinct values close a probe earlier. */
TW_API void tw_density_cost(size_t n, const tw_density_options *options, tw_cost *cost);

#endif
