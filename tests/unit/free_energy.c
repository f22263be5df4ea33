/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of the free energy by two routes each: orbit volumes by brute force, copies by trying
 * all exchanges, closed forms against constructed points; crossings against what they claim. */
#include <thalweg/examination/free_energy.h>
#include <thalweg/symmetry/copies.h>
#include <thalweg/symmetry/orbit_volume.h>

#include "oracle/dense_oracle.h"
#include "oracle/symmetry_oracle.h"
#include "support/built.h"

/* ---- Volumes ---- */

static void volumes_of_known_manifolds(void **state) {
    (void)state;
    double pi = acos(-1.0);
    assert_near(tw_log_stiefel_volume(1, 1), log(2.0), 8 * DBL_EPSILON);
    assert_near(tw_log_stiefel_volume(4, 1), log(2.0 * pi * pi), 8 * DBL_EPSILON);
    assert_near(tw_log_stiefel_volume(2, 2), log(4.0 * pi), 8 * DBL_EPSILON);
    assert_near(tw_log_stiefel_volume(3, 2), log(8.0 * pi * pi), 16 * DBL_EPSILON);
    assert_near(tw_log_stiefel_volume(3, 3), log(16.0 * pi * pi), 16 * DBL_EPSILON);
    assert_near(tw_log_stiefel_volume(7, 0), 0.0, 0.0);
}

typedef struct shape {
    size_t layers, widths[5], samples;
    const char *activation;
} shape;

/* A random point, not balanced, every space at its own rank; its orbit by the singular values of
 * all generators. */
static void check_volume(const shape *s) {
    tw_dufm model;
    tw_symmetry *symmetry = NULL;
    tw_orbit_volume volume;
    oracle_orbit orbit;
    assert_ok(tw_dufm_init(&model, s->layers, s->samples));
    for (size_t l = 0; l <= s->layers; l++) model.widths[l] = s->widths[l];
    for (size_t i = 0; i < s->samples; i++) model.labels[i] = (int)(i % s->widths[s->layers]);
    for (size_t l = 0; l < s->layers; l++) model.lambda_W[l] = 0.1;
    model.lambda_H = 0.1;
    model.loss = tw_loss_find("ce");
    model.activation = tw_activation_find(s->activation);
    assert_ok(tw_dufm_check(&model));
    oracle_model oracle = {.layers = s->layers,
                           .widths = model.widths,
                           .samples = s->samples,
                           .labels = model.labels,
                           .activation = model.activation->linear ? ORACLE_LINEAR : ORACLE_TANH,
                           .lambda_W = model.lambda_W,
                           .lambda_H = 0.1};
    size_t P = tw_dufm_parameters(&model);
    double *theta = calloc(P, sizeof *theta), gram = 0.0;
    oracle_random_normal(11, P, 0.8, theta);
    oracle_orbit_build(&oracle, theta, 1e-9, &orbit);
    for (size_t i = 0; i < orbit.rank; i++) gram += log(orbit.singular_values[i]);
    assert_ok(tw_symmetry_create(&model, theta, TW_RANK_TOLERANCE, NULL, &symmetry));
    assert_ok(tw_orbit_volume_of_symmetry(symmetry, NULL, &volume));
    assert_near(volume.gram, gram, 1e3 * DBL_EPSILON * (double)P);
    double stiefel = 0.0;
    for (size_t l = 0; l < tw_symmetry_space_count(symmetry); l++) {
        tw_hidden_space space = tw_symmetry_space(symmetry, l);
        stiefel += tw_log_stiefel_volume((double)space.width, space.rank);
    }
    assert_near(volume.log_volume, gram + stiefel, 1e3 * DBL_EPSILON * (double)P);
    tw_symmetry_destroy(symmetry);
    oracle_orbit_clear(&orbit);
    free(theta);
    tw_dufm_clear(&model);
}

static void volumes_off_balance(void **state) {
    (void)state;
    const shape shapes[] = {{1, {5, 3}, 3, "linear"},
                            {2, {6, 3, 2}, 4, "linear"},
                            {3, {4, 7, 5, 2}, 3, "linear"},
                            {2, {6, 4, 3}, 3, "tanh"},
                            {1, {1, 3}, 3, "linear"}};
    for (size_t i = 0; i < sizeof shapes / sizeof *shapes; i++) check_volume(&shapes[i]);
}

/* Unequal ridges and widths: the factors of one point are multiples of each other. */
static void volume_of_a_balanced_point(void **state) {
    (void)state;
    const test_case c = {"ce", "linear", 4, 2, 6, 3, 2e-3};
    tw_dufm model = test_model(&c);
    tw_construct_options options = TW_CONSTRUCT_DEFAULTS;
    tw_symmetry *symmetry = NULL;
    tw_orbit_volume general, balanced;
    double factors[3 * 4];
    model.widths[1] = 8;
    model.lambda_W[0] = 1e-3;
    model.lambda_W[2] = 4e-3;
    built b = build_with(&model, "dnc", &options);
    for (size_t l = 0; l < 4; l++) {
        size_t length = 0;
        const double *F = block_of(&b, l, &length);
        double square = 0.0;
        for (size_t i = 0; i < length; i++) square += F[i] * F[i];
        for (size_t i = 0; i < 3; i++) factors[i + 3 * l] = sqrt(square / 3.0);
    }
    assert_ok(tw_symmetry_create(&model, b.point.theta, TW_RANK_TOLERANCE, NULL, &symmetry));
    assert_ok(tw_orbit_volume_of_symmetry(symmetry, NULL, &general));
    assert_ok(tw_orbit_volume_of_balanced(3, model.widths, 3, factors, &balanced));
    assert_near(general.log_volume, balanced.log_volume, 1e-11);
    assert_near(general.stiefel, balanced.stiefel, 1e-12);
    assert_int_equal(tw_orbit_volume_of_balanced(3, model.widths, 7, factors, &balanced),
                     TW_ERR_ARGUMENT);
    tw_symmetry_destroy(symmetry);
    built_clear(&b);
    tw_dufm_clear(&model);
}

/* ---- Copies ---- */

/* Different matrices among all exchanges, by listing them. */
static size_t count_by_listing(size_t K, const size_t *sizes, const double *Z) {
    size_t pi[5] = {0}, count = 0;
    double *seen = calloc(120 * K * K, sizeof *seen);
    for (size_t code = 0; code < 3125; code++) {
        size_t rest = code;
        bool fit = true, known = false;
        for (size_t i = 0; i < K; i++, rest /= K) {
            pi[i] = rest % K;
            fit = fit && sizes[pi[i]] == sizes[i];
            for (size_t j = 0; j < i; j++) fit = fit && pi[j] != pi[i];
        }
        if (!fit || rest > 0) continue;
        double *at = seen + K * K * count;
        for (size_t i = 0; i < K; i++)
            for (size_t j = 0; j < K; j++) at[i + K * j] = Z[pi[i] + K * pi[j]];
        for (size_t m = 0; m < count && !known; m++)
            known = memcmp(seen + K * K * m, at, K * K * sizeof *at) == 0;
        count += !known;
    }
    free(seen);
    return count;
}

static void copies_by_listing(void **state) {
    (void)state;
    const size_t same[] = {2, 2, 2, 2, 2}, mixed[] = {3, 2, 3, 2, 3};
    for (size_t K = 1; K <= 5; K++)
        for (uint64_t seed = 0; seed < 20; seed++) {
            tw_random stream;
            tw_copies copies;
            double Z[25];
            tw_random_init(&stream, seed, TW_PURPOSE_TEST, K);
            for (size_t i = 0; i < K * K; i++) /* few values: every kind of symmetry occurs */
                Z[i] = 1.0 + floor((2.0 + (double)(seed % 2)) * tw_random_uniform(&stream));
            for (int kind = 0; kind < 2; kind++) {
                const size_t *sizes = kind ? mixed : same;
                assert_ok(tw_copies_count(K, sizes, Z, 1e-6, &copies));
                assert_true(copies.certain);
                double want = log((double)count_by_listing(K, sizes, Z));
                assert_near(copies.log_copies, want, 1e-12);
            }
        }
}

/* Groups with a name: S_K for collapse, 2^m m! for m pairs, the dihedral group for a ring, and
 * nothing for a cubic graph whose every vertex lies in another way. */
static void groups_of_large_matrices(void **state) {
    (void)state;
    enum { K = 40 };
    /* The Frucht graph, three neighbours a vertex and no symmetry, with a ring of 28 behind it. */
    static const int frucht[18][2] = {{0, 1},  {1, 2},  {2, 3},  {3, 4},  {4, 5}, {5, 6},
                                      {6, 0},  {0, 7},  {1, 7},  {2, 8},  {3, 9}, {4, 9},
                                      {5, 10}, {6, 10}, {7, 11}, {8, 11}, {8, 9}, {10, 11}};
    double Z[4][K * K] = {{0}}, want[4] = {lgamma(K + 1.0), K / 2 * log(2.0) + lgamma(K / 2 + 1.0),
                                           log(2.0 * K), log(2.0 * (K - 12))};
    size_t sizes[K];
    for (size_t i = 0; i < K; i++) {
        size_t next = (i + 1) % K, ring = i < 12 ? i : i + 1 < K ? i + 1 : 12;
        sizes[i] = 3;
        for (size_t m = 0; m < 4; m++) Z[m][i + K * i] = 3.0;
        for (size_t j = 0; j < K; j++)
            if (i != j) Z[0][i + K * j] = -1.0;
        Z[1][i + K * (i ^ 1)] = -3.0;
        Z[2][i + K * next] = Z[2][next + K * i] = 1.0;
        if (ring != i) Z[3][i + K * ring] = Z[3][ring + K * i] = 1.0;
    }
    for (size_t e = 0; e < 18; e++)
        Z[3][frucht[e][0] + K * frucht[e][1]] = Z[3][frucht[e][1] + K * frucht[e][0]] = 1.0;
    for (size_t m = 0; m < 4; m++) {
        tw_copies copies;
        assert_ok(tw_copies_count(K, sizes, Z[m], 1e-6, &copies));
        assert_true(copies.certain);
        assert_near(copies.log_group, want[m], 1e-10);
    }
    /* Values that lead from one to the next in steps below the tolerance. */
    tw_copies copies;
    for (size_t i = 0; i < K * K; i++) Z[0][i] = 1.0 + 1e-7 * (double)i;
    assert_ok(tw_copies_count(K, sizes, Z[0], 1e-6, &copies));
    assert_false(copies.certain);
}

/* ---- Closed forms against points ---- */

static tw_laplace form_of(const test_case *c, const char *text) {
    tw_closed_case given = {c->classes, c->samples, c->width,
                            c->layers,  c->lambda,  tw_loss_find(c->loss)};
    tw_closed_form form = {0};
    tw_laplace laplace;
    assert_ok(tw_closed_form_solve(&given, text, &form));
    assert_ok(tw_free_energy_of_form(&form, &laplace));
    tw_closed_form_clear(&form);
    return laplace;
}

static tw_laplace point_of(const test_case *c, const char *text, size_t dense_limit) {
    built b = build(c, text, 9);
    tw_examination_options how = TW_EXAMINATION_DEFAULTS;
    tw_free_energy_options options = TW_FREE_ENERGY_DEFAULTS;
    tw_examination examination;
    tw_laplace laplace;
    how.degeneracy.budget.dense_limit = dense_limit;
    assert_ok(tw_point_examine(b.evaluator, &how, b.point.theta, &examination));
    assert_ok(
        tw_free_energy_of_point(b.evaluator, b.point.theta, &examination, &options, &laplace));
    tw_examination_clear(&examination);
    built_clear(&b);
    return laplace;
}

/* Dense route and sectors. Each log of an eigenvalue is off by what the sum log_det_rounding
 * allows; the volume by the relative error of the factors, a few eps, times its modes. */
static void forms_are_their_points(void **state) {
    (void)state;
    static const struct {
        test_case c;
        const char *name;
    } rows[] = {{{"ce", "linear", 4, 2, 6, 2, 4e-3}, "dnc"},
                {{"ce", "linear", 6, 1, 7, 3, 1e-3}, "cross-polytope"},
                {{"ce", "linear", 5, 2, 6, 1, 1e-2}, "dnc"},
                {{"mse", "linear", 3, 2, 3, 2, 4e-3}, "dnc"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        tw_laplace form = form_of(&rows[i].c, rows[i].name);
        for (size_t limit = 1; limit <= 6000; limit += 5999) {
            tw_laplace point = point_of(&rows[i].c, rows[i].name, limit);
            double slack = point.log_det_rounding + form.log_det_rounding;
            assert_true(form.defined && point.defined);
            assert_true(point.log_det.exact);
            assert_int_equal(form.zero_modes, point.zero_modes);
            assert_int_equal(form.parameters, point.parameters);
            assert_near(form.loss, point.loss, 1e-14);
            assert_near(form.log_copies, point.log_copies, 1e-12);
            assert_near(form.log_orbit_volume, point.log_orbit_volume, 1e-11);
            assert_true(slack < 1e-8);
            assert_near(form.log_det.value, point.log_det.value, slack);
            assert_near(form.smallest, point.smallest, 1e-12);
        }
    }
}

static void refusals_are_answers(void **state) {
    (void)state;
    const test_case saddle = {"ce", "linear", 10, 5, 12, 2, 0.03},
                    gone = {"ce", "linear", 10, 5, 12, 2, 0.06},
                    turned = {"mse", "linear", 4, 1, 5, 2, 4e-3};
    tw_laplace x = form_of(&saddle, "dnc");
    assert_false(x.defined);
    assert_non_null(strstr(x.refusal, "saddle"));
    assert_true(isnan(tw_laplace_free_energy(&x, 1.0)));
    x = form_of(&gone, "dnc");
    assert_false(x.defined);
    assert_non_null(strstr(x.refusal, "fold"));
    x = form_of(&turned, "projector:2");
    assert_false(x.defined);
    x = point_of(&saddle, "dnc", 6000);
    assert_false(x.defined);
    assert_false(tw_laplace_cross(&x, &x).exists);
}

/* ---- Crossings ---- */

static tw_laplace made(double loss, uint64_t modes, double log_det, double volume) {
    return (tw_laplace){.defined = true,
                        .loss = loss,
                        .parameters = 100,
                        .zero_modes = modes,
                        .log_orbit_volume = volume,
                        .log_det = {.value = log_det, .exact = true},
                        .smallest = 1e-3};
}

static void check_crossing(const tw_laplace *a, const tw_laplace *b, bool two) {
    tw_crossing c = tw_laplace_cross(a, b), turned = tw_laplace_cross(b, a);
    assert_true(c.exists);
    double F = tw_laplace_free_energy(a, c.beta), other = tw_laplace_free_energy(b, c.beta);
    assert_near(F, other, 1e-11 * fmax(1.0, fabs(F)));
    assert_near(c.beta, turned.beta, 1e-12 * c.beta);
    assert_int_equal(isfinite(c.lower), two);
    if (!two) return;
    assert_true(c.lower < c.beta);
    F = tw_laplace_free_energy(a, c.lower);
    assert_near(F, tw_laplace_free_energy(b, c.lower), 1e-11 * fmax(1.0, fabs(F)));
}

static void crossings_balance(void **state) {
    (void)state;
    tw_laplace low = made(0.1, 20, -300.0, 30.0), high = made(0.2, 40, -200.0, 100.0);
    check_crossing(&high, &low, true);
    tw_laplace less = made(0.2, 10, -350.0, 40.0); /* fewer zero modes and a higher loss: one */
    check_crossing(&less, &low, false);
    tw_laplace equal = made(0.2, 20, -380.0, 60.0); /* as many: linear in beta */
    check_crossing(&equal, &low, false);
    assert_near(tw_laplace_cross(&equal, &low).beta, (30.0 + 40.0) / 0.1, 1e-9);
    tw_laplace hopeless = made(5.0, 21, 100.0, 30.0); /* never outweighs */
    assert_false(tw_laplace_cross(&hopeless, &low).exists);
    tw_laplace twin = made(0.1, 40, -250.0, 30.0); /* no difference in loss: in log beta */
    check_crossing(&twin, &low, false);
}

/* The error is what a change of the log-determinant by one standard error does to beta. */
static void errors_carry_over(void **state) {
    (void)state;
    tw_laplace low = made(0.1, 20, -300.0, 30.0), high = made(0.2, 40, -200.0, 100.0);
    high.log_det.exact = false;
    high.log_det.error = 1e-4;
    tw_crossing c = tw_laplace_cross(&high, &low);
    high.log_det.value += 1e-4;
    assert_near(fabs(tw_laplace_cross(&high, &low).beta - c.beta), c.error, 1e-3 * c.error);
}

/* A list of forms at two widths is each form at each width, under its own name. */
static void lists_of_forms_are_their_forms(void **state) {
    (void)state;
    const tw_closed_case given = {.classes = 4,
                                  .samples = 1,
                                  .width = 99,
                                  .layers = 2,
                                  .lambda = 0.002,
                                  .loss = tw_loss_find("ce")};
    const size_t widths[] = {5, 8};
    const double betas[] = {10.0, 1e4, 1e5};
    const char *const names[] = {"dnc", "blocks:2,2", "zero"};
    tw_weights w = {0};
    assert_ok(tw_weights_of_forms(&given, "dnc/blocks:2,2/zero", 2, widths, 3, betas, &w));
    assert_true(w.count == 3 && w.scale_count == 2 && w.listed == 3 && w.betas[2] == 1e5);
    for (size_t s = 0; s < 2; s++)
        for (size_t i = 0; i < 3; i++) {
            tw_closed_case at = given;
            tw_closed_form form = {0};
            tw_laplace alone;
            const tw_weighed *optimum = &w.scales[s].optima[i];
            at.width = widths[s];
            assert_ok(tw_closed_form_solve(&at, names[i], &form));
            assert_ok(tw_free_energy_of_form(&form, &alone));
            assert_int_equal(w.scales[s].width, widths[s]);
            assert_string_equal(optimum->name, names[i]);
            assert_true(optimum->laplace.parameters == alone.parameters &&
                        optimum->laplace.loss == alone.loss);
            tw_closed_form_clear(&form);
        }
    tw_weights_clear(&w);
    assert_int_equal(tw_weights_of_forms(&given, "dnc/heap", 2, widths, 3, betas, &w),
                     TW_ERR_ARGUMENT);
    assert_null(w.scales);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(volumes_of_known_manifolds),
        cmocka_unit_test(volumes_off_balance),
        cmocka_unit_test(volume_of_a_balanced_point),
        cmocka_unit_test(copies_by_listing),
        cmocka_unit_test(groups_of_large_matrices),
        cmocka_unit_test(forms_are_their_points),
        cmocka_unit_test(refusals_are_answers),
        cmocka_unit_test(crossings_balance),
        cmocka_unit_test(errors_carry_over),
        cmocka_unit_test(lists_of_forms_are_their_forms),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
