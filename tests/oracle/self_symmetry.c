/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The orbit oracle: the tangents leave the loss unchanged, are as many as the theory says, and fill
 * the null space of the Hessian at a nondegenerate optimum. */
#include "balanced_oracle.h"
#include "check.h"
#include "closed_form_oracle.h"
#include "symmetry_oracle.h"

#define THRESHOLD 1e-10 /* far below every nonzero and far above every zero singular value here */

static const size_t hidden[] = {5, 4, 6};

/* Largest |g . t| / (|g| |t|) over the generators t. */
static double slope_along(const oracle_orbit *orbit, const double *g) {
    size_t P = orbit->parameters;
    double most = 0;
    for (size_t i = 0; i < orbit->generators; i++) {
        const double *t = orbit->tangents + i * P;
        most = fmax(most, fabs(oracle_dot(P, t, g)) / (oracle_norm(P, t) * oracle_norm(P, g)));
    }
    return most;
}

/* Invariance says g . t = 0 at every point; rotating the inner spaces of a nonlinear model is no
 * symmetry and must show a slope, so a vanishing tangent cannot pass. */
static void loss_is_flat_along_the_orbit_and_only_there(void **state) {
    (void)state;
    for (int activation = 0; activation < ORACLE_ACTIVATIONS; activation++) {
        small_model small;
        small_model_fill(&small, 3, 2, 3, hidden, 0.02);
        small.model.activation = activation;
        small.model.bias = 1;
        size_t P = oracle_parameters(&small.model);
        double *theta = oracle_alloc(2 * P, sizeof *theta), *g = theta + P;
        oracle_random_normal(3, P, 0.7, theta);
        oracle_gradient(&small.model, theta, g);
        oracle_orbit orbit;
        oracle_orbit_build(&small.model, theta, THRESHOLD, &orbit);
        assert_int_equal(orbit.generators, activation == ORACLE_LINEAR ? 10 + 6 + 15 : 10);
        CHECK_BELOW(slope_along(&orbit, g), (double)P * DBL_EPSILON);
        CHECK_BELOW(oracle_orbit_component(&orbit, g), (double)P * DBL_EPSILON * oracle_norm(P, g));
        oracle_orbit_clear(&orbit);
        if (activation != ORACLE_LINEAR) {
            small.model.activation = ORACLE_LINEAR;
            oracle_orbit_build(&small.model, theta, THRESHOLD, &orbit);
            assert_true(slope_along(&orbit, g) > 1e-2);
            oracle_orbit_clear(&orbit);
        }
        oracle_orbit_clear(&orbit);
        free(theta);
    }
}

/* Random matrices of full rank: all rotations act freely up to those of the space outside the
 * row and column spaces, which is nothing here. */
static void generic_points_have_the_full_orbit(void **state) {
    (void)state;
    small_model small;
    small_model_fill(&small, 3, 2, 2, (size_t[]){5, 4}, 0.02);
    double theta[5 * 4 + 4 * 3 + 5 * 6];
    oracle_random_normal(3, oracle_parameters(&small.model), 1, theta);
    oracle_orbit orbit;
    oracle_orbit_build(&small.model, theta, THRESHOLD, &orbit);
    assert_int_equal(orbit.rank, 10 + 6);
    oracle_orbit_clear(&orbit);
    small_model_fill(&small, 3, 2, 1, (size_t[]){1}, 0.02); /* nothing rotates */
    oracle_orbit_build(&small.model, theta, THRESHOLD, &orbit);
    assert_int_equal(orbit.rank, 0);
    oracle_orbit_clear(&orbit);
}

/* The basis is orthonormal and holds every generator whole. */
static void check_basis(const oracle_orbit *orbit) {
    size_t P = orbit->parameters;
    double rounding = (double)P * DBL_EPSILON;
    for (size_t i = 0; i < orbit->rank; i++)
        for (size_t j = 0; j <= i; j++)
            CHECK_CLOSE(oracle_dot(P, orbit->basis + i * P, orbit->basis + j * P), i == j,
                        rounding);
    for (size_t i = 0; i < orbit->generators; i++) {
        const double *tangent = orbit->tangents + i * P;
        double most = orbit->singular_values[0];
        CHECK_CLOSE(oracle_orbit_component(orbit, tangent), oracle_norm(P, tangent),
                    rounding * most);
    }
}

/* What a critical point must satisfy: gradient zero, sum_l [r d_l - r(r+1)/2] tangents, each in the
 * kernel of the Hessian, and no further zero eigenvalue. */
static void check_critical_point(const oracle_model *model, const double *theta, size_t rank) {
    size_t P = oracle_parameters(model), expected = 0, zeros = 0;
    double *H = oracle_alloc(P * P, sizeof *H), *x = oracle_alloc(2 * P, sizeof *x);
    double *values = x, *image = x + P;
    for (size_t l = 0; l < model->layers; l++)
        expected += rank * model->widths[l] - rank * (rank + 1) / 2;
    oracle_orbit orbit;
    oracle_orbit_build(model, theta, THRESHOLD, &orbit);
    oracle_gradient(model, theta, image);
    oracle_hessian(model, theta, H);
    oracle_eigenvalues(P, H, values);
    double rounding = 10 * (double)P * DBL_EPSILON * values[P - 1];
    CHECK_BELOW(oracle_norm(P, image), rounding);
    assert_int_equal(orbit.rank, expected);
    check_basis(&orbit);
    for (size_t i = 0; i < orbit.rank; i++) {
        oracle_multiply(P, P, H, orbit.basis + i * P, image);
        CHECK_BELOW(oracle_norm(P, image), rounding);
    }
    for (size_t i = 0; i < P; i++) zeros += fabs(values[i]) < rounding;
    assert_int_equal(zeros, orbit.rank);
    oracle_orbit_clear(&orbit);
    free(H);
    free(x);
}

/* Collapsed and low-rank optima at unequal widths, L = 1, 2, 3. */
static void orbit_is_the_null_space_at_an_optimum(void **state) {
    (void)state;
    static const size_t blocks[2][2] = {{4, 0}, {2, 2}};
    for (size_t L = 1; L <= 3; L++) {
        for (size_t low = 0; low < (L > 1 ? 2 : 1); low++) {
            oracle_case c = {4, 2, 0, L, 0.002};
            double class_logits[16], Z[32], loss;
            small_model small;
            small_model_fill(&small, 4, 2, L, hidden, c.lambda);
            size_t P = oracle_parameters(&small.model);
            double *theta = oracle_alloc(P, sizeof *theta);
            assert_int_equal(oracle_ce_partition(&c, 1 + low, blocks[low], class_logits, &loss), 0);
            oracle_spread(&small.model, class_logits, Z);
            assert_int_equal(oracle_balanced_point(&small.model, Z, 5, theta), 3 - low);
            check_critical_point(&small.model, theta, 3 - low);
            free(theta);
        }
    }
}

/* Theory section 7 with all factors at the same singular values s: the signal-signal pairs give the
 * tridiagonal determinant det tridiag(-2, 4, -2) = 2^L (L+1) times s^{2L}, the signal-null pairs
 * 2 s^2. Stiefel manifolds: V_2(R^3) has volume 8 pi^2, V_1(R^4) 2 pi^2. */
static void orbit_volume_agrees_with_the_gram_determinant(void **state) {
    (void)state;
    double pi = acos(-1.0), theta[3 * 3 + 3 * 3 + 2 * 3 + 3 * 2], layers = 3, s = 1.3;
    small_model small;
    small_model_fill(&small, 2, 1, 3, (size_t[]){3, 3, 3}, 0.1);
    double sigma = pow(s, layers + 1), Z[] = {sigma, 0, 0, sigma};
    assert_int_equal(oracle_balanced_point(&small.model, Z, 7, theta), 2);
    oracle_orbit orbit;
    oracle_orbit_build(&small.model, theta, THRESHOLD, &orbit);
    assert_int_equal(orbit.rank, 3 * (2 * 3 - 3));
    double pairs = layers * log(2) + log(layers + 1) + 2 * layers * log(s);
    double null = layers * 2 * log(2 * s * s);
    double want = (pairs + null) / 2 + layers * log(8 * pi * pi);
    CHECK_CLOSE(oracle_log_orbit_volume(&small.model, &orbit, 2), want, 1e3 * DBL_EPSILON);
    oracle_orbit_clear(&orbit);

    small_model_fill(&small, 1, 1, 1, (size_t[]){4}, 0.1);
    assert_int_equal(oracle_balanced_point(&small.model, (double[]){s * s}, 7, theta), 1);
    oracle_orbit_build(&small.model, theta, THRESHOLD, &orbit);
    want = 3 * log(2 * s * s) / 2 + log(2 * pi * pi);
    CHECK_CLOSE(oracle_log_orbit_volume(&small.model, &orbit, 1), want, 1e3 * DBL_EPSILON);
    oracle_orbit_clear(&orbit);
}

/* Cross-entropy ignores a constant added to every logit: without decay the bias has one more flat
 * direction at every point, and it is outside the orbit of the rotations. */
static void free_bias_adds_a_flat_direction_that_is_no_rotation(void **state) {
    (void)state;
    small_model small;
    small_model_fill(&small, 3, 2, 2, hidden, 0.02);
    small.model.bias = 1;
    size_t P = oracle_parameters(&small.model);
    double *x = oracle_alloc(3 * P, sizeof *x), *theta = x, *shift = x + P, *image = x + 2 * P;
    oracle_random_normal(3, P, 1, theta);
    for (size_t k = 0; k < 3; k++) shift[P - 3 + k] = 1;
    oracle_hessian_product(&small.model, theta, shift, image);
    CHECK_BELOW(oracle_max_abs(P, image), 1e2 * DBL_EPSILON);
    oracle_orbit orbit;
    oracle_orbit_build(&small.model, theta, THRESHOLD, &orbit);
    CHECK_BELOW(oracle_orbit_component(&orbit, shift), 1e2 * DBL_EPSILON);
    oracle_orbit_clear(&orbit);
    free(x);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(loss_is_flat_along_the_orbit_and_only_there),
        cmocka_unit_test(generic_points_have_the_full_orbit),
        cmocka_unit_test(orbit_is_the_null_space_at_an_optimum),
        cmocka_unit_test(orbit_volume_agrees_with_the_gram_determinant),
        cmocka_unit_test(free_bias_adds_a_flat_direction_that_is_no_rotation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
