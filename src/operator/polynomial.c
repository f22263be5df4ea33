/* SPDX-License-Identifier: GPL-3.0-or-later */
/* p(A) X by the recurrence T_{j+1} = 2 x(A) T_j - T_{j-1}, T_0 = X, T_1 = x(A) X. It is stable for
 * a spectrum within [centre - half_width, centre + half_width]: no T_j X is longer than X. */
#include <thalweg/operator/polynomial.h>

#include <math.h>
#include <stdlib.h>

#include "base/alloc_private.h"
#include "dense/vector_private.h"

enum { BLOCK = 8, PANELS = 3 };

double tw_chebyshev_eval(const tw_chebyshev *series, double t) {
    double x = (t - series->centre) / series->half_width;
    double before = 1.0, now = x, sum = series->coefficients[0];
    for (size_t j = 1; j <= series->degree; j++) {
        sum += series->coefficients[j] * now;
        double after = 2.0 * x * now - before;
        before = now;
        now = after;
    }
    return sum;
}

/* The series of a delta function at 0 has cos(j pi/2) = T_j(0) as its coefficients: 1, 0, -1, 0. */
void tw_chebyshev_bump(size_t degree, double *coefficients) {
    double top = 0.0, terms = (double)degree + 1.0, step = acos(-1.0) / (terms + 1.0);
    for (size_t j = 0; j <= degree; j++) {
        double angle = step * (double)j;
        double damping = (terms - (double)j + 1.0) * cos(angle) + sin(angle) / tan(step);
        double at_zero = j % 2 ? 0.0 : j % 4 ? -1.0 : 1.0;
        coefficients[j] = (j == 0 ? 1.0 : 2.0) * damping * at_zero;
        top += coefficients[j] * at_zero;
    }
    for (size_t j = 0; j <= degree; j++) coefficients[j] /= top;
}

tw_status tw_polynomial_init(tw_polynomial *polynomial, const tw_linop *A, tw_chebyshev series) {
    tw_status status = TW_OK;
    *polynomial = (tw_polynomial){.A = A, .series = series};
    if (!(series.half_width > 0.0) || !isfinite(series.half_width) || !isfinite(series.centre))
        return tw_fail(TW_ERR_ARGUMENT, "a Chebyshev series on %g +- %g", series.centre,
                       series.half_width);
    TW_TRY(TW_NEW(polynomial->coefficients, series.degree + 1));
    TW_TRY(TW_NEW(polynomial->work, PANELS * BLOCK * A->n));
    tw_copy(series.degree + 1, series.coefficients, polynomial->coefficients);
    polynomial->series.coefficients = polynomial->coefficients;
cleanup:
    if (status != TW_OK) tw_polynomial_clear(polynomial);
    return status;
}

void tw_polynomial_clear(tw_polynomial *polynomial) {
    free(polynomial->coefficients);
    free(polynomial->work);
    *polynomial = (tw_polynomial){0};
}

/* after = factor x(A) now - before, all n x k without gaps; before NULL: 0. */
static tw_status step(tw_polynomial *p, size_t k, double factor, const double *now,
                      const double *before, double *after) {
    size_t n = p->A->n;
    double scale = factor / p->series.half_width;
    tw_status status = tw_linop_draft(p->A, k, now, n, after, n);
    if (status != TW_OK) return status;
    p->products += k;
    for (size_t i = 0; i < n * k; i++)
        after[i] = scale * (after[i] - p->series.centre * now[i]) - (before ? before[i] : 0.0);
    return TW_OK;
}

/* k <= BLOCK. */
static tw_status apply_block(tw_polynomial *p, size_t k, const double *X, size_t ldx, double *Y,
                             size_t ldy) {
    size_t n = p->A->n;
    double *before = p->work, *now = before + BLOCK * n, *after = now + BLOCK * n;
    for (size_t c = 0; c < k; c++) {
        tw_copy(n, X + c * ldx, now + c * n);
        tw_copy(n, X + c * ldx, Y + c * ldy);
        tw_scale(n, p->coefficients[0], Y + c * ldy);
    }
    for (size_t j = 1; j <= p->series.degree; j++) {
        double *kept = before;
        if (tw_monitor_report(p->monitor, "filter", 0.0, 0.0))
            return tw_fail(TW_STOPPED, "ended after %zu of %zu products of a filter", j - 1,
                           p->series.degree);
        tw_status status = step(p, k, j == 1 ? 1.0 : 2.0, now, j == 1 ? NULL : before, after);
        if (status != TW_OK) return status;
        for (size_t c = 0; c < k && p->coefficients[j] != 0.0; c++)
            tw_axpy(n, p->coefficients[j], after + c * n, Y + c * ldy);
        before = now;
        now = after;
        after = kept;
    }
    return TW_OK;
}

static tw_status apply(void *self, size_t k, const double *X, size_t ldx, double *Y, size_t ldy) {
    tw_status status = TW_OK;
    for (size_t j = 0; j < k; j += BLOCK) {
        size_t count = k - j < BLOCK ? k - j : BLOCK;
        TW_TRY(apply_block(self, count, X + j * ldx, ldx, Y + j * ldy, ldy));
    }
cleanup:
    return status;
}

tw_linop tw_polynomial_linop(tw_polynomial *polynomial) {
    return (tw_linop){.n = polynomial->A->n, .apply = apply, .self = polynomial};
}
