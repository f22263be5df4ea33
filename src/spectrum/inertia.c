/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counting eigenvalues by Sylvester's law of inertia.
 *
 * B = A - s I = P L D L^T P^T (Bunch, Kaufman, Math. Comp. 31, 1977; D has blocks of order 1 and 2)
 * has as many negative eigenvalues as D, that is as A has below s. No eigenvalue is computed, and
 * no iteration has to converge: this route shares nothing with dsyevd beyond the matrix.
 *
 * In floating point D belongs to B + E, and a count can only be wrong when an eigenvalue of B is
 * smaller than ||E||. So the margin is
 *
 *     |t| / max(||E v||, (n + 10) eps (||A|| + |s|) g),
 *
 * (t, v) the eigenpair of B nearest to 0, found by inverse iteration from a random vector with the
 * factor itself. ||E v|| is measured: y = computed B^-1 x leaves x - B y, about E y. The second
 * term is what one has to expect (Higham, Accuracy and Stability of Numerical Algorithms, section
 * 11.1): g = max |D| / max |B_ij|, at least 1, stands for the element growth, the 10 for the
 * products that A was assembled from. Inverse iteration takes the distance of an eigenvalue from
 * above, and from a random start it takes the nearest one. */
#include <thalweg/spectrum/inertia.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <thalweg/base/random.h>

#include "base/alloc_private.h"
#include "dense/factor_private.h"
#include "dense/matrix_private.h"
#include "dense/slices_private.h"
#include "dense/vector_private.h"
#include "spectrum/assemble_private.h"

#define SUM 10.0 /* terms of rounding at any order */

enum { BLOCK = 64, NORM_STEPS = 20, INVERSE_STEPS = 4 };

/* y = (A - shift) x. */
static void multiply(const tw_inertia *in, double shift, const double *x, double *y) {
    tw_multiply(1.0, tw_plain(in->matrix, in->n, in->n), tw_plain(x, in->n, 1), 0.0,
                tw_mat(y, in->n, 1));
    tw_axpy(in->n, -shift, x, y);
}

/* x = x/||x||; the length before. */
static double normalise(size_t n, double *x) {
    double length = tw_norm(NULL, n, x);
    if (length > 0.0) tw_scale(n, 1.0 / length, x);
    return length;
}

static void draw(const tw_inertia *in, uint64_t index, double *x) {
    tw_random stream;
    tw_random_init(&stream, 1, TW_PURPOSE_PROBE, index);
    tw_random_fill_normal(&stream, in->n, x);
    normalise(in->n, x);
}

static void measure_norm(tw_inertia *in) {
    double *x = in->vectors, *y = x + in->n;
    draw(in, 0, x);
    for (int i = 0; i < NORM_STEPS; i++) {
        multiply(in, 0.0, x, y);
        double length = normalise(in->n, y);
        in->norm = fmax(in->norm, length);
        if (length == 0.0) return;
        tw_copy(in->n, y, x);
    }
}

tw_status tw_inertia_init(tw_inertia *in, const tw_linop *A, const tw_monitor *monitor) {
    tw_status status = TW_OK;
    tw_assembly assembly = {.A = A, .monitor = monitor, .block = A->n < BLOCK ? A->n : BLOCK};
    *in = (tw_inertia){.n = A->n, .monitor = monitor};
    if (A->n == 0) return TW_OK;
    TW_TRY(tw_assembly_check(A));
    TW_TRY(TW_NEW(in->matrix, A->n * A->n));
    TW_TRY(TW_NEW(in->factor, A->n * A->n));
    TW_TRY(TW_NEW(in->vectors, 3 * A->n));
    TW_TRY(TW_NEW(in->pivots, A->n));
    TW_TRY(TW_NEW(assembly.panel, A->n * assembly.block));
    TW_TRY(tw_assemble(&assembly, in->matrix));
    in->asymmetry = assembly.asymmetry;
    in->products = assembly.products;
    in->cancelled = assembly.cancelled;
    if (!in->cancelled) measure_norm(in);
cleanup:
    free(assembly.panel);
    if (status != TW_OK) tw_inertia_clear(in);
    return status;
}

void tw_inertia_clear(tw_inertia *in) {
    if (in == NULL) return;
    free(in->matrix);
    free(in->factor);
    free(in->vectors);
    free(in->pivots);
    *in = (tw_inertia){0};
}

/* Largest |entry|. */
static double largest(size_t count, const double *x) {
    double size = 0.0;
    for (size_t i = 0; i < count; i++) size = fmax(size, fabs(x[i]));
    return size;
}

/* factor = A - shift; its largest entry. */
static double fill(tw_inertia *in, double shift) {
    size_t n = in->n;
    tw_copy(n * n, in->matrix, in->factor);
    for (size_t j = 0; j < n; j++) in->factor[j + j * n] -= shift;
    return largest(n * n, in->factor);
}

/* Smallest |eigenvalue| of B as split->nearest; *error: largest ||E v|| met on the way. */
static tw_status find_nearest(tw_inertia *in, double shift, tw_inertia_split *split,
                              double *error) {
    size_t n = in->n;
    double *x = in->vectors, *y = x + n, *image = y + n;
    draw(in, 1, x);
    for (int i = 0; i < INVERSE_STEPS; i++) {
        tw_copy(n, x, y);
        tw_status status = tw_symmetric_solve(n, in->factor, in->pivots, y);
        if (status != TW_OK) return status;
        if (!tw_all_finite(n, y)) return TW_OK; /* B is singular for all that can be seen */
        multiply(in, shift, y, image);
        double length = tw_norm(NULL, n, y);
        tw_axpy(n, -1.0, x, image);
        *error = fmax(*error, tw_norm(NULL, n, image) / length);
        split->nearest = 1.0 / length;
        tw_scale(n, 1.0 / length, y);
        tw_copy(n, y, x);
    }
    multiply(in, shift, x, image);
    split->nearest = fmin(split->nearest, tw_norm(NULL, n, image));
    return TW_OK;
}

static void count_pivots(tw_inertia *in, tw_inertia_split *split, double *top) {
    double *pivots = in->vectors;
    tw_symmetric_pivots(in->n, in->factor, in->pivots, pivots);
    for (size_t i = 0; i < in->n; i++) {
        split->below += pivots[i] < 0.0;
        split->at += pivots[i] == 0.0;
        split->above += pivots[i] > 0.0;
    }
    *top = largest(in->n, pivots);
}

tw_status tw_inertia_at(tw_inertia *in, double shift, tw_inertia_split *split) {
    tw_status status = TW_OK;
    bool singular = false;
    double top = 0.0, error = 0.0;
    *split = (tw_inertia_split){.nearest = INFINITY, .margin = INFINITY};
    if (!isfinite(shift)) return tw_fail(TW_ERR_ARGUMENT, "shift %g", shift);
    if (in->cancelled) return tw_fail(TW_ERR_ARGUMENT, "the assembly was cancelled");
    if (in->n == 0) return TW_OK;
    double entry = fill(in, shift);
    TW_TRY(tw_sliced_factor(in->n, in->factor, in->pivots, &singular, in->monitor));
    count_pivots(in, split, &top);
    split->nearest = 0.0;
    if (!singular) TW_TRY(find_nearest(in, shift, split, &error));
    double growth = entry > 0.0 ? fmax(1.0, top / entry) : 1.0;
    double rounding = ((double)in->n + SUM) * DBL_EPSILON * (in->norm + fabs(shift)) * growth;
    split->margin = rounding > 0.0 ? split->nearest / fmax(rounding, error) : 0.0;
    split->uncertain = !(split->margin >= 1.0);
cleanup:
    return status;
}

tw_status tw_inertia_count(tw_inertia *in, double threshold, tw_inertia_counts *counts) {
    tw_status status = TW_OK;
    tw_inertia_split low, high;
    *counts = (tw_inertia_counts){0};
    if (!(threshold >= 0.0)) return tw_fail(TW_ERR_ARGUMENT, "threshold %g", threshold);
    TW_TRY(tw_inertia_at(in, -threshold, &low));
    TW_TRY(tw_inertia_at(in, threshold, &high));
    counts->negative = low.below;
    counts->positive = high.above;
    counts->zero = in->n - low.below - high.above;
    counts->margin = fmin(low.margin, high.margin);
    counts->uncertain = low.uncertain || high.uncertain;
cleanup:
    return status;
}

void tw_inertia_cost(size_t n, size_t shifts, tw_cost *cost) {
    double order = (double)n;
    *cost = (tw_cost){.bytes = 8.0 * order * (2.0 * order + BLOCK + 3.0),
                      .flops = (double)shifts * order * order * order / 3.0};
    tw_cost_set_products(cost, order, order);
}
