/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Random probes.
 *
 * A probe is uniform on the unit sphere of the subspace examined (a normal vector, projected and
 * scaled), r = its dimension. Why not the usual alternatives, for f(A) with r f(A) estimated by
 * r z^T f(A) z:
 *
 *   probe                variance of the estimate
 *   sphere               2 r/(r+2) (||F||_F^2 - tr(F)^2/r)
 *   normal, not scaled   2 ||F||_F^2: does not vanish even for the identity
 *   signs (Rademacher)   2 (||F||_F^2 - sum_i F_ii^2)
 *
 * On degenerate spectra the subtraction matters: what is constant on the subspace costs nothing.
 * Signs subtract at least as much as the sphere in the coordinates where F is nearly diagonal, but
 * they are tied to coordinates (the landscape is not: hidden spaces may be rotated at will), they
 * are no longer signs once projected into a subspace, and their law is discrete: on
 * [[0,1],[1,0]] two probes agree with probability 1/2 and would claim an error of 0. On the sphere
 * a sample variance of 0 means, with probability one, that F is constant on the subspace and the
 * estimate exact; and the law of every spectral weight is known (tw_estimate_share). */
#include "spectrum/probes_private.h"

#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <thalweg/base/random.h>

#include "base/alloc_private.h"
#include "dense/vector_private.h"
#include "operator/subspace_private.h"

#define SLICE ((size_t)1 << 20)    /* entries of the columns between two questions */
#define LONG_DRAW ((size_t)100000) /* entries that a question stands before */
#define NULL_VISIBLE 1e-3 /* part of a random unit vector that keep has to remove to be tested */

tw_status tw_probes_init(tw_probes *probes) {
    size_t n = probes->A->n;
    probes->whole = tw_space_dimension(probes->within.space, n);
    if (probes->whole == 0)
        return tw_fail(TW_ERR_ARGUMENT, "an operator of order 0 has no spectrum");
    tw_status status = tw_subspace_check(&probes->within, n);
    if (status == TW_OK) status = tw_budget_check(&probes->budget);
    if (status != TW_OK) return status;
    if (n > INT_MAX) return tw_fail(TW_ERR_UNSUPPORTED, "order %zu exceeds BLAS's int", n);
    probes->rank = tw_subspace_rank(&probes->within, n);
    return TW_NEW(probes->scratch, n);
}

void tw_probes_clear(tw_probes *probes) {
    free(probes->scratch);
    probes->scratch = NULL;
}

static bool asked_to_end(tw_probes *probes) {
    probes->cancelled |= tw_space_told_to_end(probes->within.space, &probes->budget, probes->stage,
                                              (double)probes->products, (double)probes->planned);
    return probes->cancelled;
}

tw_status tw_probes_keep(tw_probes *probes, double *x) {
    size_t n = probes->A->n;
    /* Sixteen draws of a million entries take a second on a busy machine. */
    if (probes->within.keep == NULL && n < LONG_DRAW) return TW_OK;
    if (asked_to_end(probes)) return tw_fail(TW_STOPPED, "ended while drawing probes");
    if (probes->within.keep == NULL) return TW_OK;
    tw_status status = tw_linop_apply(probes->within.keep, 1, x, n, probes->scratch, n);
    if (status == TW_OK) tw_copy(n, probes->scratch, x);
    return status;
}

tw_status tw_probes_draw(tw_probes *probes, uint64_t index, double *x) {
    tw_status status = TW_OK;
    size_t n = probes->A->n;
    tw_random stream;
    tw_random_init(&stream, probes->budget.seed, TW_PURPOSE_PROBE, index);
    tw_space_fill_normal(probes->within.space, &stream, n, x);
    for (int pass = 0; pass < 2; pass++) {
        TW_TRY(tw_probes_keep(probes, x));
        double length = tw_norm(probes->within.space, n, x);
        if (pass == 0) TW_TRY(tw_subspace_check_length(&probes->within, n, length));
        tw_scale(n, 1.0 / length, x);
    }
cleanup:
    return status;
}

bool tw_probes_allow(tw_probes *probes, size_t count) {
    size_t left = tw_budget_left(&probes->budget, probes->products);
    if (count > left) probes->refused = true;
    return count <= left && !probes->cancelled;
}

static tw_status slice_of_products(tw_probes *probes, size_t k, const double *X, double *Y) {
    size_t n = probes->A->n;
    tw_status status = tw_linop_draft(probes->A, k, X, n, Y, n);
    if (status != TW_OK) return status;
    size_t finite = 0; /* columns before the first that is not */
    while (finite < k && tw_all_finite(n, Y + finite * n)) finite++;
    probes->products += k;
    if (tw_space_any_of(probes->within.space, finite < k))
        return tw_fail(TW_ERR_NUMERIC, "product %zu of the operator of order %zu is not finite",
                       probes->products - k + (finite < k ? finite + 1 : k), probes->whole);
    for (size_t j = 0; j < k; j++)
        probes->size = fmax(probes->size, tw_norm(probes->within.space, n, Y + j * n));
    return TW_OK;
}

tw_status tw_probes_product(tw_probes *probes, size_t k, const double *X, double *Y) {
    size_t n = probes->A->n;
    size_t most = probes->whole < SLICE ? SLICE / probes->whole : 1;
    for (size_t j = 0; j < k; j += most) {
        if (j > 0 && asked_to_end(probes))
            return tw_fail(TW_STOPPED, "ended after %zu of %zu products", j, k);
        tw_status status =
            slice_of_products(probes, k - j < most ? k - j : most, X + j * n, Y + j * n);
        if (status != TW_OK) return status;
    }
    asked_to_end(probes);
    return TW_OK;
}

tw_status tw_probes_check_null(tw_probes *probes, double most, double *residual) {
    tw_status status = TW_OK;
    size_t n = probes->A->n;
    double *x = NULL, *y = NULL;
    *residual = (double)NAN;
    if (probes->within.keep == NULL || probes->rank == probes->whole || !tw_probes_allow(probes, 1))
        return TW_OK;
    TW_TRY(TW_NEW(x, n));
    TW_TRY(TW_NEW(y, n));
    tw_random stream;
    tw_random_init(&stream, probes->budget.seed, TW_PURPOSE_PROBE, TW_PROBES_NULL);
    tw_space_fill_normal(probes->within.space, &stream, n, x);
    TW_TRY(tw_linop_apply(probes->within.keep, 1, x, n, probes->scratch, n));
    tw_axpy(n, -1.0, probes->scratch, x);
    double length = tw_norm(probes->within.space, n, x);
    if (!(length > NULL_VISIBLE)) goto cleanup;
    tw_scale(n, 1.0 / length, x);
    double size = probes->size;
    TW_TRY(tw_probes_product(probes, 1, x, y));
    probes->size = size;
    *residual = tw_norm(probes->within.space, n, y);
    if (*residual > most)
        status = tw_fail(TW_ERR_DATA,
                         "the directions that keep removes are not null: ||A v|| = %.3g for a "
                         "random one, more than %.3g",
                         *residual, most);
cleanup:
    free(x);
    free(y);
    return status;
}

/* Rounding errors of n terms grow like sqrt(n) (Higham, Mary, SIAM J. Sci. Comput. 41, 2019). */
double tw_probes_rounding(const tw_probes *probes) {
    return (sqrt((double)probes->whole) + 10.0) * DBL_EPSILON;
}

tw_estimate_reason tw_probes_reason(const tw_probes *probes) {
    if (probes->cancelled) return TW_ESTIMATE_CANCELLED;
    return probes->refused ? TW_ESTIMATE_PRODUCTS : TW_ESTIMATE_COMPLETE;
}
