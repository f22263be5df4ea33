/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/training/log_fit.h>

#include <gsl/gsl_fit.h>
#include <math.h>
#include <stdlib.h>

#include "base/alloc_private.h"

static tw_status check(size_t count, const double *t, const double *q, double decades) {
    if (!(decades > 0.0)) return tw_fail(TW_ERR_ARGUMENT, "a fit over %g decades", decades);
    for (size_t i = 0; i < count; i++) {
        if (!isfinite(t[i]) || !isfinite(q[i]))
            return tw_fail(TW_ERR_DATA, "point %zu of a series is (%g, %g)", i, t[i], q[i]);
        if (i > 0 && !(t[i] > t[i - 1]))
            return tw_fail(TW_ERR_DATA, "times of a series ascend, not %g, %g", t[i - 1], t[i]);
    }
    return TW_OK;
}

/* The line through (1/log t, q); its intercept is the limit. */
static tw_status fit_line(size_t count, const double *t, const double *q, tw_log_fit *fit) {
    tw_status status = TW_OK;
    double *x = NULL, limit_variance, covariance, rate_variance, squares;
    TW_TRY(TW_NEW(x, count));
    for (size_t i = 0; i < count; i++) x[i] = 1.0 / log(t[i]);
    if (gsl_fit_linear(x, 1, q, 1, count, &fit->limit, &fit->rate, &limit_variance, &covariance,
                       &rate_variance, &squares) != 0)
        TW_TRY(tw_fail(TW_ERR_NUMERIC, "no line fits %zu points", count));
    fit->limit_error = sqrt(limit_variance);
    fit->rate_error = sqrt(rate_variance);
    fit->residual = sqrt(squares / (double)count);
cleanup:
    free(x);
    return status;
}

tw_status tw_log_fit_series(size_t count, const double *t, const double *q, double decades,
                            tw_log_fit *fit) {
    tw_status status = check(count, t, q, decades);
    if (status != TW_OK) return status;
    size_t first = 0;
    while (first < count && (t[first] <= 1.0 || t[first] < t[count - 1] * pow(10.0, -decades)))
        first++;
    tw_log_fit made = {.points = count - first};
    made.limit = made.limit_error = made.rate = made.rate_error = made.residual = NAN;
    made.from = made.points ? t[first] : (double)NAN;
    made.until = made.points ? t[count - 1] : (double)NAN;
    if (made.points >= 3) status = fit_line(made.points, t + first, q + first, &made);
    if (status == TW_OK) *fit = made;
    return status;
}
