/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The orbit's dimension and projector away from balance, where factors have different ranks and
 * sizes and rotations may leave the point where it is, against generators written out one by one.
 *
 * Tolerance: both the library and the oracle know a tangent vector only to eps times the condition
 * number of the generators' map, 1/kept. */
#include "support/oom.h"
#include "support/test.h"

#include <stdio.h>
#include <thalweg/base/random.h>
#include <thalweg/symmetry/symmetry.h>

#include "oracle/dense_oracle.h"
#include "oracle/symmetry_oracle.h"
#include "symmetry/core_chain_private.h"
#include "symmetry/symmetry_private.h"

#define POINTS 200
#define MOST_LAYERS 4
#define VISIBLE 1e3 /* kept over dropped: the oracle's own rank is beyond doubt */

typedef struct fixture {
    tw_dufm model;
    oracle_model oracle;
    size_t n;
    double *theta;
    tw_symmetry *symmetry;
    oracle_orbit orbit;
} fixture;

static void fixture_init(fixture *f, size_t layers, const size_t *widths, size_t samples,
                         double ridge) {
    *f = (fixture){0};
    assert_ok(tw_dufm_init(&f->model, layers, samples));
    for (size_t l = 0; l <= layers; l++) f->model.widths[l] = widths[l];
    for (size_t l = 0; l < layers; l++) f->model.lambda_W[l] = ridge;
    for (size_t i = 0; i < samples; i++) f->model.labels[i] = (int)(i % widths[layers]);
    f->model.lambda_H = ridge;
    f->model.loss = tw_loss_find("mse");
    f->model.activation = tw_activation_find("linear");
    assert_ok(tw_dufm_check(&f->model));
    f->n = tw_dufm_parameters(&f->model);
    f->theta = calloc(f->n, sizeof(double));
    f->oracle = (oracle_model){.layers = layers,
                               .widths = f->model.widths,
                               .samples = samples,
                               .labels = f->model.labels,
                               .loss = ORACLE_MSE,
                               .activation = ORACLE_LINEAR,
                               .lambda_W = f->model.lambda_W,
                               .lambda_H = ridge};
}

static void fixture_clear(fixture *f) {
    oracle_orbit_clear(&f->orbit);
    tw_symmetry_destroy(f->symmetry);
    tw_dufm_clear(&f->model);
    free(f->theta);
}

/* ---- Points ---- */

static size_t pick(tw_random *stream, size_t low, size_t high) {
    return low + (size_t)(tw_random_uniform(stream) * (double)(high - low + 1));
}

/* How the factors of a point are made. */
typedef struct recipe {
    double ridge;
    bool shared;   /* all factors have their singular vectors in common frames of the spaces */
    bool balanced; /* and all the same singular values */
    bool repeated; /* all singular values of a factor are equal, and its ends of low rank */
    double spread; /* sizes of factors: 10^(+- spread) */
} recipe;

static recipe recipe_of(size_t i) {
    return (recipe){.ridge = i % 2 ? 0.02 : 0.0,
                    .shared = i % 5 < 2,
                    .balanced = i % 5 == 0,
                    .repeated = i % 3 > 0,
                    .spread = i % 7 == 0  ? 0.0
                              : i % 7 < 4 ? 1.0
                                          : 4.0};
}

/* The frames of space l (d x d): the same for both factors that meet there, or one for each. */
static void frame_of(size_t point, size_t l, bool second, size_t d, double *Q) {
    oracle_random_frame(100 * point + 10 * l + (second ? 5 : 0), d, d, Q);
}

static void fill_factor(const fixture *f, size_t point, const recipe *r, size_t l, size_t rank,
                        double *values) {
    tw_block F = tw_dufm_factor(&f->model, l);
    double *U = calloc(F.rows * F.rows, sizeof *U), *V = calloc(F.cols * F.cols, sizeof *V);
    frame_of(point, l + 1, false, F.rows, U);
    frame_of(point, l, !r->shared, F.cols, V);
    for (size_t m = 0; m < rank; m++)
        for (size_t j = 0; j < F.cols; j++)
            for (size_t i = 0; i < F.rows; i++)
                f->theta[F.offset + i + F.rows * j] +=
                    values[m] * U[i + F.rows * m] * V[j + F.cols * m];
    free(U);
    free(V);
}

static void draw_values(tw_random *stream, const recipe *r, double *values) {
    double size = pow(10.0, r->spread * (2.0 * tw_random_uniform(stream) - 1.0));
    for (size_t m = 0; m < 8; m++) {
        values[m] = size * (0.2 + 0.8 * tw_random_uniform(stream));
        if (r->repeated && m > 0) values[m] = values[0];
    }
}

static void random_point(size_t point, fixture *f) {
    tw_random stream;
    recipe r = recipe_of(point);
    size_t layers = 1 + point % MOST_LAYERS, widths[MOST_LAYERS + 1], least = 8;
    double values[8];
    tw_random_init(&stream, point, TW_PURPOSE_TEST, 0);
    for (size_t l = 0; l <= layers; l++) {
        widths[l] = l < layers ? pick(&stream, 2, 7) : pick(&stream, 2, 4);
        if (widths[l] < least) least = widths[l];
    }
    fixture_init(f, layers, widths, widths[layers] + pick(&stream, 0, 3), r.ridge);
    size_t common = pick(&stream, 1, least);
    draw_values(&stream, &r, values);
    for (size_t l = 0; l <= layers; l++) {
        tw_block F = tw_dufm_factor(&f->model, l);
        size_t most = F.rows < F.cols ? F.rows : F.cols;
        if (r.repeated && (l == 0 || l == layers)) most = most / 2 + 1;
        size_t rank = pick(&stream, 0, 6) ? pick(&stream, 1, most) : 0;
        if (r.repeated && l > 0 && l < layers) rank = most;
        if (!r.balanced) draw_values(&stream, &r, values);
        fill_factor(f, point, &r, l, r.balanced ? common : rank, values);
    }
}

/* ---- Comparison ---- */

/* One property of the projector. */
static void check(const char *name, const char *property, double error, double tolerance) {
    if (!(error <= tolerance)) fail_msg("%s, %s: %.3g > %.3g", name, property, error, tolerance);
}

static void check_projector(fixture *f, const char *name, double tolerance) {
    tw_tangent tangent = tw_symmetry_tangent(f->symmetry);
    size_t n = f->n;
    double *v = calloc(4 * n, sizeof *v), *w = v + n, *Pv = v + 2 * n, *Pw = v + 3 * n;
    oracle_random_normal(1, n, 1.0, v);
    oracle_random_normal(2, n, 1.0, w);
    double size = oracle_norm(n, v);
    assert_ok(tw_linop_apply(&tangent.complement, 1, v, n, Pv, n));
    assert_ok(tw_linop_apply(&tangent.complement, 1, w, n, Pw, n));
    check(name, "symmetric", fabs(oracle_dot(n, w, Pv) - oracle_dot(n, v, Pw)) / size / size,
          tolerance);
    check(name, "orthogonal", oracle_orbit_component(&f->orbit, Pv) / size, tolerance);
    assert_ok(tw_linop_apply(&tangent.complement, 1, Pv, n, w, n));
    check(name, "idempotent", test_distance(n, Pv, w) / size, tolerance);
    for (size_t i = 0; i < n; i++) w[i] = v[i] - Pv[i];
    check(name, "no more than the tangent",
          fabs(oracle_norm(n, w) - oracle_orbit_component(&f->orbit, v)) / size, tolerance);
    for (size_t g = 0; g < f->orbit.generators; g++) {
        const double *generator = f->orbit.tangents + g * n;
        double length = oracle_norm(n, generator);
        assert_ok(tw_linop_apply(&tangent.complement, 1, generator, n, Pv, n));
        check(name, "kills generators", oracle_norm(n, Pv), tolerance * length);
    }
    tw_random stream;
    tw_random_init(&stream, 3, TW_PURPOSE_TANGENT, 0);
    assert_ok(tangent.sample(tangent.self, &stream, v));
    double expected = tangent.dimension > 0 ? 1.0 : 0.0;
    check(name, "sample of length 1", fabs(oracle_norm(n, v) - expected), tolerance);
    check(name, "sample inside", fabs(oracle_orbit_component(&f->orbit, v) - expected), tolerance);
    free(v);
}

static void compare(fixture *f, const char *name) {
    assert_ok(tw_symmetry_create(&f->model, f->theta, TW_RANK_TOLERANCE, NULL, &f->symmetry));
    oracle_orbit_build(&f->oracle, f->theta, 1e-11, &f->orbit);
    tw_stabilisers s = tw_symmetry_stabilisers(f->symmetry);
    size_t dimension = tw_symmetry_tangent(f->symmetry).dimension;
    if (!(f->orbit.kept > VISIBLE * f->orbit.dropped))
        fail_msg("%s: the oracle's rank has no gap: %g, %g", name, f->orbit.kept, f->orbit.dropped);
    if (dimension != f->orbit.rank || tw_symmetry_doubt(f->symmetry)[0] != '\0')
        fail_msg(
            "%s: %zu predicted (%s, kept %.3g, dropped %.3g), %zu by the oracle (kept %.3g, "
            "dropped %.3g); %s",
            name, dimension, s.method, s.kept, s.dropped, f->orbit.rank, f->orbit.kept,
            f->orbit.dropped, tw_symmetry_doubt(f->symmetry));
    check_projector(f, name, 1e3 * DBL_EPSILON / f->orbit.kept);
}

static void predicted_dimension_is_the_rank_of_the_tangent(void **state) {
    (void)state;
    size_t with_stabilisers = 0, methods[2] = {0, 0};
    for (size_t point = 0; point < POINTS; point++) {
        fixture f;
        char name[32];
        snprintf(name, sizeof name, "point %zu", point);
        random_point(point, &f);
        compare(&f, name);
        tw_stabilisers s = tw_symmetry_stabilisers(f.symmetry);
        with_stabilisers += s.count > 0;
        methods[strcmp(s.method, "decoupled") != 0]++;
        fixture_clear(&f);
    }
    assert_true(with_stabilisers >= 20);
    assert_true(methods[0] >= 20 && methods[1] >= 20);
}

/* The part that neither features nor logits reach has all stabilisers of the whole. */
static void the_staircase_keeps_every_stabiliser(void **state) {
    (void)state;
    size_t reduced = 0;
    for (size_t point = 0; point < POINTS; point++) {
        fixture f;
        tw_core_chain whole = {0}, rest = {0};
        tw_stabilisers of_whole = {0}, of_rest = {0};
        double kept, dropped;
        random_point(point, &f);
        assert_ok(tw_symmetry_create(&f.model, f.theta, TW_RANK_TOLERANCE, NULL, &f.symmetry));
        assert_ok(tw_core_chain_of(f.symmetry, &whole));
        assert_ok(tw_core_chain_reduce(&whole, &rest, &kept, &dropped));
        if (tw_core_chain_pairs(&whole) > 0)
            assert_ok(tw_core_chain_decompose(&whole, &of_whole, NULL));
        if (tw_core_chain_pairs(&rest) > 0)
            assert_ok(tw_core_chain_decompose(&rest, &of_rest, NULL));
        assert_true(of_whole.count == of_rest.count);
        assert_true(kept > 1e-9 && dropped < 1e-12);
        reduced += tw_core_chain_pairs(&rest) < tw_core_chain_pairs(&whole);
        tw_core_chain_clear(&whole);
        tw_core_chain_clear(&rest);
        fixture_clear(&f);
    }
    assert_true(reduced >= 100);
}

/* ---- Points with known numbers ---- */

static double *factor_of(const fixture *f, size_t l) {
    return f->theta + tw_dufm_factor(&f->model, l).offset;
}

/* L = 2, W_1 orthogonal, H and W_2 generic of rank 3: in both spaces of width d they reach 6
 * dimensions, and the rotations of the other d - 6 by A_1 = W_1 A_0 W_1^T move nothing. */
static void orthogonal_layer(size_t d, fixture *f) {
    fixture_init(f, 2, (size_t[]){d, d, 3}, 3, 0.0);
    oracle_random_normal(1, d * 3, 1.0, factor_of(f, 0));
    oracle_random_frame(2, d, d, factor_of(f, 1));
    oracle_random_normal(3, 3 * d, 0.5, factor_of(f, 2));
}

static void rotations_beside_an_orthogonal_layer_move_nothing(void **state) {
    (void)state;
    for (size_t d = 8; d <= 10; d += 2) {
        fixture f;
        orthogonal_layer(d, &f);
        compare(&f, "orthogonal layer");
        size_t rotations = d * (d - 1), still = (d - 6) * (d - 7) / 2;
        assert_int_equal(tw_symmetry_tangent(f.symmetry).dimension, rotations - still);
        fixture_clear(&f);
    }
}

/* Too many rotations to write their map out. */
static void stabilisers_of_a_wide_point(void **state) {
    (void)state;
    fixture f;
    size_t d = 48, n;
    orthogonal_layer(d, &f);
    n = f.n;
    assert_ok(tw_symmetry_create(&f.model, f.theta, TW_RANK_TOLERANCE, NULL, &f.symmetry));
    tw_stabilisers s = tw_symmetry_stabilisers(f.symmetry);
    assert_string_equal(s.method, "staircase");
    assert_string_equal(tw_symmetry_doubt(f.symmetry), "");
    assert_int_equal(s.count, (d - 6) * (d - 7) / 2);
    tw_tangent tangent = tw_symmetry_tangent(f.symmetry);
    double *v = calloc(3 * n, sizeof *v), *Pv = v + n, *PPv = v + 2 * n;
    oracle_random_normal(4, n, 1.0, v);
    assert_ok(tw_linop_apply(&tangent.complement, 1, v, n, Pv, n));
    assert_ok(tw_linop_apply(&tangent.complement, 1, Pv, n, PPv, n));
    assert_near(test_distance(n, Pv, PPv), 0.0, 1e-11 * oracle_norm(n, v));
    /* the share of a random vector: its dimension, within five deviations */
    double inside = pow(oracle_norm(n, v), 2) - pow(oracle_norm(n, Pv), 2);
    double expected = (double)tangent.dimension;
    assert_near(inside, expected, 5.0 * sqrt(2.0 * expected));
    free(v);
    fixture_clear(&f);
}

/* ---- Failing allocations ---- */

static tw_status create(void *self) {
    const fixture *f = self;
    tw_symmetry *symmetry = NULL;
    tw_status status = tw_symmetry_create(&f->model, f->theta, TW_RANK_TOLERANCE, NULL, &symmetry);
    tw_symmetry_destroy(symmetry);
    return status;
}

static tw_status reduce_and_decouple(void *self) {
    const fixture *f = self;
    tw_core_chain whole = {0}, rest = {0};
    tw_stabilisers found = {0};
    double kept, dropped;
    bool decoupled = false;
    tw_status status = tw_core_chain_of(f->symmetry, &whole);
    if (status == TW_OK) status = tw_core_chain_reduce(&whole, &rest, &kept, &dropped);
    if (status == TW_OK) status = tw_core_chain_decouple(&rest, &found, &decoupled);
    if (status == TW_OK) assert_true(decoupled && found.count == 6);
    tw_core_chain_clear(&whole);
    tw_core_chain_clear(&rest);
    return status;
}

static void failing_allocations_are_survived(void **state) {
    (void)state;
    fixture f;
    orthogonal_layer(10, &f);
    assert_true(oom_check(create, &f) > 50);
    assert_ok(tw_symmetry_create(&f.model, f.theta, TW_RANK_TOLERANCE, NULL, &f.symmetry));
    assert_true(oom_check(reduce_and_decouple, &f) > 50);
    fixture_clear(&f);
}

/* Exact interpolation with factors of sizes 1e-4, 1, 1e4. */
static void interpolation_with_unequal_sizes(void **state) {
    (void)state;
    fixture f;
    fixture_init(&f, 2, (size_t[]){5, 5, 3}, 12, 0.0);
    for (size_t i = 0; i < 12; i++) factor_of(&f, 0)[(size_t)f.model.labels[i] + 5 * i] = 1e-4;
    for (size_t i = 0; i < 5; i++) factor_of(&f, 1)[i + 5 * i] = 1.0;
    for (size_t i = 0; i < 3; i++) factor_of(&f, 2)[i + 3 * i] = 1e4;
    compare(&f, "interpolation");
    assert_int_equal(tw_symmetry_tangent(f.symmetry).dimension, 19);
    assert_int_equal(tw_symmetry_stabilisers(f.symmetry).count, 1);
    fixture_clear(&f);
}

/* W_1 = diag(1, s, 0, 0) without a ridge, the other factors zero with one: a critical point whose
 * orbit has ten dimensions however small s is. */
static void a_small_value_without_a_ridge_stays(void **state) {
    (void)state;
    const double small[] = {0.1, 5e-4, 1e-6, 1e-9};
    for (size_t i = 0; i < sizeof small / sizeof *small; i++) {
        fixture f;
        fixture_init(&f, 2, (size_t[]){4, 4, 3}, 6, 0.3);
        f.model.lambda_W[0] = 0.0;
        factor_of(&f, 1)[0] = 1.0;
        factor_of(&f, 1)[1 + 4 * 1] = small[i];
        assert_ok(tw_symmetry_create(&f.model, f.theta, TW_RANK_TOLERANCE, NULL, &f.symmetry));
        assert_int_equal(tw_symmetry_tangent(f.symmetry).dimension, 10);
        fixture_clear(&f);
    }
}

/* Two singular values of W_1 that differ by a little: the rotation that mixes their directions
 * moves the point by as much. It is counted, or left out with a doubt, never left out silently. */
static void an_almost_stabiliser_is_counted_or_doubted(void **state) {
    (void)state;
    for (int digits = 2; digits <= 16; digits++) {
        fixture f;
        fixture_init(&f, 2, (size_t[]){4, 4, 2}, 2, 0.0);
        factor_of(&f, 0)[0] = factor_of(&f, 0)[5] = 1.0;
        for (size_t i = 0; i < 4; i++) factor_of(&f, 1)[i + 4 * i] = 1.0;
        factor_of(&f, 1)[15] += pow(10.0, -digits);
        factor_of(&f, 2)[0] = factor_of(&f, 2)[3] = 1.0;
        assert_ok(tw_symmetry_create(&f.model, f.theta, TW_RANK_TOLERANCE, NULL, &f.symmetry));
        size_t count = tw_symmetry_stabilisers(f.symmetry).count;
        bool doubted = tw_symmetry_doubt(f.symmetry)[0] != '\0';
        if (digits <= 9) assert_true(count == 0 && !doubted);
        if (digits > 9 && digits <= 11) assert_true(count == 1 && doubted);
        if (digits == 16) assert_true(count == 1 && !doubted);
        fixture_clear(&f);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(predicted_dimension_is_the_rank_of_the_tangent),
        cmocka_unit_test(the_staircase_keeps_every_stabiliser),
        cmocka_unit_test(rotations_beside_an_orthogonal_layer_move_nothing),
        cmocka_unit_test(stabilisers_of_a_wide_point),
        cmocka_unit_test(failing_allocations_are_survived),
        cmocka_unit_test(interpolation_with_unequal_sizes),
        cmocka_unit_test(a_small_value_without_a_ridge_stays),
        cmocka_unit_test(an_almost_stabiliser_is_counted_or_doubted),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
