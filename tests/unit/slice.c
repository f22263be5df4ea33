/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Slices of functions whose values are known, and the directions of a DUFM. */
#include <thalweg/curvature/slice.h>
#include <thalweg/examination/point_slice.h>

#include <thalweg/operator/hessian.h>
#include <thalweg/spectrum/spectrum.h>

#include "support/built.h"
#include "support/test.h"

enum { N = 3 };

/* f = x^2 + 3 y^2 + x y + z^3, without a value for z > 2. */
static tw_status eval(void *self, const double *x, double *value, double *gradient) {
    (void)self;
    if (x[2] > 2.0) return tw_fail(TW_ERR_NUMERIC, "%g is above 2", x[2]);
    *value = x[0] * x[0] + 3.0 * x[1] * x[1] + x[0] * x[1] + x[2] * x[2] * x[2];
    if (gradient == NULL) return TW_OK;
    gradient[0] = 2.0 * x[0] + x[1];
    gradient[1] = 6.0 * x[1] + x[0];
    gradient[2] = 3.0 * x[2] * x[2];
    return TW_OK;
}

static tw_status hessian(void *self, const double *x, size_t k, const double *V, size_t ldv,
                         double *Y, size_t ldy) {
    (void)self;
    for (size_t j = 0; j < k; j++) {
        const double *v = V + j * ldv;
        Y[j * ldy] = 2.0 * v[0] + v[1];
        Y[j * ldy + 1] = 6.0 * v[1] + v[0];
        Y[j * ldy + 2] = 6.0 * x[2] * v[2];
    }
    return TW_OK;
}

static const tw_objective f = {.n = N, .eval = eval, .hessian = hessian, .self = NULL};
static const double origin[N] = {0.5, -1.0, 1.0}, along[N] = {1.0, 2.0, 0.0},
                    across[N] = {0.0, 0.0, 0.5};

static double at(double s, double t) {
    double x = 0.5 + s, y = -1.0 + 2.0 * s, z = 1.0 + 0.5 * t;
    return x * x + 3.0 * y * y + x * y + z * z * z;
}

static void grid_values(void **state) {
    (void)state;
    const tw_axis axes[] = {{along, -1.0, 1.0, 5}, {across, -2.0, 4.0, 4}};
    double values[20];
    size_t done = 0;
    assert_ok(tw_slice_sample(&f, origin, 2, axes, NULL, values, &done));
    assert_int_equal(done, 4);
    for (size_t j = 0; j < 4; j++)
        for (size_t i = 0; i < 5; i++) {
            double s = -1.0 + 0.5 * (double)i, t = -2.0 + 2.0 * (double)j;
            assert_true(tw_axis_at(&axes[0], i) == s && tw_axis_at(&axes[1], j) == t);
            if (t > 2.0)
                assert_true(isnan(values[5 * j + i]));
            else
                assert_true(values[5 * j + i] == at(s, t)); /* all are dyadic: no rounding */
        }
    assert_ok(tw_slice_sample(&f, origin, 1, axes, NULL, values, &done));
    assert_int_equal(done, 1);
    assert_true(values[2] == at(0.0, 0.0));
}

static bool end_at_once(void *self, const char *stage, double done, double total) {
    (void)self;
    (void)stage;
    (void)done;
    (void)total;
    return true;
}

static void refused(void **state) {
    (void)state;
    tw_axis axis = {along, 0.0, 1.0, 1};
    double values[4];
    size_t done;
    assert_int_equal(tw_slice_sample(&f, origin, 1, &axis, NULL, values, &done), TW_ERR_ARGUMENT);
    axis = (tw_axis){along, 1.0, 1.0, 3};
    assert_int_equal(tw_slice_sample(&f, origin, 1, &axis, NULL, values, &done), TW_ERR_ARGUMENT);
    axis.from = 0.0;
    assert_int_equal(tw_slice_sample(&f, origin, 0, &axis, NULL, values, &done), TW_ERR_ARGUMENT);
    tw_slice_curvature curvature;
    assert_int_equal(tw_slice_compare(&f, origin, along, 0.0, NULL, &curvature), TW_ERR_ARGUMENT);
    const tw_monitor monitor = {end_at_once, NULL};
    tw_barrier barrier;
    assert_int_equal(tw_slice_barrier(&f, origin, along, 3, &monitor, &barrier), TW_STOPPED);
    assert_int_equal(tw_slice_barrier(&f, origin, along, 2, NULL, &barrier), TW_ERR_ARGUMENT);
}

static bool end_at_seven(void *self, const char *stage, double done, double total) {
    (void)self;
    (void)stage;
    assert_true(total == 20.0);
    return done >= 7.0;
}

static void ended(void **state) {
    (void)state;
    const tw_axis axes[] = {{along, -1.0, 1.0, 5}, {across, -2.0, 2.0, 4}};
    const tw_monitor monitor = {end_at_seven, NULL};
    double values[20] = {0.0};
    size_t done = 9;
    assert_ok(tw_slice_sample(&f, origin, 2, axes, &monitor, values, &done));
    assert_int_equal(done, 1);
    assert_true(values[4] == at(1.0, -2.0));
}

/* The second difference is the curvature along a quadratic; along a cubic too, by symmetry. */
static void curvature_beside_hessian(void **state) {
    (void)state;
    tw_slice_curvature c;
    assert_ok(tw_slice_compare(&f, origin, along, 0.25, NULL, &c));
    assert_near(c.length, sqrt(5.0), 2.0 * DBL_EPSILON);
    assert_true(c.hessian == 30.0); /* 2 + 2 * 2 + 6 * 4 */
    assert_near(c.slice, 30.0, c.rounding);
    assert_true(c.slope == 0.0 * 1.0 + -5.5 * 2.0);
    assert_ok(tw_slice_compare(&f, origin, across, 0.25, NULL, &c));
    assert_true(c.hessian == 1.5);
    assert_near(c.slice, 1.5, c.rounding);
}

/* Where the highest value is an end, nothing stands between them. */
static void no_barrier(void **state) {
    (void)state;
    tw_barrier b;
    assert_ok(tw_slice_barrier(&f, origin, along, 11, NULL, &b)); /* convex */
    assert_true(b.height == 0.0 && b.at == 1.0);
    assert_true(b.first == at(0.0, 0.0) && b.second == at(1.0, 0.0));
    /* (2 s - 1)^2 - 3.375 s^3 has the slope 8 s - 4 - 10.125 s^2 < 0: it falls all the way */
    const double start[N] = {-1.0, 0.0, 0.0}, line[N] = {2.0, 0.0, -1.5};
    assert_ok(tw_slice_barrier(&f, start, line, 11, NULL, &b));
    assert_true(b.height == 0.0 && b.at == 0.0);
}

/* A hump: cos along one coordinate. */
static tw_status eval_hump(void *self, const double *x, double *value, double *gradient) {
    (void)self;
    *value = cos(x[0]);
    if (gradient) gradient[0] = -sin(x[0]);
    return TW_OK;
}

static void hump(void **state) {
    (void)state;
    const tw_objective g = {.n = 1, .eval = eval_hump, .hessian = NULL, .self = NULL};
    const double from = -1.0, line = 2.5; /* to 1.5: the top is at s = 0.4, between grid points */
    tw_barrier b;
    assert_ok(tw_slice_barrier(&g, &from, &line, 8, NULL, &b));
    assert_near(b.top, 1.0, 2.0 * DBL_EPSILON);
    assert_near(b.at, 0.4, 1e-8); /* a maximum is known to the root of eps */
    assert_near(b.height, 1.0 - cos(1.0), 4.0 * DBL_EPSILON);
}

/* ---- Directions ---- */

static const test_case deep = {"ce", "linear", 4, 2, 5, 2, 4e-3};

static void make(built *b, const char *text, const double *target, double *direction) {
    tw_direction_options options = TW_DIRECTION_DEFAULTS;
    options.target = target;
    assert_ok(tw_direction_make(b->evaluator, b->point.theta, text, &options, direction));
}

static double *room(const built *b) {
    return calloc(tw_dufm_parameters(&b->point.model), sizeof(double));
}

static double norm_of(size_t count, size_t stride, const double *x) {
    double sum = 0.0;
    for (size_t i = 0; i < count; i++) sum += x[i * stride] * x[i * stride];
    return sqrt(sum);
}

/* Every filter has the norm of the point's. */
static void filters(void **state) {
    (void)state;
    built b = build(&deep, "random:normal:0.7", 1);
    double *v = room(&b);
    make(&b, "random", NULL, v);
    for (size_t l = 0; l <= 2; l++) {
        tw_block block = tw_dufm_factor(&b.point.model, l);
        size_t count = l == 0 ? block.cols : block.rows, length = l == 0 ? block.rows : block.cols;
        for (size_t i = 0; i < count; i++) {
            size_t first = block.offset + (l == 0 ? i * block.rows : i);
            size_t stride = l == 0 ? 1 : block.rows;
            double wanted = norm_of(length, stride, b.point.theta + first);
            assert_near(norm_of(length, stride, v + first), wanted, 20.0 * DBL_EPSILON * wanted);
        }
    }
    free(v);
    built_clear(&b);
}

/* Residuals against a fresh product; both routes agree on the eigenvalue. */
static void eigenvectors(void **state) {
    (void)state;
    static const char *const names[] = {"eigen:1", "eigen:3", "eigen:-1", "eigen:-2"};
    built b = build(&deep, "random:normal:0.7", 1);
    size_t n = tw_dufm_parameters(&b.point.model);
    tw_objective g = tw_evaluator_objective(b.evaluator);
    tw_hessian hessian_at = tw_hessian_at(&g, b.point.theta);
    tw_dense_result dense;
    double *v = room(&b), *w = room(&b);
    tw_linop H = tw_hessian_linop(&hessian_at);
    assert_ok(tw_spectrum_dense(&H, NULL, &dense));
    const double wanted[] = {dense.pairs.values[n - 1], dense.pairs.values[n - 3],
                             dense.pairs.values[0], dense.pairs.values[1]};
    for (size_t i = 0; i < 8; i++) {
        tw_direction_options options = TW_DIRECTION_DEFAULTS;
        options.budget.dense_limit = i < 4 ? n : 1;
        assert_ok(tw_direction_make(b.evaluator, b.point.theta, names[i % 4], &options, v));
        assert_near(norm_of(n, 1, v), 1.0, 1e-13);
        tw_slice_curvature c;
        assert_ok(tw_slice_compare(&g, b.point.theta, v, 1e-3, NULL, &c));
        assert_near(c.hessian, wanted[i % 4], 1e-10 * dense.norm);
    }
    tw_dense_result_clear(&dense);
    free(v);
    free(w);
    built_clear(&b);
}

/* Nothing changes along the orbit, and `to` ends at the target. */
static void gauge_and_to(void **state) {
    (void)state;
    built a = build(&deep, "dnc", 1), b = build(&deep, "cross-polytope", 1);
    size_t n = tw_dufm_parameters(&a.point.model);
    tw_objective g = tw_evaluator_objective(a.evaluator);
    double *v = room(&a);
    tw_slice_curvature c;
    make(&a, "gauge", NULL, v);
    assert_ok(tw_slice_compare(&g, a.point.theta, v, 1e-3, NULL, &c));
    assert_near(c.length, 1.0, 1e-13);
    assert_near(c.hessian, 0.0, 1e-14);
    assert_near(c.slope, 0.0, 1e-15);
    make(&a, "to", b.point.theta, v);
    for (size_t i = 0; i < n; i++) v[i] += a.point.theta[i];
    assert_near(test_distance(n, v, b.point.theta), 0.0, 2.0 * DBL_EPSILON * test_largest(n, v));
    free(v);
    built_clear(&a);
    built_clear(&b);
}

static void no_direction(void **state) {
    (void)state;
    static const char *const wrong[] = {"",         "eigen",    "eigen:", "eigen:0",
                                        "eigen:1x", "random:1", "rand",   "to:1"};
    const tw_direction_kind *kind;
    built zero = build(&deep, "zero", 1);
    double *v = room(&zero);
    tw_direction_options options = TW_DIRECTION_DEFAULTS;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        assert_int_equal(tw_direction_read(wrong[i], &kind), TW_ERR_ARGUMENT);
    for (size_t i = 0; tw_direction_kind_at(i); i++)
        assert_non_null(tw_direction_kind_at(i)->summary);
    assert_int_equal(tw_direction_make(zero.evaluator, zero.point.theta, "random", &options, v),
                     TW_ERR_DATA);
    assert_int_equal(tw_direction_make(zero.evaluator, zero.point.theta, "gauge", &options, v),
                     TW_ERR_DATA);
    assert_int_equal(tw_direction_make(zero.evaluator, zero.point.theta, "eigen:1000", &options, v),
                     TW_ERR_DATA);
    assert_int_equal(tw_direction_make(zero.evaluator, zero.point.theta, "to", &options, v),
                     TW_ERR_ARGUMENT);
    free(v);
    built_clear(&zero);
}

static void directions_are_read_or_refused(void **state) {
    (void)state;
    static const struct {
        const char *along;
        bool second;
        const char *part; /* of the refusal; NULL: they are read */
    } cases[] = {{NULL, false, NULL},
                 {NULL, true, NULL},
                 {"random,random", false, NULL},
                 {"eigen:1,eigen:-1", false, NULL},
                 {"eigen:1,eigen:1", false, "eigen:1 twice is a line"},
                 {"to", false, "to needs a second"},
                 {"random,gauge,random", false, "more than two"},
                 {"random,", false, "''"},
                 {"eigen", false, "'eigen'"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tw_point_slice slice = {0};
        tw_status status = tw_point_slice_read(cases[i].along, cases[i].second, 7, &slice);
        assert_int_equal(status, cases[i].part ? TW_ERR_ARGUMENT : TW_OK);
        if (cases[i].part) assert_non_null(strstr(tw_last_error(), cases[i].part));
        if (status == TW_OK)
            assert_true(slice.directions[slice.axis_count - 1].seed == 7 &&
                        slice.directions[0].is->leads == (i == 1));
        tw_point_slice_clear(&slice);
    }
}

/* What was made until then is the answer: the first direction, which takes no time, or none. */
static void directions_are_ended(void **state) {
    (void)state;
    static const char *const asked[] = {"random,eigen:1", "gauge,random", "random"};
    const tw_monitor monitor = {end_at_once, NULL};
    const size_t made[] = {1, 0, 1};
    tw_point_slice_options options = TW_POINT_SLICE_DEFAULTS;
    built b = build(&deep, "random:normal:0.7", 1);
    options.budget.monitor = &monitor;
    for (size_t i = 0; i < sizeof asked / sizeof *asked; i++) {
        tw_point_slice slice = {0};
        assert_ok(tw_point_slice_read(asked[i], false, 7, &slice));
        assert_ok(tw_point_slice_make(b.evaluator, b.point.theta, &options, &slice));
        assert_true(slice.made == made[i] && slice.done == 0 && slice.center > 0.0);
        assert_true(!tw_point_slice_is_whole(&slice));
        assert_non_null(strstr(tw_point_slice_reason(&slice), i < 2 ? "directions" : "values"));
        tw_point_slice_clear(&slice);
    }
    built_clear(&b);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(grid_values),
        cmocka_unit_test(refused),
        cmocka_unit_test(ended),
        cmocka_unit_test(curvature_beside_hessian),
        cmocka_unit_test(no_barrier),
        cmocka_unit_test(hump),
        cmocka_unit_test(filters),
        cmocka_unit_test(eigenvectors),
        cmocka_unit_test(gauge_and_to),
        cmocka_unit_test(no_direction),
        cmocka_unit_test(directions_are_ended),
        cmocka_unit_test(directions_are_read_or_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
