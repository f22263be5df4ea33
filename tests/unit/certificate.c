/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Certificates of strict saddles: balls against the product code, closed forms, and minima. */
#include <thalweg/base/random.h>
#include <thalweg/certificate/certificate.h>
#include <thalweg/model/initialisation.h>
#include <thalweg/operator/hessian.h>
#include <thalweg/spectrum/spectrum.h>

#include "support/built.h"

static void fill(tw_random *stream, size_t n, double scale, double *x) {
    for (size_t i = 0; i < n; i++) x[i] = scale * tw_random_normal(stream);
}

/* Three layers of unequal widths and ridges, a bias, classes of unequal sizes. */
static tw_point uneven_point(const tw_loss *loss, const tw_activation *activation) {
    const size_t widths[4] = {4, 6, 5, 3}, layers = 3;
    const int labels[7] = {0, 2, 1, 0, 0, 2, 0};
    tw_point point;
    assert_ok(tw_dufm_init(&point.model, layers, 7));
    for (size_t l = 0; l <= layers; l++) point.model.widths[l] = widths[l];
    for (size_t l = 0; l < layers; l++) point.model.lambda_W[l] = 0.01 * (double)(l + 1);
    for (size_t i = 0; i < 7; i++) point.model.labels[i] = labels[i];
    point.model.lambda_H = 0.07;
    point.model.lambda_b = 0.005;
    point.model.bias = true;
    point.model.loss = loss;
    point.model.activation = activation;
    assert_ok(tw_dufm_check(&point.model));
    point.theta = calloc(tw_dufm_parameters(&point.model), sizeof *point.theta);
    return point;
}

typedef struct figures {
    double loss, rayleigh, gradient, slope;
} figures;

/* The same figures by the product code, in doubles. */
static figures by_products(const tw_point *point, const double *v) {
    figures f = {0};
    tw_evaluator *evaluator = NULL;
    tw_hessian hessian;
    size_t n = tw_dufm_parameters(&point->model);
    double *g = calloc(2 * n, sizeof *g), *Hv = g + n, length = 0.0;
    assert_ok(tw_evaluator_create(&point->model, &evaluator));
    tw_objective objective = tw_evaluator_objective(evaluator);
    assert_ok(objective.eval(objective.self, point->theta, &f.loss, g));
    hessian = tw_hessian_at(&objective, point->theta);
    tw_linop H = tw_hessian_linop(&hessian);
    assert_ok(tw_linop_apply(&H, 1, v, n, Hv, n));
    for (size_t i = 0; i < n; i++) {
        f.gradient += g[i] * g[i];
        f.slope += g[i] * v[i];
        f.rayleigh += v[i] * Hv[i];
        length += v[i] * v[i];
    }
    f.gradient = sqrt(f.gradient);
    f.rayleigh /= length;
    tw_evaluator_destroy(evaluator);
    free(g);
    return f;
}

/* Every loss with every activation: a random line's curvature and gradient are the products' up to
 * their rounding, P eps times a norm of order one; the balls are far narrower. */
static void balls_hold_what_products_give(void **state) {
    (void)state;
    for (size_t i = 0; tw_loss_at(i); i++)
        for (size_t j = 0; tw_activation_at(j); j++) {
            tw_point point = uneven_point(tw_loss_at(i), tw_activation_at(j));
            size_t n = tw_dufm_parameters(&point.model);
            tw_random stream;
            tw_random_init(&stream, 3, TW_PURPOSE_TEST, 10 * i + j);
            double *v = calloc(n, sizeof *v);
            tw_certificate c;
            fill(&stream, n, 0.7, point.theta);
            fill(&stream, n, 1.0, v);
            assert_ok(tw_certificate_prove(&point, v, NULL, &c));
            figures f = by_products(&point, v);
            double slack = 8.0 * (double)n * DBL_EPSILON * fmax(1.0, f.gradient);
            assert_near(c.rayleigh.value, f.rayleigh, slack);
            assert_near(c.gradient.value, f.gradient, slack);
            assert_true(c.rayleigh.upper - c.rayleigh.lower <= DBL_EPSILON * fabs(f.rayleigh));
            assert_true(c.gradient.upper - c.gradient.lower <= DBL_EPSILON * f.gradient);
            assert_true(c.kinks == 0 && c.proved == (c.reason == TW_CERTIFICATE_PROVED));
            free(v);
            tw_point_clear(&point);
        }
}

/* The eigenvector of the smallest eigenvalue (n, out), by the dense route; returns the value. */
static double lowest(built *b, double *v) {
    tw_objective objective = tw_evaluator_objective(b->evaluator);
    tw_hessian hessian;
    tw_dense_options options = TW_DENSE_DEFAULTS;
    tw_dense_result dense;
    double value, smallest, *g = calloc(objective.n, sizeof *g);
    options.keep_vectors = true;
    assert_ok(objective.eval(objective.self, b->point.theta, &value, g));
    hessian = tw_hessian_at(&objective, b->point.theta);
    tw_linop H = tw_hessian_linop(&hessian);
    assert_ok(tw_spectrum_dense(&H, &options, &dense));
    smallest = dense.pairs.values[0];
    memcpy(v, dense.pairs.vectors, objective.n * sizeof *v);
    tw_dense_result_clear(&dense);
    free(g);
    return smallest;
}

/* Points known to be strict saddles. The Rayleigh quotient of a computed eigenvector is off the
 * eigenvalue by the square of its error only, so that rounding of the dense route decides. */
static void saddles_are_proved_and_hold_when_checked(void **state) {
    (void)state;
    const struct {
        test_case c;
        const char *name;
    } cases[] = {{{"ce", "linear", 4, 1, 5, 1, 0.02}, "zero"},
                 {{"ce", "linear", 10, 1, 10, 2, 0.0016699040}, "blocks:5,5"},
                 {{"ce", "linear", 4, 2, 5, 1, 0.02}, "cross-polytope"},
                 {{"mse", "linear", 4, 2, 6, 1, 0.01}, "projector:2"}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        built b = build(&cases[i].c, cases[i].name, 5);
        double *v = calloc(b.seen.parameters, sizeof *v), smallest = lowest(&b, v);
        tw_certificate c, again;
        assert_ok(tw_certificate_prove(&b.point, v, NULL, &c));
        assert_string_equal(tw_certificate_reason_name(c.reason), "proved");
        assert_true(c.proved && c.rayleigh.upper < 0.0 && c.decrease > 0.0);
        assert_true(c.rayleigh.lower <= c.rayleigh.value && c.rayleigh.value <= c.rayleigh.upper);
        assert_near(c.rayleigh.value, smallest, 1e2 * (double)b.seen.parameters * DBL_EPSILON);
        assert_ok(tw_certificate_check(&b.point, v, &c, NULL, &again));
        assert_true(again.proved && again.decrease == c.decrease);
        free(v);
        built_clear(&b);
    }
}

/* A claim beyond what is true is refused and named, a weaker one is true as well. */
static void claims_are_taken_at_their_word(void **state) {
    (void)state;
    const test_case model = {"ce", "linear", 4, 1, 5, 1, 0.02};
    built b = build(&model, "zero", 5);
    double *v = calloc(b.seen.parameters, sizeof *v);
    tw_certificate c, got;
    lowest(&b, v);
    assert_ok(tw_certificate_prove(&b.point, v, NULL, &c));
    const struct {
        bool proved;
        double factor[5]; /* of rayleigh.lower, rayleigh.upper, gradient.upper, step, decrease */
        const char *refuted;
    } cases[] = {{true, {2, 0.5, 1, 1, 0.5}, ""},
                 {true, {1, 1, 1, 1e-12, 1e-30}, ""},
                 {false, {2, 1 + 1e-14, 1, 1, 1}, "rayleigh"},
                 {false, {1 - 1e-14, 1, 1, 1, 1}, "rayleigh"},
                 {false, {1, -1, 1, 1, 1}, "rayleigh"},
                 {false, {1, 1, 1, 1, 1 + 1e-14}, "decrease"},
                 {false, {1, 1, 1, 1, -1}, "decrease"},
                 {false, {1, 1, 1, 4, 1e-9}, "step"},
                 {false, {1, 1, 1, 0, 1}, "decrease"},
                 {false, {1, 1, -1, 1, 1}, "gradient"},
                 {false, {1, 1, 1, (double)NAN, 1}, ""}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tw_certificate claim = c;
        claim.rayleigh.lower *= cases[i].factor[0];
        claim.rayleigh.upper *= cases[i].factor[1];
        claim.gradient.upper = cases[i].factor[2] < 0 ? -1.0 : claim.gradient.upper;
        claim.step *= cases[i].factor[3];
        claim.decrease *= cases[i].factor[4];
        assert_ok(tw_certificate_check(&b.point, v, &claim, NULL, &got));
        assert_string_equal(got.refuted, cases[i].refuted);
        assert_int_equal(got.proved, cases[i].proved);
    }
    memset(v, 0, b.seen.parameters * sizeof *v);
    assert_ok(tw_certificate_check(&b.point, v, &c, NULL, &got));
    assert_true(!got.proved && got.reason == TW_CERTIFICATE_NO_DIRECTION);
    free(v);
    built_clear(&b);
}

/* Claims of a short step along a negative curvature, of either sign of t and as weak as can be: so
 * near the point f does fall as the curvature says. Returns how many are taken for proved. */
static size_t short_steps(built *b, const double *v, const tw_certificate *c) {
    size_t proved = 0;
    for (int i = 20; i < 30; i++) {
        tw_certificate got, claim = {.rayleigh = {0.0, -1.0, c->rayleigh.upper},
                                     .gradient = {0.0, 0.0, 1.0},
                                     .step = ldexp(i % 2 ? 1.0 : -1.0, -i),
                                     .decrease = DBL_MIN};
        assert_ok(tw_certificate_check(&b->point, v, &claim, NULL, &got));
        if (got.proved) proved++;
    }
    return proved;
}

/* Directions that come closest: those of the orbit, where rounding of the point itself leaves
 * curvatures of either sign, and those of the weakest positive modes. */
static size_t try_directions(built *b, size_t tries, uint64_t seed, size_t *negative) {
    size_t n = b->seen.parameters, proved = 0;
    double *v = calloc(n, sizeof *v), *low = calloc(n, sizeof *low);
    tw_symmetry *symmetry = NULL;
    tw_certificate c;
    assert_ok(tw_symmetry_create(&b->point.model, b->point.theta, 1e-3, NULL, &symmetry));
    tw_tangent tangent = tw_symmetry_tangent(symmetry);
    lowest(b, low);
    for (size_t i = 0; i < tries; i++) {
        tw_random stream;
        tw_random_init(&stream, seed, TW_PURPOSE_TEST, i);
        if (i % 3 == 0) fill(&stream, n, 1.0, v);
        if (i % 3 != 0) assert_ok(tangent.sample(tangent.self, &stream, v));
        for (size_t j = 0; i % 3 == 2 && j < n; j++) v[j] = low[j] + 1e-9 * (double)i * v[j];
        assert_ok(tw_certificate_prove(&b->point, v, NULL, &c));
        if (c.proved) proved++;
        if (!(c.rayleigh.upper < 0.0)) continue;
        *negative += 1;
        proved += short_steps(b, v, &c);
    }
    tw_symmetry_destroy(symmetry);
    free(v);
    free(low);
    return proved;
}

static void minima_give_no_certificate(void **state) {
    (void)state;
    const struct {
        test_case c;
        const char *name;
    } cases[] = {{{"ce", "linear", 4, 1, 5, 2, 0.004}, "dnc"},
                 {{"ce", "linear", 4, 2, 4, 1, 0.02}, "dnc"},
                 {{"ce", "linear", 4, 1, 4, 2, 0.004}, "zero"},
                 {{"mse", "linear", 3, 1, 4, 2, 0.01}, "dnc"}};
    size_t negative = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        built b = build(&cases[i].c, cases[i].name, 7);
        assert_int_equal(try_directions(&b, 250, i, &negative), 0);
        built_clear(&b);
    }
    assert_true(negative > 0); /* the temptation was there */
}

static void a_kink_at_the_point_leaves_no_hessian(void **state) {
    (void)state;
    tw_point point = uneven_point(tw_loss_find("ce"), tw_activation_find("relu"));
    size_t n = tw_dufm_parameters(&point.model);
    double *v = calloc(n, sizeof *v);
    tw_random stream;
    tw_random_init(&stream, 4, TW_PURPOSE_TEST, 0);
    tw_certificate c;
    fill(&stream, n, 1.0, point.theta);
    fill(&stream, n, 1.0, v);
    for (size_t i = 0; i < 4; i++) point.theta[6 * i] = 0.0; /* a row of W_1 */
    assert_ok(tw_certificate_prove(&point, v, NULL, &c));
    assert_int_equal(c.reason, TW_CERTIFICATE_KINKED);
    assert_int_equal(c.kinks, point.model.samples);
    assert_true(!c.proved && isnan(c.rayleigh.value) && isnan(c.gradient.upper));
    free(v);
    tw_point_clear(&point);
}

static void bad_arguments_are_named(void **state) {
    (void)state;
    tw_point point = uneven_point(tw_loss_find("ce"), tw_activation_find("tanh"));
    double *v = calloc(tw_dufm_parameters(&point.model), sizeof *v);
    tw_certificate c;
    tw_certificate_options options = TW_CERTIFICATE_DEFAULTS;
    assert_ok(tw_certificate_prove(&point, v, &options, &c));
    assert_int_equal(c.reason, TW_CERTIFICATE_NO_DIRECTION);
    options.bits = 32;
    assert_int_equal(tw_certificate_prove(&point, v, &options, &c), TW_ERR_ARGUMENT);
    options = TW_CERTIFICATE_DEFAULTS;
    options.max_steps = 0;
    assert_int_equal(tw_certificate_prove(&point, v, &options, &c), TW_ERR_ARGUMENT);
    v[0] = NAN;
    assert_int_equal(tw_certificate_prove(&point, v, NULL, &c), TW_ERR_DATA);
    tw_activation unknown = *point.model.activation;
    unknown.name = "swish";
    point.model.activation = &unknown;
    v[0] = 1.0;
    assert_int_equal(tw_certificate_prove(&point, v, NULL, &c), TW_ERR_UNSUPPORTED);
    free(v);
    tw_point_clear(&point);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(balls_hold_what_products_give),
        cmocka_unit_test(saddles_are_proved_and_hold_when_checked),
        cmocka_unit_test(claims_are_taken_at_their_word),
        cmocka_unit_test(minima_give_no_certificate),
        cmocka_unit_test(a_kink_at_the_point_leaves_no_hessian),
        cmocka_unit_test(bad_arguments_are_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
