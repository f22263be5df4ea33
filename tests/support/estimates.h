/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What tests of estimators share: planted spectra with their known null space, a monitor that
 * stops.
 */
#ifndef TEST_ESTIMATES_H
#define TEST_ESTIMATES_H

#include <thalweg/base/monitor.h>
#include <thalweg/spectrum/estimate.h>

#include "conformance/planted.h"
#include "support/test.h"

enum { SIX_VALUES = 6, SIX_ORDER = 320, SIX_ZEROS = 66, SIX_SEED = 5 };

static const double six_values[SIX_VALUES][2] = {{0, 66},     {.005, 96},  {.01, 78},
                                                 {.1646, 64}, {.6285, 10}, {.6585, 6}};

/* The six values times a factor. */
static inline planted six_make(double scale) {
    double rows[SIX_VALUES][2];
    for (int i = 0; i < SIX_VALUES; i++) {
        rows[i][0] = scale * six_values[i][0];
        rows[i][1] = six_values[i][1];
    }
    return planted_copies(SIX_VALUES, (const double(*)[2])rows, SIX_SEED);
}

/* The projector beside the `zeros` smallest eigenvectors of planted_make(n, ., seed). */
static inline planted keep_make(size_t n, size_t zeros, uint64_t seed) {
    double *values = calloc(n, sizeof *values);
    for (size_t i = zeros; i < n; i++) values[i] = 1.0;
    planted keep = planted_make(n, values, seed);
    free(values);
    return keep;
}

enum { BULK = 750, BULK_ZEROS = 250, BULK_ORDER = BULK + BULK_ZEROS };

/* Zeros, and the numbers 1 + i/BULK: a uniform density of 3/4 on [1, 2]. */
static inline planted bulk_make(void) {
    double values[BULK_ORDER] = {0};
    for (size_t i = 0; i < BULK; i++) values[BULK_ZEROS + i] = 1.0 + ((double)i + 0.5) / BULK;
    return planted_make(BULK_ORDER, values, 3);
}

/* The truth within `errors` standard errors. */
static inline void check_interval(const tw_estimate *e, double truth, double errors,
                                  double rounding) {
    assert_near(e->value, truth, errors * e->error + rounding);
    assert_true(e->low <= e->value + rounding && e->value <= e->high + rounding);
}

/* Says stop at report number `limit`. */
typedef struct stopper {
    size_t calls, limit;
} stopper;

static inline bool stopper_report(void *self, const char *stage, double done, double total) {
    stopper *s = self;
    (void)stage;
    (void)done;
    (void)total;
    return ++s->calls >= s->limit;
}

#endif
