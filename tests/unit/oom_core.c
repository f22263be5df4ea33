/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The library above its files when any one allocation fails: the status says so and nothing leaks.
 * And where memory must not be asked for at all: inside an evaluation, a Hessian product, the
 * projector onto the orbit's tangent space. */
#include "support/test.h"

#include <jansson.h>
#include <thalweg/examination/examination.h>
#include <thalweg/operator/hessian.h>
#include <thalweg/record/point_record.h>
#include <thalweg/record/record.h>

#include "support/oom.h"

enum { MAX_PARAMETERS = 128, ORDER = 48, BLOCK = 16 };

/* A small model at its optimum; everything here is made before allocations begin to fail. */
typedef struct fixture {
    tw_bundle bundle;
    tw_point point;
    tw_evaluator *evaluator;
    tw_objective objective;
    size_t n;
} fixture;

static void add(tw_bundle *bundle, const char *name, size_t rank, const size_t *shape) {
    tw_array *array;
    tw_random stream;
    assert_ok(tw_bundle_add(bundle, name, TW_F64, rank, shape, &array));
    tw_random_init(&stream, 3, TW_PURPOSE_TEST, bundle->array_count);
    tw_random_fill_normal(&stream, tw_array_length(array), array->values);
}

static void fixture_init(fixture *f, const char *activation) {
    *f = (fixture){0};
    add(&f->bundle, "W1", 2, (size_t[]){4, 3});
    add(&f->bundle, "W2", 2, (size_t[]){3, 4});
    add(&f->bundle, "H", 2, (size_t[]){3, 6});
    add(&f->bundle, "b", 1, (size_t[]){3});
    add(&f->bundle, "labels", 1, (size_t[]){6});
    for (size_t i = 0; i < 6; i++)
        tw_bundle_find(&f->bundle, "labels")->values[i] = (double)(i % 3);
    const char *const metadata[][2] = {
        {"loss", "ce"},       {"activation", activation},       {"lambda_W", "[0.01,0.02]"},
        {"lambda_H", "0.01"}, {"samples_per_class", "[2,2,2]"}, {"lambda_b", "0.01"}};
    for (size_t i = 0; i < sizeof metadata / sizeof *metadata; i++)
        assert_ok(tw_bundle_set_metadata(&f->bundle, metadata[i][0], metadata[i][1]));
    assert_ok(tw_point_from_bundle(&f->bundle, &f->point));
    assert_ok(tw_evaluator_create(&f->point.model, &f->evaluator));
    f->objective = tw_evaluator_objective(f->evaluator);
    f->n = f->objective.n;
    assert_true(f->n <= MAX_PARAMETERS);
    tw_newton_options options = TW_NEWTON_DEFAULTS;
    tw_newton_result polished;
    assert_ok(tw_newton(&f->objective, &options, f->point.theta, &polished));
    assert_int_equal(polished.reason, TW_NEWTON_CONVERGED);
}

static void fixture_clear(fixture *f) {
    tw_evaluator_destroy(f->evaluator);
    tw_point_clear(&f->point);
    tw_bundle_clear(&f->bundle);
}

/* ---- Models and points ---- */

static tw_status create_evaluator(void *self) {
    const fixture *f = self;
    tw_evaluator *evaluator = NULL;
    tw_status status = tw_evaluator_create(&f->point.model, &evaluator);
    assert_true((evaluator != NULL) == (status == TW_OK));
    tw_evaluator_destroy(evaluator);
    return status;
}

static tw_status copy_model(void *self) {
    const fixture *f = self;
    tw_dufm model = {0};
    tw_status status = tw_dufm_copy(&model, &f->point.model);
    tw_dufm_clear(&model);
    return status;
}

static tw_status read_point(void *self) {
    fixture *f = self;
    tw_point point = {0};
    tw_status status = tw_point_from_bundle(&f->bundle, &point);
    assert_true((point.theta != NULL) == (status == TW_OK));
    tw_point_clear(&point);
    return status;
}

static tw_status write_point(void *self) {
    const fixture *f = self;
    tw_bundle bundle = {0};
    tw_status status = tw_point_to_bundle(&f->point, &bundle);
    tw_bundle_clear(&bundle);
    return status;
}

/* ---- Work on a point ---- */

static tw_status describe(void *self) {
    const fixture *f = self;
    tw_description description = {0};
    tw_status status =
        tw_point_describe(f->evaluator, f->point.theta, TW_RANK_TOLERANCE, NULL, &description);
    tw_description_clear(&description);
    return status;
}

static tw_status find_symmetry(void *self) {
    const fixture *f = self;
    tw_symmetry *symmetry = NULL;
    tw_status status =
        tw_symmetry_create(&f->point.model, f->point.theta, TW_RANK_TOLERANCE, NULL, &symmetry);
    assert_true((symmetry != NULL) == (status == TW_OK));
    tw_symmetry_destroy(symmetry);
    return status;
}

static tw_status polish(void *self) {
    const fixture *f = self;
    double theta[MAX_PARAMETERS];
    tw_newton_options options = TW_NEWTON_DEFAULTS;
    tw_newton_result result;
    for (size_t i = 0; i < f->n; i++) theta[i] = f->point.theta[i] + 0.01 * cos((double)i);
    tw_status status = tw_newton(&f->objective, &options, theta, &result);
    if (status == TW_OK) assert_int_equal(result.reason, TW_NEWTON_CONVERGED);
    return status;
}

/* One way to count modes. */
typedef struct counting {
    fixture *f;
    size_t dense_limit;
    const char *engine;
} counting;

static tw_status count_modes(void *self) {
    const counting *c = self;
    const fixture *f = c->f;
    tw_status status = TW_OK;
    tw_symmetry *symmetry = NULL;
    tw_degeneracy_result result = {0};
    tw_degeneracy_options options = TW_DEGENERACY_DEFAULTS;
    options.budget.dense_limit = c->dense_limit;
    options.engine = c->engine;
    options.largest = 2;
    options.probes = 2;
    TW_TRY(tw_symmetry_create(&f->point.model, f->point.theta, TW_RANK_TOLERANCE, NULL, &symmetry));
    tw_tangent tangent = tw_symmetry_tangent(symmetry);
    options.tangent = &tangent;
    TW_TRY(tw_degeneracy_analyse(&f->objective, f->point.theta, &options, &result));
    assert_int_equal(result.verdict, TW_VERDICT_MINIMUM);
cleanup:
    tw_degeneracy_result_clear(&result);
    tw_symmetry_destroy(symmetry);
    return status;
}

static tw_status examine(void *self) {
    const fixture *f = self;
    double theta[MAX_PARAMETERS];
    tw_examination examination = {0};
    tw_examination_options options = TW_EXAMINATION_DEFAULTS;
    memcpy(theta, f->point.theta, f->n * sizeof *theta);
    tw_status status = tw_point_examine(f->evaluator, &options, theta, &examination);
    tw_examination_clear(&examination);
    return status;
}

static void models_and_points_survive(void **state) {
    (void)state;
    static const char *const activations[] = {"linear", "tanh", "relu"};
    for (size_t i = 0; i < 3; i++) {
        fixture f;
        fixture_init(&f, i < 2 ? activations[i] : "linear");
        if (i == 2) f.point.model.activation = tw_activation_find(activations[i]);
        assert_true(oom_check(create_evaluator, &f) >= 20);
        assert_int_equal(oom_check(copy_model, &f), 3);
        assert_true(oom_check(read_point, &f) >= 8);
        assert_true(oom_check(write_point, &f) >= 20);
        assert_true(oom_check(describe, &f) >= 10);
        assert_true(oom_check(find_symmetry, &f) >= 10);
        fixture_clear(&f);
    }
}

static void work_on_points_survives(void **state) {
    (void)state;
    fixture f;
    fixture_init(&f, "linear");
    assert_true(oom_check(polish, &f) >= 5);
    assert_true(oom_check(examine, &f) >= 50);
    assert_true(oom_check(count_modes, &(counting){&f, 6000, "lanczos"}) >= 20);
    assert_true(oom_check(count_modes, &(counting){&f, 1, "lanczos"}) >= 30);
    assert_true(oom_check(count_modes, &(counting){&f, 1, "arpack"}) >= 30);
    fixture_clear(&f);
}

/* ---- Spectra ---- */

/* diag(1, 1, 2, 2, 3, 3, ...) */
static tw_status apply_pairs(void *self, size_t k, const double *X, size_t ldx, double *Y,
                             size_t ldy) {
    (void)self;
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i < ORDER; i++) Y[i + j * ldy] = (double)(i / 2 + 1) * X[i + j * ldx];
    return TW_OK;
}

static tw_status search(void *engine) {
    const tw_linop A = {.n = ORDER, .apply = apply_pairs, .self = NULL};
    tw_search_options options = TW_SEARCH_DEFAULTS;
    tw_search_result result;
    options.count = 3;
    options.engine = engine;
    tw_status status = tw_spectrum_search(&A, &options, &result);
    if (status == TW_OK) {
        assert_int_equal(result.reason, TW_SEARCH_COMPLETE);
        assert_near(result.pairs.values[2], 2.0, 1e-9);
    }
    tw_search_result_clear(&result);
    return status;
}

static tw_status diagonalise(void *self) {
    (void)self;
    const tw_linop A = {.n = ORDER, .apply = apply_pairs, .self = NULL};
    tw_dense_options options = TW_DENSE_DEFAULTS;
    tw_dense_result result;
    options.keep_vectors = true;
    tw_status status = tw_spectrum_dense(&A, &options, &result);
    tw_dense_result_clear(&result);
    return status;
}

static void spectra_survive(void **state) {
    (void)state;
    for (size_t i = 0; tw_engine_at(i); i++)
        assert_true(oom_check(search, (void *)(uintptr_t)tw_engine_at(i)) >= 10);
    assert_true(oom_check(diagonalise, NULL) >= 3);
}

/* ---- Records ---- */

typedef struct recording {
    const fixture *f;
    const tw_examination *examination;
} recording;

static tw_status record(void *self) {
    const recording *r = self;
    char *words[] = {(char[]){"thalweg"}, (char[]){"degeneracy"}, (char[]){"a.h5"}};
    const tw_provenance provenance = {.command = "degeneracy", .argc = 3, .argv = words, .seed = 7};
    const tw_input input = {"a.h5", "", &r->f->point.model};
    tw_json *result = tw_json_object(), *made = NULL;
    tw_status status =
        result ? tw_fields_write(&tw_examination_fields, r->examination, result) : TW_ERR_MEMORY;
    if (status == TW_OK) {
        made = tw_record(&provenance, tw_fields_json(&tw_input_fields, &input), result);
        result = NULL; /* taken over, also when that failed */
        if (made == NULL) status = TW_ERR_MEMORY;
    }
    tw_json_destroy(result);
    tw_json_destroy(made);
    return status;
}

/* The library's own allocations, then jansson's. */
static void records_survive(void **state) {
    (void)state;
    fixture f;
    tw_examination examination = {0};
    tw_examination_options options = TW_EXAMINATION_DEFAULTS;
    json_malloc_t own_malloc;
    json_free_t own_free;
    fixture_init(&f, "linear");
    options.degeneracy.budget.dense_limit = 1;
    assert_ok(tw_point_examine(f.evaluator, &options, f.point.theta, &examination));
    recording r = {&f, &examination};
    assert_true(oom_check(record, &r) >= 1);
    json_get_alloc_funcs(&own_malloc, &own_free);
    json_set_alloc_funcs(__wrap_malloc, __wrap_free);
    assert_true(oom_check(record, &r) > 200);
    json_set_alloc_funcs(own_malloc, own_free);
    tw_examination_clear(&examination);
    fixture_clear(&f);
}

/* ---- Where no memory is asked for ---- */

/* One evaluation, a single and a block product; samples: few (directions go through in blocks) or
 * too many for the cache (one by one). */
static void check_products(const tw_activation *activation, size_t depth, size_t samples) {
    static const size_t widths[3][4] = {{3, 2}, {8, 3, 2}, {3, 4, 5, 2}};
    tw_dufm model;
    tw_evaluator *evaluator = NULL;
    assert_ok(tw_dufm_init(&model, depth, samples));
    memcpy(model.widths, widths[depth - 1], (depth + 1) * sizeof **widths);
    for (size_t i = 0; i < samples; i++) model.labels[i] = (int)(i % 2);
    model.bias = depth > 1;
    model.loss = tw_loss_at(depth % 2);
    model.activation = activation;
    assert_ok(tw_evaluator_create(&model, &evaluator));
    tw_objective f = tw_evaluator_objective(evaluator);
    double *theta = calloc(f.n, sizeof *theta), *gradient = calloc(f.n, sizeof *gradient), value;
    double *V = calloc(BLOCK * f.n, sizeof *V), *Y = calloc(BLOCK * f.n, sizeof *Y);
    for (size_t i = 0; i < f.n; i++) theta[i] = cos((double)i);
    for (size_t i = 0; i < BLOCK * f.n; i++) V[i] = sin((double)i);
    oom_mark();
    assert_ok(f.eval(f.self, theta, &value, gradient));
    for (size_t k = 1; k <= BLOCK; k += BLOCK - 1)
        assert_ok(f.hessian(f.self, theta, k, V, f.n, Y, f.n));
    assert_int_equal(oom_since_mark(), 0);
    for (size_t i = 0; i < BLOCK * f.n; i++) assert_true(isfinite(Y[i]));
    free(theta);
    free(gradient);
    free(V);
    free(Y);
    tw_evaluator_destroy(evaluator);
    tw_dufm_clear(&model);
}

static void products_allocate_nothing(void **state) {
    (void)state;
    for (size_t a = 0; tw_activation_at(a); a++)
        for (size_t depth = 1; depth <= 3; depth++) check_products(tw_activation_at(a), depth, 5);
    check_products(tw_activation_find("linear"), 2, 2000);
    check_products(tw_activation_find("tanh"), 2, 2000);
}

static void the_projector_allocates_nothing(void **state) {
    (void)state;
    static double V[BLOCK * MAX_PARAMETERS], Y[BLOCK * MAX_PARAMETERS];
    static const char *const activations[] = {"linear", "tanh"};
    for (size_t a = 0; a < 2; a++) {
        fixture f;
        tw_symmetry *symmetry = NULL;
        tw_random stream;
        fixture_init(&f, activations[a]);
        assert_ok(
            tw_symmetry_create(&f.point.model, f.point.theta, TW_RANK_TOLERANCE, NULL, &symmetry));
        tw_tangent tangent = tw_symmetry_tangent(symmetry);
        assert_true(tangent.dimension > 0);
        for (size_t i = 0; i < BLOCK * f.n; i++) V[i] = sin((double)i);
        tw_random_init(&stream, 1, TW_PURPOSE_TANGENT, 0);
        oom_mark();
        for (size_t k = 1; k <= BLOCK; k += BLOCK - 1)
            assert_ok(tw_linop_apply(&tangent.complement, k, V, f.n, Y, f.n));
        assert_ok(tangent.sample(tangent.self, &stream, V));
        assert_int_equal(oom_since_mark(), 0);
        tw_symmetry_destroy(symmetry);
        fixture_clear(&f);
    }
}

/* Room for an iteration is taken before the first one. */
static void iterations_of_newton_allocate_nothing(void **state) {
    (void)state;
    fixture f;
    size_t made[2];
    fixture_init(&f, "tanh");
    for (size_t i = 0; i < 2; i++) {
        double theta[MAX_PARAMETERS];
        tw_newton_options options = TW_NEWTON_DEFAULTS;
        tw_newton_result result;
        for (size_t j = 0; j < f.n; j++) theta[j] = f.point.theta[j] + 0.1 * cos((double)j);
        options.max_iterations = i == 0 ? 1 : 500;
        oom_mark();
        assert_ok(tw_newton(&f.objective, &options, theta, &result));
        made[i] = oom_since_mark();
        assert_true(i == 0 ? result.iterations == 1 : result.iterations > 2);
    }
    assert_int_equal(made[0], made[1]);
    fixture_clear(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(models_and_points_survive),
        cmocka_unit_test(work_on_points_survives),
        cmocka_unit_test(spectra_survive),
        cmocka_unit_test(records_survive),
        cmocka_unit_test(products_allocate_nothing),
        cmocka_unit_test(the_projector_allocates_nothing),
        cmocka_unit_test(iterations_of_newton_allocate_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
