/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The contract of tw_objective.hessian: products are at the x that is passed, to the last bit,
 * whatever was evaluated before. */
#ifndef TEST_SUPPORT_PRODUCTS_H
#define TEST_SUPPORT_PRODUCTS_H

#include <thalweg/base/random.h>
#include <thalweg/model/objective.h>

#include "support/test.h"

enum { PRODUCT_COLUMNS = 3 };

static inline void products_at(const tw_objective *f, const double *x, const double *V, double *Y) {
    assert_ok(f->hessian(f->self, x, PRODUCT_COLUMNS, V, f->n, Y, f->n));
}

/* x and y: two points where the Hessians differ unless `constant`; the first use of f. */
static inline void check_products_at_x(const tw_objective *f, const double *x, const double *y,
                                       bool constant) {
    size_t n = f->n, count = n * PRODUCT_COLUMNS, bytes = count * sizeof(double);
    double *V = calloc(count, sizeof *V), *at_x = calloc(count, sizeof *V),
           *at_y = calloc(count, sizeof *V), *Y = calloc(count, sizeof *V),
           *g = calloc(n, sizeof *g), *z = calloc(n, sizeof *z), value;
    tw_random stream;
    tw_random_init(&stream, 5, TW_PURPOSE_TEST, n);
    tw_random_fill_normal(&stream, count, V);
    products_at(f, x, V, Y); /* nothing was evaluated yet */
    assert_ok(f->eval(f->self, y, &value, g));
    products_at(f, y, V, at_y);
    assert_ok(f->eval(f->self, x, &value, g));
    products_at(f, x, V, at_x);
    assert_memory_equal(Y, at_x, bytes);
    assert_true(constant == (memcmp(at_x, at_y, bytes) == 0));
    assert_ok(f->eval(f->self, y, &value, NULL));
    products_at(f, x, V, Y);
    assert_memory_equal(Y, at_x, bytes);
    assert_ok(f->eval(f->self, y, &value, g));
    products_at(f, x, V, Y);
    assert_memory_equal(Y, at_x, bytes);
    memcpy(z, x, n * sizeof *z); /* one array, two points */
    assert_ok(f->eval(f->self, z, &value, g));
    memcpy(z, y, n * sizeof *z);
    products_at(f, z, V, Y);
    assert_memory_equal(Y, at_y, bytes);
    for (size_t i = 0; i < n; i++) z[i] = NAN;
    (void)f->eval(f->self, z, &value, g);
    products_at(f, x, V, Y);
    assert_memory_equal(Y, at_x, bytes);
    double *arrays[] = {V, at_x, at_y, Y, g, z};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) free(arrays[i]);
}

#endif
