/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two threads with whole analyses at once get the bits that they get one after the other; the
 * thread count of BLAS is nobody's but the one's who has the turn. */
#include "support/test.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <thalweg/curvature/degeneracy.h>
#include <thalweg/dense/threads.h>
#include <thalweg/files/bundle.h>
#include <thalweg/model/evaluator.h>
#include <thalweg/operator/hessian.h>
#include <thalweg/spectrum/spectrum.h>
#include <thalweg/training/newton.h>

#include "dense/library_private.h"
#include "dense/threads_private.h"
#include "support/descents.h"
#include "support/scratch.h"

enum { MOST_THREADS = 3, ROUNDS = 3, PAIRS = 4, PARAMETERS_MAX = 512 };

/* ---- Turns ---- */

#define MEDIUM 1e5
#define LARGE 1e8

typedef struct watcher {
    double flops;
    int expected;
    size_t wrong;
} watcher;

static atomic_int inside_alone;

static void *watch(void *self) {
    watcher *w = self;
    for (int i = 0; i < 200; i++) {
        tw_blas_turn turn = tw_blas_begin(w->flops);
        bool alone = turn == TW_BLAS_ALONE;
        if (alone) w->wrong += atomic_fetch_add(&inside_alone, 1) != 0;
        for (int look = 0; look < 5; look++) {
            sched_yield(); /* to others in the middle of it */
            w->wrong +=
                tw_blas_threads() != w->expected || (atomic_load(&inside_alone) != 0) != alone;
        }
        if (alone) atomic_fetch_sub(&inside_alone, 1);
        tw_blas_end(turn);
    }
    return NULL;
}

static void turns_keep_counts_apart(void **state) {
    (void)state;
    watcher watchers[] = {
        {MEDIUM, 1, 0}, {LARGE, MOST_THREADS, 0}, {MEDIUM, 1, 0}, {LARGE, MOST_THREADS, 0}};
    enum { COUNT = sizeof watchers / sizeof *watchers };
    pthread_t threads[COUNT];
    tw_threads_set(MOST_THREADS);
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, watch, &watchers[i]), 0);
    for (size_t i = 0; i < COUNT; i++) pthread_join(threads[i], NULL);
    for (size_t i = 0; i < COUNT; i++) assert_int_equal(watchers[i].wrong, 0);
    assert_int_equal(tw_blas_threads(), 1);
}

static void a_single_thread_has_no_turn_alone(void **state) {
    (void)state;
    tw_threads_set(MOST_THREADS);
    assert_false(tw_threads_single(true));
    tw_blas_turn turn = tw_blas_begin(LARGE);
    assert_int_equal(turn, TW_BLAS_SHARED);
    tw_blas_end(turn);
    assert_true(tw_threads_single(false));
    assert_int_equal(tw_threads(), MOST_THREADS);
    assert_int_equal(tw_blas_begin(1.0), TW_BLAS_FREE);
    turn = tw_lapack_begin(1.0);
    assert_int_equal(turn, TW_BLAS_SHARED);
    tw_blas_end(turn);
    tw_threads_set(1);
    assert_int_equal(tw_blas_begin(LARGE), TW_BLAS_FREE);
}

/* ---- Whole analyses ---- */

typedef struct analysis {
    small_model *model;
    /* out */
    tw_status status;
    size_t n;
    double point[PARAMETERS_MAX], values[PARAMETERS_MAX], pairs[PAIRS];
    tw_newton_result newton;
    size_t zero_modes, negative_modes, products;
    double threshold;
} analysis;

static tw_status spectra(analysis *a, const tw_objective *f) {
    tw_status status = TW_OK;
    tw_hessian hessian = tw_hessian_at(f, a->point);
    tw_linop H = tw_hessian_linop(&hessian);
    tw_dense_result dense = {0};
    tw_search_options options = TW_SEARCH_DEFAULTS;
    tw_search_result found = {0};
    tw_degeneracy_options counting = TW_DEGENERACY_DEFAULTS;
    tw_degeneracy_result modes = {0};
    options.count = PAIRS;
    options.end = TW_END_LARGEST;
    TW_TRY(tw_spectrum_dense(&H, NULL, &dense));
    memcpy(a->values, dense.pairs.values, a->n * sizeof(double));
    TW_TRY(tw_spectrum_search(&H, &options, &found));
    memcpy(a->pairs, found.pairs.values, PAIRS * sizeof(double));
    TW_TRY(tw_degeneracy_analyse(f, a->point, &counting, &modes));
    a->zero_modes = modes.zero_modes;
    a->negative_modes = modes.negative_modes;
    a->threshold = modes.zero.threshold;
    a->products = hessian.products + modes.products;
cleanup:
    tw_dense_result_clear(&dense);
    tw_search_result_clear(&found);
    tw_degeneracy_result_clear(&modes);
    return status;
}

static void *analyse(void *self) {
    analysis *a = self;
    const tw_newton_options polishing = TW_NEWTON_DEFAULTS;
    const tw_objective *f = &a->model->objective;
    tw_random stream;
    a->n = f->n;
    tw_random_init(&stream, 4, TW_PURPOSE_TEST, a->n);
    tw_random_fill_normal(&stream, a->n, a->point);
    a->status = tw_newton(f, &polishing, a->point, &a->newton);
    if (a->status == TW_OK) a->status = spectra(a, f);
    return NULL;
}

static void same(const analysis *a, const analysis *b) {
    size_t bytes = a->n * sizeof(double);
    assert_int_equal(b->status, TW_OK);
    assert_memory_equal(a->point, b->point, bytes);
    assert_memory_equal(a->values, b->values, bytes);
    assert_memory_equal(a->pairs, b->pairs, PAIRS * sizeof(double));
    assert_true(a->newton.value == b->newton.value);
    assert_int_equal(a->newton.products, b->newton.products);
    assert_int_equal(a->zero_modes, b->zero_modes);
    assert_int_equal(a->negative_modes, b->negative_modes);
    assert_int_equal(a->products, b->products);
    assert_true(a->threshold == b->threshold);
}

static void analyses_at_once_give_the_bits_of_one_after_the_other(void **state) {
    (void)state;
    enum { COUNT = 2 };
    const small_shape shapes[COUNT] = {{2, 9, 4, 3, 2e-2, NULL}, {3, 8, 5, 2, 1e-2, "mse"}};
    static analysis alone[COUNT], together[COUNT];
    small_model models[COUNT];
    pthread_t threads[COUNT];
    tw_threads_set(MOST_THREADS);
    for (size_t i = 0; i < COUNT; i++) {
        small_model_init(&models[i], shapes[i]);
        assert_true(models[i].objective.n <= PARAMETERS_MAX);
        alone[i].model = &models[i];
        together[i] = alone[i];
        analyse(&alone[i]);
        assert_ok(alone[i].status);
    }
    for (int round = 0; round < ROUNDS; round++) {
        for (size_t i = 0; i < COUNT; i++)
            assert_int_equal(pthread_create(&threads[i], NULL, analyse, &together[i]), 0);
        for (size_t i = 0; i < COUNT; i++) pthread_join(threads[i], NULL);
        for (size_t i = 0; i < COUNT; i++) same(&alone[i], &together[i]);
    }
    for (size_t i = 0; i < COUNT; i++) small_model_clear(&models[i]);
}

/* ---- Files ---- */

typedef struct traffic {
    char path[256];
    double number;
    tw_status status;
    size_t wrong;
} traffic;

static tw_status through_a_file(traffic *t) {
    tw_status status = TW_OK;
    tw_bundle bundle = {0}, read = {0};
    tw_array *array = NULL;
    const size_t shape[] = {40};
    TW_TRY(tw_bundle_add(&bundle, "x", TW_F64, 1, shape, &array));
    for (size_t i = 0; i < shape[0]; i++) array->values[i] = t->number + (double)i;
    TW_TRY(tw_bundle_set_metadata(&bundle, "model", "deep"));
    TW_TRY(tw_bundle_write(t->path, &bundle));
    TW_TRY(tw_bundle_read(t->path, &read));
    t->wrong +=
        memcmp(tw_bundle_find(&read, "x")->values, array->values, shape[0] * sizeof(double)) != 0;
cleanup:
    tw_bundle_clear(&bundle);
    tw_bundle_clear(&read);
    return status;
}

static void *move(void *self) {
    traffic *t = self;
    for (int i = 0; t->status == TW_OK && i < 100; i++) t->status = through_a_file(t);
    return NULL;
}

static void files_at_once(void **state) {
    (void)state;
    enum { COUNT = 4 };
    static const char *const names[COUNT] = {"0.h5", "1.h5", "2.npz", "3.safetensors"};
    traffic moved[COUNT] = {0};
    pthread_t threads[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        snprintf(moved[i].path, sizeof moved[i].path, "%s", scratch_path(names[i]));
        moved[i].number = 100.0 * (double)i;
        assert_int_equal(pthread_create(&threads[i], NULL, move, &moved[i]), 0);
    }
    for (size_t i = 0; i < COUNT; i++) pthread_join(threads[i], NULL);
    for (size_t i = 0; i < COUNT; i++) assert_true(moved[i].status == TW_OK && moved[i].wrong == 0);
}

/* ---- Sentences ---- */

static void *fail_otherwise(void *self) {
    tw_fail(TW_ERR_DATA, "of another thread");
    *(bool *)self = strcmp(tw_last_error(), "of another thread") == 0;
    return NULL;
}

static void sentences_are_those_of_the_thread(void **state) {
    (void)state;
    pthread_t thread;
    bool own = false;
    tw_fail(TW_ERR_DATA, "of this one");
    assert_int_equal(pthread_create(&thread, NULL, fail_otherwise, &own), 0);
    pthread_join(thread, NULL);
    assert_true(own);
    assert_string_equal(tw_last_error(), "of this one");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(turns_keep_counts_apart),
        cmocka_unit_test(a_single_thread_has_no_turn_alone),
        cmocka_unit_test(analyses_at_once_give_the_bits_of_one_after_the_other),
        cmocka_unit_test(files_at_once),
        cmocka_unit_test(sentences_are_those_of_the_thread),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
