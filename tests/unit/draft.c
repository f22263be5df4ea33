/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Products at points of low rank against the six products, and where there are none. */
#include <thalweg/base/random.h>
#include <thalweg/model/evaluator.h>
#include <thalweg/operator/hessian.h>

#include "dense/low_rank_private.h"
#include "dense/matrix_private.h"
#include "model/draft_private.h"
#include "model/evaluator_private.h"
#include "support/test.h"

#define SAME 1e-13 /* relative: sums of hundreds of terms of like size */

enum { VECTORS = 3, LAYERS_MAX = 4 };

typedef struct draft_case {
    const char *activation, *loss;
    size_t layers, classes, samples, rank; /* of every factor */
    size_t widths[LAYERS_MAX];
    bool bias, collapsed;
} draft_case;

static const draft_case cases[] = {{"linear", "ce", 2, 6, 120, 5, {64, 90}, false, true},
                                   {"linear", "mse", 2, 6, 2000, 3, {90, 64}, true, false},
                                   {"linear", "ce", 3, 10, 60, 9, {100, 120, 96}, true, false},
                                   {"linear", "ce", 3, 10, 60, 1, {100, 120, 96}, false, false},
                                   {"linear", "ce", 4, 4, 80, 2, {70, 64, 72, 90}, true, true},
                                   {"linear", "mse", 4, 4, 80, 0, {70, 64, 72, 90}, false, false},
                                   {"relu", "ce", 3, 4, 200, 3, {100, 120, 96}, true, true},
                                   {"tanh", "mse", 2, 5, 150, 5, {90, 100}, false, true},
                                   {"gelu", "ce", 4, 3, 90, 2, {70, 64, 72, 90}, true, true}};
enum { CASES = sizeof cases / sizeof *cases };

typedef struct draft_point {
    tw_dufm model;
    tw_evaluator *evaluator;
    tw_objective f;
    size_t n;
    double *theta, *V, *exact, *drafts;
} draft_point;

/* A product of random factors; of H, with collapse, whose second one has a column a class. */
static void fill_factor(const draft_case *c, tw_random *stream, tw_block block, bool collapsed,
                        const int *labels, double *out) {
    double *U = calloc(block.rows * c->rank + 1, sizeof *U);
    double *V = calloc(block.cols * c->rank + 1, sizeof *V);
    tw_random_fill_normal(stream, block.rows * c->rank, U);
    tw_random_fill_normal(stream, block.cols * c->rank, V);
    for (size_t i = 0; collapsed && i < block.cols; i++)
        for (size_t j = 0; j < c->rank; j++)
            V[j + c->rank * i] = V[j + c->rank * (size_t)labels[i]];
    tw_multiply(0.1, tw_plain(U, block.rows, c->rank), tw_plain(V, c->rank, block.cols), 0.0,
                tw_mat(out, block.rows, block.cols));
    free(U);
    free(V);
}

static void make(const draft_case *c, draft_point *p) {
    tw_random stream;
    *p = (draft_point){0};
    assert_ok(tw_dufm_init(&p->model, c->layers, c->samples));
    for (size_t l = 0; l < c->layers; l++) {
        p->model.widths[l] = c->widths[l];
        p->model.lambda_W[l] = 1e-3 * (double)(l + 1);
    }
    p->model.widths[c->layers] = c->classes;
    p->model.lambda_H = 2e-3;
    p->model.bias = c->bias;
    p->model.lambda_b = 5e-3;
    p->model.loss = tw_loss_find(c->loss);
    p->model.activation = tw_activation_find(c->activation);
    for (size_t i = 0; i < c->samples; i++) /* the first classes have more of them */
        p->model.labels[i] = (int)(i < c->classes ? i : (i * i) % c->classes);
    assert_ok(tw_evaluator_create(&p->model, &p->evaluator));
    p->f = tw_evaluator_objective(p->evaluator);
    p->n = p->f.n;
    p->theta = calloc(p->n, sizeof *p->theta);
    p->V = calloc(p->n * VECTORS, sizeof *p->V);
    p->exact = calloc(p->n * VECTORS, sizeof *p->exact);
    p->drafts = calloc(p->n * VECTORS, sizeof *p->drafts);
    tw_random_init(&stream, 1, TW_PURPOSE_TEST, c->layers + 10 * c->rank);
    for (size_t i = 0; i < tw_dufm_block_count(&p->model); i++) {
        tw_block block = tw_dufm_block(&p->model, i);
        if (i > c->layers)
            tw_random_fill_normal(&stream, block.rows, p->theta + block.offset);
        else
            fill_factor(c, &stream, block, c->collapsed && i == c->layers, p->model.labels,
                        p->theta + block.offset);
    }
    tw_random_fill_normal(&stream, p->n * VECTORS, p->V);
}

static void clear(draft_point *p) {
    double *blocks[] = {p->theta, p->V, p->exact, p->drafts};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) free(blocks[i]);
    tw_evaluator_destroy(p->evaluator);
    tw_dufm_clear(&p->model);
}

static void multiply(draft_point *p) {
    assert_ok(p->f.hessian(p->f.self, p->theta, VECTORS, p->V, p->n, p->exact, p->n));
    const tw_beside at = {p->theta, TW_BESIDE_ROUNDING};
    assert_ok(p->f.draft(p->f.self, &at, VECTORS, p->V, p->n, p->drafts, p->n));
}

static double difference(const draft_point *p) {
    return test_distance(p->n * VECTORS, p->exact, p->drafts) /
           test_largest(p->n * VECTORS, p->exact);
}

static bool same_bits(const draft_point *p) {
    return memcmp(p->exact, p->drafts, p->n * VECTORS * sizeof *p->exact) == 0;
}

static void drafts_are_the_six_products(void **state) {
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        draft_point p;
        make(&cases[i], &p);
        bool bent = strcmp(cases[i].activation, "linear") != 0;
        assert_int_equal(tw_draft_may_pay(&p.model), !bent);
        assert_int_equal(tw_bent_draft_may_pay(&p.model), bent);
        multiply(&p);
        assert_near(difference(&p), 0.0, SAME);
        /* They did come another way; at zero only the ridges are left. */
        assert_int_equal(same_bits(&p), cases[i].rank == 0);
        clear(&p);
    }
}

/* Vectors of a block, padding between them, products at another point in between: the same bits. */
static void a_block_is_its_vectors(void **state) {
    (void)state;
    draft_point p;
    make(&cases[2], &p);
    multiply(&p);
    size_t ld = p.n + 7;
    double *V = calloc(ld * VECTORS, sizeof *V), *Y = calloc(ld * VECTORS, sizeof *Y);
    double *away = calloc(p.n, sizeof *away);
    for (size_t j = 0; j < VECTORS; j++) memcpy(V + j * ld, p.V + j * p.n, p.n * sizeof *V);
    for (size_t i = 0; i < p.n; i++) away[i] = 0.5 * p.theta[i];
    const tw_beside elsewhere = {away, TW_BESIDE_ROUNDING}, back = {p.theta, TW_BESIDE_ROUNDING};
    assert_ok(p.f.draft(p.f.self, &elsewhere, 1, V, ld, Y, ld));
    assert_true(test_distance(p.n, Y, p.drafts) > 1e-3 * test_largest(p.n, Y));
    assert_ok(p.f.draft(p.f.self, &back, VECTORS, V, ld, Y, ld));
    for (size_t j = 0; j < VECTORS; j++)
        assert_memory_equal(Y + j * ld, p.drafts + j * p.n, p.n * sizeof *Y);
    free(V);
    free(Y);
    free(away);
    clear(&p);
}

/* Noise that the tolerance covers costs as much; more of it, and there is no draft. */
static void noise_is_dropped_or_declined(void **state) {
    (void)state;
    const double noise[] = {1e-14, 1e-10};
    for (size_t i = 0; i < 2; i++) {
        draft_point p;
        tw_random stream;
        make(&cases[2], &p);
        tw_random_init(&stream, 2, TW_PURPOSE_TEST, i);
        for (size_t j = 0; j < p.n; j++) p.theta[j] += noise[i] * tw_random_normal(&stream);
        multiply(&p);
        assert_near(difference(&p), 0.0, 1e-11);
        assert_int_equal(same_bits(&p), i == 1);
        const tw_beside further = {p.theta, 1e-8}, nearer = {p.theta, TW_BESIDE_ROUNDING};
        assert_ok(p.f.draft(p.f.self, &further, VECTORS, p.V, p.n, p.drafts, p.n));
        assert_false(same_bits(&p)); /* so far away there is one */
        assert_near(difference(&p), 0.0, 1e3 * noise[i]);
        assert_ok(p.f.draft(p.f.self, &nearer, VECTORS, p.V, p.n, p.drafts, p.n));
        assert_int_equal(same_bits(&p), i == 1); /* and is not taken for a nearer one */
        clear(&p);
    }
}

/* Without collapse the activations have as many ranks as samples. */
static void what_bends_has_to_be_collapsed(void **state) {
    (void)state;
    draft_point p;
    draft_case apart = cases[6];
    apart.collapsed = false;
    make(&apart, &p);
    multiply(&p);
    assert_true(same_bits(&p));
    clear(&p);
}

/* One factor of full rank is enough to decline, and so is a model too small. */
static void elsewhere_the_six_products_answer(void **state) {
    (void)state;
    for (size_t factor = 0; factor <= cases[2].layers; factor++) {
        draft_point p;
        tw_random stream;
        make(&cases[2], &p);
        tw_block block = tw_dufm_factor(&p.model, factor);
        if (factor == cases[2].layers) block.rows = 0; /* of W_L the rank is that of its rows */
        tw_random_init(&stream, 3, TW_PURPOSE_TEST, factor);
        tw_random_fill_normal(&stream, block.rows * block.cols, p.theta + block.offset);
        multiply(&p);
        assert_int_equal(same_bits(&p), block.rows > 0);
        assert_near(difference(&p), 0.0, SAME);
        clear(&p);
    }
    draft_point p;
    make(&cases[0], &p);
    p.model.samples = 6;
    assert_false(tw_draft_may_pay(&p.model));
    p.model.samples = 120;
    p.model.layers = 1; /* its one weight has no more rows than ranks */
    p.model.widths[1] = cases[0].classes;
    assert_false(tw_draft_may_pay(&p.model));
    p.model.layers = 2;
    p.model.widths[1] = cases[0].widths[1];
    clear(&p);
}

/* Through the operator: counted like other products, and symmetric. */
static void the_operator_has_them(void **state) {
    (void)state;
    draft_point p;
    make(&cases[4], &p);
    tw_hessian hessian = tw_hessian_at(&p.f, p.theta);
    const tw_linop H = tw_hessian_linop(&hessian);
    assert_ok(tw_linop_draft(&H, VECTORS, p.V, p.n, p.drafts, p.n));
    assert_int_equal(hessian.products, VECTORS);
    double across = 0.0, back = 0.0, size = 0.0;
    for (size_t i = 0; i < p.n; i++) {
        across += p.V[i] * p.drafts[i + p.n];
        back += p.V[i + p.n] * p.drafts[i];
        size += fabs(p.V[i] * p.drafts[i + p.n]);
    }
    assert_near(across, back, 1e-13 * size);
    clear(&p);
}

/* The rank, the factors and what they leave, on a matrix with known singular values. */
static void factors_leave_what_they_say(void **state) {
    (void)state;
    enum { ROWS = 60, COLS = 90, RANK = 4 };
    const double values[RANK] = {3.0, 1.0, 1e-3, 1e-7};
    const struct {
        double tolerance;
        size_t most, rank;
        bool found;
    } wanted[] = {
        {1e-12, RANK, 4, true}, {1e-5, RANK, 3, true}, {1e-2, RANK, 2, true}, {1e-12, 3, 0, false}};
    double *A = calloc(ROWS * COLS, sizeof *A);
    for (size_t r = 0; r < RANK; r++) /* columns of the discrete cosine transform */
        for (size_t j = 0; j < COLS; j++)
            for (size_t i = 0; i < ROWS; i++)
                A[i + ROWS * j] += values[r] * 2.0 / sqrt((double)ROWS * COLS) *
                                   cos(acos(-1.0) * ((double)i + 0.5) * (double)(r + 1) / ROWS) *
                                   cos(acos(-1.0) * ((double)j + 0.5) * (double)(r + 1) / COLS);
    for (size_t w = 0; w < sizeof wanted / sizeof *wanted; w++) {
        tw_low_rank f = {0};
        bool found;
        assert_ok(tw_low_rank_find(ROWS, COLS, A, wanted[w].most, wanted[w].tolerance, &found, &f));
        assert_int_equal(found, wanted[w].found);
        if (found) {
            double square = 0.0;
            assert_int_equal(f.rank, wanted[w].rank);
            for (size_t r = f.rank; r < RANK; r++) square += values[r] * values[r];
            assert_near(f.dropped, sqrt(square), 1e-14);
        }
        tw_low_rank_clear(&f);
    }
    free(A);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(drafts_are_the_six_products),
                                       cmocka_unit_test(a_block_is_its_vectors),
                                       cmocka_unit_test(noise_is_dropped_or_declined),
                                       cmocka_unit_test(what_bends_has_to_be_collapsed),
                                       cmocka_unit_test(elsewhere_the_six_products_answer),
                                       cmocka_unit_test(the_operator_has_them),
                                       cmocka_unit_test(factors_leave_what_they_say)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
