/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/base/random.h>
#include <thalweg/spectrum/spectrum.h>

#include "claims/selftest_private.h"

enum { ORDER = 320, VALUES = 6 };

/* Q diag(values) Q with the reflection Q = I - 2 u u^T, |u| = 1: any spectrum, no preferred axis.
 */
typedef struct planted {
    const char *name;
    double values[ORDER], u[ORDER];
} planted;

static void reflect(const planted *p, double *x) {
    double along = 0.0;
    for (size_t i = 0; i < ORDER; i++) along += p->u[i] * x[i];
    for (size_t i = 0; i < ORDER; i++) x[i] -= 2.0 * along * p->u[i];
}

static tw_status apply(void *self, size_t k, const double *X, size_t ldx, double *Y, size_t ldy) {
    const planted *p = self;
    for (size_t j = 0; j < k; j++) {
        double *y = Y + j * ldy;
        memcpy(y, X + j * ldx, ORDER * sizeof *y);
        reflect(p, y);
        for (size_t i = 0; i < ORDER; i++) y[i] *= p->values[i];
        reflect(p, y);
    }
    return TW_OK;
}

/* A plan: distinct values with copies, filled up with the last one. */
static void plant(planted *p, const char *name, const double *values, const size_t *copies,
                  uint64_t seed) {
    tw_random stream;
    double size = 0.0;
    size_t at = 0;
    p->name = name;
    for (size_t v = 0; v < VALUES; v++)
        for (size_t c = 0; c < copies[v] && at < ORDER; c++) p->values[at++] = values[v];
    tw_random_init(&stream, seed, TW_PURPOSE_TEST, 0);
    tw_random_fill_normal(&stream, ORDER, p->u);
    for (size_t i = 0; i < ORDER; i++) size = hypot(size, p->u[i]);
    for (size_t i = 0; i < ORDER; i++) p->u[i] /= size;
}

static tw_status check_planted(planted *p, const char *engine, size_t count,
                               tw_selftest_result *checks) {
    tw_status status = TW_OK;
    const tw_linop A = {.n = ORDER, .apply = apply, .self = p};
    double worst = 0.0;
    for (tw_end end = TW_END_SMALLEST; end <= TW_END_LARGEST; end++) {
        tw_search_options options = TW_SEARCH_DEFAULTS;
        tw_search_result search;
        options.end = end;
        options.count = count;
        options.engine = engine;
        options.budget.seed = checks->seed;
        TW_TRY(tw_spectrum_search(&A, &options, &search));
        size_t from = end == TW_END_SMALLEST ? 0 : ORDER - count;
        if (search.pairs.count != count) worst = NAN;
        for (size_t i = 0; i < search.pairs.count && i < count; i++)
            worst = fmax(worst, fabs(search.pairs.values[i] - p->values[from + i]));
        tw_search_result_clear(&search);
    }
    tw_checks_add(checks, worst, 1e-10, "%s: %zu at either end by %s", p->name, count, engine);
cleanup:
    return status;
}

tw_status tw_selftest_spectra(tw_selftest_result *checks) {
    tw_status status = TW_OK;
    static const struct {
        const char *name;
        double values[VALUES];
        size_t copies[VALUES];
    } plans[] = {
        {"six values", {0, .005, .01, .1646, .6285, .6585}, {66, 96, 78, 64, 10, 6}},
        {"identity", {1, 1, 1, 1, 1, 1}, {320, 0, 0, 0, 0, 0}},
        {"zero", {0, 0, 0, 0, 0, 0}, {320, 0, 0, 0, 0, 0}},
        {"twins 1e-10 apart", {-1, 0, .5, .5 + 1e-10, 1, 1 + 1e-10}, {3, 100, 100, 107, 5, 5}},
    };
    static const size_t counts[] = {1, 7, 71};
    for (size_t i = 0; i < sizeof plans / sizeof *plans; i++)
        for (size_t e = 0; tw_engine_at(e); e++)
            for (size_t c = 0; c < sizeof counts / sizeof *counts; c++) {
                planted p;
                plant(&p, plans[i].name, plans[i].values, plans[i].copies, checks->seed);
                TW_TRY(check_planted(&p, tw_engine_at(e), counts[c], checks));
            }
cleanup:
    return status;
}
