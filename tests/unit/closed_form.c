/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Closed forms against the model itself: every kind of the table is built as a point, its gradient
 * has to vanish, its loss to be the library's, and its spectrum all eigenvalues of the dense
 * Hessian. Tolerances: a few P eps ||H||, the backward error of the dense route, and for the
 * gradient P eps ||H|| ||theta||, what rounding theta does to it. */
#include "support/test.h"

#include <thalweg/model/evaluator.h>
#include <thalweg/operator/hessian.h>
#include <thalweg/optima/sectors.h>
#include <thalweg/spectrum/spectrum.h>

#include "oracle/balanced_oracle.h"
#include "oracle/dense_oracle.h"
#include "unit/closed_form.h"

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static double *expand(const tw_levels *levels, size_t n) {
    double *values = calloc(n, sizeof *values);
    size_t at = 0;
    assert_int_equal(tw_levels_total(levels), n);
    for (size_t i = 0; i < levels->count; i++)
        for (uint64_t c = 0; c < levels->rows[i].copies; c++) values[at++] = levels->rows[i].value;
    qsort(values, n, sizeof *values, ascending);
    return values;
}

/* The model of a form, and the balanced point with its class logits in a random gauge. */
typedef struct built {
    tw_dufm model;
    size_t n;
    double *theta;
} built;

static void check_singular_values(const tw_closed_form *form, const built *b) {
    size_t r = form->rank, d = form->given.width;
    double *s = oracle_alloc(r, sizeof *s), *logits = oracle_alloc(r, sizeof *s);
    assert_ok(tw_closed_form_singular_values(form, logits, s));
    for (size_t l = 0; l <= form->given.layers; l++) {
        tw_block F = tw_dufm_factor(&b->model, l);
        size_t thin = F.rows < F.cols ? F.rows : F.cols;
        double *values = oracle_alloc(thin, sizeof *values);
        double *U = oracle_alloc(F.rows * thin, sizeof *U);
        double *VT = oracle_alloc(thin * F.cols, sizeof *VT);
        oracle_svd(F.rows, F.cols, b->theta + F.offset, values, U, VT);
        qsort(values, thin, sizeof *values, ascending);
        qsort(s, r, sizeof *s, ascending);
        for (size_t i = 0; i < r; i++)
            assert_near(values[thin - r + i], s[i], (double)(8 * d + 8) * DBL_EPSILON * s[r - 1]);
        free(values);
        free(U);
        free(VT);
    }
    free(s);
    free(logits);
}

static void build(const tw_closed_form *form, built *b) {
    const tw_closed_case *g = &form->given;
    size_t K = g->classes, N = K * g->samples;
    double *class_logits = oracle_alloc(K * K, sizeof(double)), *Z = oracle_alloc(K * N, sizeof *Z);
    assert_ok(tw_dufm_init(&b->model, g->layers, N));
    for (size_t l = 0; l < g->layers; l++) b->model.widths[l] = g->width;
    for (size_t l = 0; l < g->layers; l++) b->model.lambda_W[l] = g->lambda;
    for (size_t i = 0; i < N; i++) b->model.labels[i] = (int)(i % K);
    b->model.widths[g->layers] = K;
    b->model.lambda_H = g->lambda;
    b->model.loss = g->loss;
    b->model.activation = tw_activation_find("linear");
    assert_ok(tw_dufm_check(&b->model));
    b->n = tw_dufm_parameters(&b->model);
    assert_int_equal(b->n, form->parameters);
    b->theta = oracle_alloc(b->n, sizeof(double));
    oracle_model model = {.layers = g->layers,
                          .widths = b->model.widths,
                          .samples = N,
                          .labels = b->model.labels,
                          .lambda_W = b->model.lambda_W,
                          .lambda_H = g->lambda};
    assert_ok(tw_closed_form_class_logits(form, class_logits));
    oracle_spread(&model, class_logits, Z);
    assert_int_equal(oracle_balanced_point(&model, Z, 7, b->theta), form->rank);
    if (form->rank > 0) check_singular_values(form, b);
    free(class_logits);
    free(Z);
}

/* Counts of the dense spectrum against the predicted ones. */
static void check_counts(const tw_closed_form *form, const double *values, size_t n, double norm) {
    double threshold = 40.0 * (double)n * DBL_EPSILON * norm;
    size_t zeros = 0, negative = 0;
    for (size_t i = 0; i < n; i++) {
        zeros += fabs(values[i]) <= threshold;
        negative += values[i] < -threshold;
    }
    assert_int_equal(zeros, form->orbit_zero_modes + form->other_zero_modes);
    if (form->stability == TW_CLOSED_UNKNOWN)
        assert_true(form->part_count > 0 && !form->has_spectrum);
    else
        assert_int_equal(negative > 0, form->stability == TW_CLOSED_SADDLE);
}

static void check_against_model(const tw_closed_form *form) {
    built b = {0};
    tw_evaluator *evaluator = NULL;
    tw_hessian hessian;
    tw_dense_result dense = {0};
    double value;
    build(form, &b);
    double *gradient = calloc(b.n, sizeof *gradient), size = (double)b.n * DBL_EPSILON;
    assert_ok(tw_evaluator_create(&b.model, &evaluator));
    tw_objective objective = tw_evaluator_objective(evaluator);
    assert_ok(objective.eval(objective.self, b.theta, &value, gradient));
    hessian = tw_hessian_at(&objective, b.theta);
    tw_linop H = tw_hessian_linop(&hessian);
    assert_ok(tw_spectrum_dense(&H, &TW_DENSE_DEFAULTS, &dense));
    assert_near(oracle_norm(b.n, gradient), 0.0,
                size * dense.norm * fmax(1.0, oracle_norm(b.n, b.theta)));
    assert_near(form->loss, value, size * value);
    assert_near(form->fit, tw_evaluator_fit(evaluator), size * value);
    assert_near(form->penalty, tw_evaluator_penalty(evaluator), size * value);
    check_counts(form, dense.pairs.values, b.n, dense.norm);
    if (form->has_spectrum) {
        double *values = expand(&form->levels, b.n);
        /* theta rounds by eps, the logits by (L+1) x eps, and so does the softmax, relatively. */
        double x = form->part_count ? form->parts[0].class_singular : 0.0;
        double softmax = 4.0 * DBL_EPSILON * (double)(form->given.layers + 1) * x;
        assert_near(test_distance(b.n, values, dense.pairs.values), 0.0,
                    (4.0 * size + softmax) * dense.norm);
        free(values);
    }
    tw_dense_result_clear(&dense);
    tw_evaluator_destroy(evaluator);
    tw_dufm_clear(&b.model);
    free(gradient);
    free(b.theta);
}

static void check_shapes(const char *loss, const char *text, size_t K) {
    for (size_t L = 1; L <= 4; L++)
        for (size_t n = 1; n <= 3; n += 2) {
            tw_closed_case given = make_case(loss, K, n, K, L);
            tw_closed_form form = solve_at(given, text, 1e-4);
            size_t r = form.rank > 0 ? form.rank : 1;
            double fold = fold_of(given, text);
            tw_closed_form_clear(&form);
            for (given.width = r; given.width <= r + 2; given.width += 2)
                for (int i = 0; i < 3; i++) {
                    form = solve_at(given, text, fold * (double[]){0.93, 0.23, 1e-3}[i]);
                    assert_true(form.exists);
                    check_against_model(&form);
                    tw_closed_form_clear(&form);
                }
        }
}

static void every_kind_is_what_it_says(void **state) {
    (void)state;
    const tw_closed_kind *kind;
    for (size_t i = 0; (kind = tw_closed_kind_at(i)) != NULL; i++) {
        size_t tried = 0;
        assert_ptr_equal(tw_closed_kind_find(kind->name), kind);
        assert_true(strlen(kind->summary) > 0);
        for (size_t j = 0; j < 3 && kind->losses[j]; j++)
            for (size_t K = 2; K <= 5; K++)
                for (size_t variant = 0; variant < K; variant++) {
                    char text[64];
                    if (!text_for(kind, K, variant, text)) continue;
                    check_shapes(kind->losses[j], text, K);
                    tried++;
                }
        assert_true(tried >= 2);
    }
    assert_null(tw_closed_kind_find("nothing"));
}

/* K = 10, n = 5 (docs/mathematics.md, section 4); half a unit of the last printed digit. */
static void published_losses(void **state) {
    (void)state;
    static const struct {
        size_t layers, samples;
        double lambda;
        const char *text;
        double loss;
    } rows[] = {
        {2, 5, 0x1p-10, "dnc", .09066218},
        {2, 5, 0x1p-10, "blocks:10", .09066218},
        {2, 5, 0x1p-10, "blocks:8,2", .08843342},
        {2, 5, 0x1p-10, "blocks:6,2,2", .08608160},
        {2, 5, 0x1p-10, "blocks:4,2,2,2", .08345981},
        {2, 5, 0x1p-10, "cross-polytope", .08001266},
        {2, 5, 0x1p-10, "blocks:2,2,2,2,2", .08001266},
        {2, 5, 0x1p-10, "blocks:7,3", .08918839},
        {2, 5, 0x1p-10, "blocks:5,5", .08962967},
        {2, 5, 0x1p-10, "blocks:5,3,2", .08673088},
        {2, 5, 0x1p-10, "blocks:4,4,2", .08690696},
        {2, 5, 0x1p-10, "blocks:2,4,4", .08690696},
        {2, 5, 0x1p-10, "blocks:3,3,2,2", .08383209},
        {3, 5, 0x1p-9, "dnc", .14706077},
        {3, 5, 0x1p-9, "cross-polytope", .11652526},
        {2, 10, 0x1p-10, "dnc", .11192049},
        {2, 10, 0x1p-10, "cross-polytope", .09877765},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        tw_closed_case given = make_case("ce", 10, rows[i].samples, 12, rows[i].layers);
        tw_closed_form form = solve_at(given, rows[i].text, rows[i].lambda);
        assert_near(form.loss, rows[i].loss, 5.1e-9);
        tw_closed_form_clear(&form);
    }
    tw_closed_form form = solve_at(make_case("ce", 10, 10, 64, 2), "cross-polytope", 0x1p-10);
    assert_near(form.parts[0].scale, 6.802366, 5.1e-7);
    assert_near(form.parts[0].logit_singular, 43.0219, 5.1e-5);
    assert_string_equal(form.symbol, "b");
    tw_closed_form_clear(&form);
}

/* At lambda = 1/(K sqrt n), rounded either way, zero is neither a saddle nor without flat modes. */
static void zero_at_its_threshold_is_flat(void **state) {
    (void)state;
    for (size_t K = 2; K <= 7; K++)
        for (size_t n = 1; n <= 3; n++)
            for (int i = 0; i < 6; i++) {
                const char *loss = i % 2 ? "ce" : "mse";
                double threshold = 1.0 / ((double)K * sqrt((double)n));
                double lambda = i / 2 == 0   ? threshold
                                : i / 2 == 1 ? nextafter(threshold, 0.0)
                                             : nextafter(threshold, 1.0);
                tw_closed_form form = solve_at(make_case(loss, K, n, K, 1), "zero", lambda);
                uint64_t flat = K * (i % 2 ? K - 1 : K);
                assert_int_equal(form.stability, TW_CLOSED_STABLE);
                assert_int_equal(form.other_zero_modes, flat);
                assert_int_equal(tw_levels_within(&form.levels, 0.0), flat);
                if (K <= 4 && i < 2) check_against_model(&form);
                tw_closed_form_clear(&form);
            }
}

/* Sizes beyond any dense matrix, by the sectors of the class logits. */
static void collapse_agrees_with_the_sectors(void **state) {
    (void)state;
    for (size_t L = 1; L <= 3; L++)
        for (int ce = 0; ce < 2; ce++) {
            tw_closed_case given = make_case(ce ? "ce" : "mse", 10, 7, 30, L);
            tw_closed_form form = solve_at(given, "dnc", 0x1p-10);
            double Z[100], sizes[10], lambda_W[3] = {0x1p-10, 0x1p-10, 0x1p-10};
            size_t widths[4] = {30, 30, 30, 30}, n = (size_t)form.parameters;
            for (size_t k = 0; k < 10; k++) sizes[k] = 7;
            widths[L] = 10;
            assert_ok(tw_closed_form_class_logits(&form, Z));
            tw_class_logits logits = {Z, sizes, L, widths, lambda_W, 0x1p-10, given.loss};
            tw_sector_options options = TW_SECTOR_DEFAULTS;
            tw_sectors sectors = {0};
            assert_ok(tw_sectors_of_logits(&logits, &options, &sectors));
            assert_true(sectors.applicable);
            double *x = expand(&form.levels, n), *y = expand(&sectors.levels, n);
            assert_near(test_distance(n, x, y), 0.0, 1000 * DBL_EPSILON * sectors.norm);
            /* rotations are exact zeros, not rounding of them */
            assert_int_equal(tw_levels_within(&sectors.levels, 0.0), form.orbit_zero_modes);
            free(x);
            free(y);
            tw_sectors_clear(&sectors);
            tw_closed_form_clear(&form);
        }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_kind_is_what_it_says),
        cmocka_unit_test(published_losses),
        cmocka_unit_test(zero_at_its_threshold_is_flat),
        cmocka_unit_test(collapse_agrees_with_the_sectors),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
