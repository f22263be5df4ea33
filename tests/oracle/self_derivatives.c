/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The model oracle against numbers worked out by hand, against itself in complex arithmetic, and
 * against the definition of a derivative. */
#include "check.h"

typedef void (*visit)(const oracle_model *model, const double *theta, size_t P);

/* Every activation with every loss, with and without bias, L = 1, 2, 3, unequal everything. */
static void for_every_model(visit check) {
    static const size_t hidden[] = {4, 3, 5};
    for (int variant = 0; variant < ORACLE_ACTIVATIONS * 2 * 2 * 3; variant++) {
        small_model small;
        size_t L = 1 + (size_t)variant / (ORACLE_ACTIVATIONS * 4);
        small_model_fill(&small, 3, 2, L, hidden, 0.02);
        small.model.activation = variant % ORACLE_ACTIVATIONS;
        small.model.loss = variant / ORACLE_ACTIVATIONS % 2;
        small.model.bias = variant / (ORACLE_ACTIVATIONS * 2) % 2;
        small.model.lambda_b = 0.3;
        small.model.lambda_H = 0.05;
        for (size_t l = 0; l < L; l++) small.lambda_W[l] = 0.01 * (double)(l + 1);
        small.labels[5] = 0; /* classes of 3, 2 and 1 samples */
        size_t P = oracle_parameters(&small.model);
        double *theta = oracle_alloc(P, sizeof *theta);
        oracle_random_normal((uint64_t)variant, P, 1, theta);
        check(&small.model, theta, P);
        free(theta);
    }
}

/* phi, phi' and phi'' at 1 and at -1 through f = (phi(w) - 1)^2 / 2. The numbers of gelu are
 * Phi(1), phi(1) of the normal law; of softplus log(1 + e) and the logistic; of tanh its own. */
static void activations_have_their_known_values(void **state) {
    (void)state;
    static const double known[ORACLE_ACTIVATIONS][2][3] = {
        {{1, 1, 0}, {-1, 1, 0}},
        {{1, 1, 0}, {0, 0, 0}},
        {{1, 1, 0}, {-0.01, 0.01, 0}},
        {{0.7615941559557649, 0.41997434161402607, -0.6397000084492245},
         {-0.7615941559557649, 0.41997434161402607, 0.6397000084492245}},
        {{1.3132616875182228, 0.7310585786300049, 0.19661193324148185},
         {0.31326168751822286, 0.2689414213699951, 0.19661193324148185}},
        {{0.8413447460685429, 1.0833154705876863, 0.24197072451914337},
         {-0.15865525393145707, -0.0833154705876863, 0.24197072451914337}},
    };
    small_model small;
    small_model_fill(&small, 1, 1, 2, (size_t[]){1, 1}, 0);
    small.model.loss = ORACLE_MSE;
    for (int row = 0; row < ORACLE_ACTIVATIONS * 2; row++) {
        const double *phi = known[row / 2][row % 2];
        double theta[3] = {row % 2 ? -1 : 1, 1, 1}, g[3], H[9], miss = phi[0] - 1;
        small.model.activation = row / 2;
        oracle_gradient(&small.model, theta, g);
        oracle_hessian(&small.model, theta, H);
        CHECK_CLOSE(oracle_value(&small.model, theta), miss * miss / 2, 4 * DBL_EPSILON);
        CHECK_CLOSE(oracle_value_complex(&small.model, theta), miss * miss / 2, 4 * DBL_EPSILON);
        CHECK_CLOSE(g[0], miss * phi[1], 8 * DBL_EPSILON);
        CHECK_CLOSE(H[0], phi[1] * phi[1] + miss * phi[2], 8 * DBL_EPSILON);
    }
}

/* K = 2, L = 1, d = 1, one sample of class 0: f = log(1 + e^m) + (lambda/2)(w1^2 + w2^2 + h^2),
 * m = (w2 - w1) h. With the logistic s = s(m) and t = s (1 - s):
 * gradient (-s h, s h, s (w2 - w1)) + lambda theta. */
static void cross_entropy_agrees_with_pencil_and_paper(void **state) {
    (void)state;
    small_model small;
    small_model_fill(&small, 2, 1, 1, (size_t[]){1}, 0.1);
    small.model.samples = 1;
    double w1 = 0.5, w2 = -0.25, h = 2, theta[] = {w1, w2, h}, g[3], H[9], e = DBL_EPSILON;
    double m = (w2 - w1) * h, s = 1 / (1 + exp(-m)), t = s * (1 - s), w = w2 - w1;
    oracle_gradient(&small.model, theta, g);
    oracle_hessian(&small.model, theta, H);
    CHECK_CLOSE(oracle_value(&small.model, theta),
                log(1 + exp(m)) + 0.05 * (w1 * w1 + w2 * w2 + h * h), 8 * e);
    CHECK_CLOSE(g[0], -s * h + 0.1 * w1, 8 * e);
    CHECK_CLOSE(g[1], s * h + 0.1 * w2, 8 * e);
    CHECK_CLOSE(g[2], s * w + 0.1 * h, 8 * e);
    CHECK_CLOSE(H[0], t * h * h + 0.1, 16 * e);
    CHECK_CLOSE(H[1], -t * h * h, 16 * e);
    CHECK_CLOSE(H[2], -t * h * w - s, 16 * e);
    CHECK_CLOSE(H[5], t * h * w + s, 16 * e);
    CHECK_CLOSE(H[8], t * w * w + 0.1, 16 * e);
}

/* Two codes, two number systems. Both sums have at most P terms. */
static void complex_step_agrees(const oracle_model *model, const double *theta, size_t P) {
    double *g = oracle_alloc(P, sizeof *g), *second = oracle_alloc(P, sizeof *second);
    double value = oracle_value(model, theta);
    oracle_gradient(model, theta, g);
    oracle_gradient_complex(model, theta, second);
    CHECK_CLOSE(oracle_value_complex(model, theta), value, (double)P * DBL_EPSILON * value);
    CHECK_BELOW(largest_difference(P, g, second), 1e-13 * oracle_max_abs(P, g));
    free(g);
    free(second);
}

static void gradient_agrees_with_the_complex_step(void **state) {
    (void)state;
    for_every_model(complex_step_agrees);
}

/* Product, matrix and bilinear form; both orders of differentiation. */
static void hessian_agrees(const oracle_model *model, const double *theta, size_t P) {
    double *H = oracle_alloc(P * P, sizeof *H), *x = oracle_alloc(4 * P, sizeof *x);
    double *u = x, *v = x + P, *Hv = x + 2 * P, *product = x + 3 * P;
    oracle_random_normal(11, P, 1, u);
    oracle_random_normal(12, P, 1, v);
    oracle_hessian(model, theta, H);
    oracle_multiply(P, P, H, v, Hv);
    oracle_hessian_product(model, theta, v, product);
    double size = oracle_norm(P, Hv), rounding = 4 * (double)P * DBL_EPSILON * size;
    CHECK_BELOW(largest_difference(P, Hv, product), rounding);
    double uHv = oracle_curvature(model, theta, u, v);
    CHECK_CLOSE(uHv, oracle_dot(P, u, Hv), oracle_norm(P, u) * rounding);
    CHECK_CLOSE(uHv, oracle_curvature(model, theta, v, u), oracle_norm(P, u) * rounding);
    free(H);
    free(x);
}

static void hessian_is_symmetric_and_its_three_forms_agree(void **state) {
    (void)state;
    for_every_model(hessian_agrees);
}

/* The Hessian once more from the complex-step gradient: (g(theta + hv) - g(theta - hv)) / 2h with
 * h = 2^-17: truncation h^2, rounding eps/h, both near 1e-10 of the gradient's size. */
static void differences_agree(const oracle_model *model, const double *theta, size_t P) {
    double *x = oracle_alloc(5 * P, sizeof *x), h = 0x1p-17;
    double *v = x, *point = x + P, *up = x + 2 * P, *down = x + 3 * P, *Hv = x + 4 * P;
    oracle_random_normal(13, P, 1 / sqrt((double)P), v);
    for (size_t p = 0; p < P; p++) point[p] = theta[p] + h * v[p];
    oracle_gradient_complex(model, point, up);
    for (size_t p = 0; p < P; p++) point[p] = theta[p] - h * v[p];
    oracle_gradient_complex(model, point, down);
    for (size_t p = 0; p < P; p++) up[p] = (up[p] - down[p]) / (2 * h);
    oracle_hessian_product(model, theta, v, Hv);
    CHECK_BELOW(largest_difference(P, up, Hv), 1e-8 * (1 + oracle_max_abs(P, Hv)));
    free(x);
}

static void hessian_agrees_with_differences_of_the_complex_step(void **state) {
    (void)state;
    for_every_model(differences_agree);
}

/* Taylor remainders along v: odd = (f(+) - f(-))/2 - t g.v = O(t^3),
 * even = (f(+) + f(-))/2 - f - (t^2/2) v.Hv = O(t^4), f(+-) = f(theta +- tv). */
static void remainders(const oracle_model *model, const double *theta, const double *v, double t,
                       double out[2]) {
    size_t P = oracle_parameters(model);
    double *x = oracle_alloc(2 * P, sizeof *x), *g = x + P;
    for (size_t p = 0; p < P; p++) x[p] = theta[p] + t * v[p];
    double up = oracle_value(model, x);
    for (size_t p = 0; p < P; p++) x[p] = theta[p] - t * v[p];
    double down = oracle_value(model, x), here = oracle_value(model, theta);
    oracle_gradient(model, theta, g);
    out[0] = (up - down) / 2 - t * oracle_dot(P, g, v);
    out[1] = (up - here + (down - here) - t * t * oracle_curvature(model, theta, v, v)) / 2;
    free(x);
}

/* Halving the step divides them by 8 and 16, up to two more orders of t and the rounding of f. */
static void remainders_shrink(const oracle_model *model, const double *theta, size_t P) {
    double *v = oracle_alloc(P, sizeof *v), far[2], near[2], t = 0x1p-7, length;
    oracle_random_normal(14, P, 1, v);
    length = oracle_norm(P, v);
    for (size_t p = 0; p < P; p++) v[p] /= length;
    remainders(model, theta, v, t, far);
    remainders(model, theta, v, t / 2, near);
    double rounding = (double)P * DBL_EPSILON * oracle_value(model, theta);
    CHECK_CLOSE(near[0], far[0] / 8, pow(t, 5) + rounding);
    CHECK_CLOSE(near[1], far[1] / 16, pow(t, 6) + rounding);
    free(v);
}

static void taylor_remainders_are_of_third_and_fourth_order(void **state) {
    (void)state;
    for_every_model(remainders_shrink);
}

/* Logits of +-1e4: exp would overflow; the loss is 2e4, its gradient in z (1, -1). */
static void large_logits_do_not_overflow(void **state) {
    (void)state;
    small_model small;
    small_model_fill(&small, 2, 1, 1, (size_t[]){1}, 0);
    small.model.samples = 1;
    double theta[] = {-100, 100, 100}, g[3], second[3], H[9];
    oracle_gradient(&small.model, theta, g);
    oracle_gradient_complex(&small.model, theta, second);
    oracle_hessian(&small.model, theta, H);
    CHECK_CLOSE(oracle_value(&small.model, theta), 2e4, 2e4 * DBL_EPSILON);
    CHECK_CLOSE(oracle_value_complex(&small.model, theta), 2e4, 2e4 * DBL_EPSILON);
    static const double want[] = {-100, 100, 200}, want_H[] = {0, 0, -1, 0, 0, 1, -1, 1, 0};
    CHECK_BELOW(largest_difference(3, g, want), 0);
    CHECK_BELOW(largest_difference(3, second, want), 200 * DBL_EPSILON);
    CHECK_BELOW(largest_difference(9, H, want_H), 0);
}

/* Layout: W_1, ..., W_L, H, b, each column-major; the logits say which entry is which. */
static void layout_is_column_major_in_the_stated_order(void **state) {
    (void)state;
    small_model small;
    small_model_fill(&small, 2, 1, 2, (size_t[]){1, 3}, 0);
    small.model.bias = 1;
    /* W_1 = (1, 2, 3)^T, W_2 = [4 6 8; 5 7 9], H = [10 11], b = (0.5, -0.5) */
    double theta[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 0.5, -0.5}, Z[4];
    static const double want[] = {400.5, 459.5, 440.5, 505.5};
    assert_int_equal(oracle_parameters(&small.model), 13);
    assert_int_equal(oracle_offset(&small.model, 1), 3);
    assert_int_equal(oracle_offset(&small.model, 2), 9);
    assert_int_equal(oracle_offset(&small.model, 3), 11);
    oracle_logits(&small.model, theta, Z);
    CHECK_BELOW(largest_difference(4, Z, want), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(activations_have_their_known_values),
        cmocka_unit_test(cross_entropy_agrees_with_pencil_and_paper),
        cmocka_unit_test(gradient_agrees_with_the_complex_step),
        cmocka_unit_test(hessian_is_symmetric_and_its_three_forms_agree),
        cmocka_unit_test(hessian_agrees_with_differences_of_the_complex_step),
        cmocka_unit_test(taylor_remainders_are_of_third_and_fourth_order),
        cmocka_unit_test(large_logits_do_not_overflow),
        cmocka_unit_test(layout_is_column_major_in_the_stated_order),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
