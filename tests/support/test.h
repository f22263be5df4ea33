/* SPDX-License-Identifier: GPL-3.0-or-later */
/* cmocka with the headers it needs, and the few assertions that numerical tests share. */
#ifndef TEST_SUPPORT_H
#define TEST_SUPPORT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above first */
#include <cmocka.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/base/status.h>

/* A library call that has to succeed; the sentence is printed when it does not. */
#define assert_ok(call)                                                                            \
    do {                                                                                           \
        tw_status assert_ok_status = (call);                                                       \
        if (assert_ok_status != TW_OK)                                                             \
            fail_msg("%s: %s: %s", #call, tw_status_name(assert_ok_status), tw_last_error());      \
    } while (0)

/* |a - b| <= tolerance, with the figures in the message. */
#define assert_near(a, b, tolerance)                                                               \
    do {                                                                                           \
        double assert_near_a = (a), assert_near_b = (b), assert_near_t = (tolerance);              \
        if (!(fabs(assert_near_a - assert_near_b) <= assert_near_t))                               \
            fail_msg("%s = %.17g, %s = %.17g: they differ by %.3g > %.3g", #a, assert_near_a, #b,  \
                     assert_near_b, fabs(assert_near_a - assert_near_b), assert_near_t);           \
    } while (0)

static inline double test_largest(size_t n, const double *x) {
    double largest = 0.0;
    for (size_t i = 0; i < n; i++) largest = fmax(largest, fabs(x[i]));
    return largest;
}

static inline double test_distance(size_t n, const double *x, const double *y) {
    double largest = 0.0;
    for (size_t i = 0; i < n; i++) largest = fmax(largest, fabs(x[i] - y[i]));
    return largest;
}

#endif
