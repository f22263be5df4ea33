/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Restarts made up for the tests of the campaign store: every number of a row follows from its
 * setting and index, so that a row of any process can be checked by any other. */
#ifndef TEST_SUPPORT_CAMPAIGN_H
#define TEST_SUPPORT_CAMPAIGN_H

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>
#include <thalweg/base/random.h>
#include <thalweg/campaign/store.h>

#include "support/test.h"

enum { SAMPLE_SINGULAR = 4, SAMPLE_CLASSES = 3, SAMPLE_PARAMETERS = 700 };

typedef struct sample {
    tw_store_row row;
    double singular[SAMPLE_SINGULAR], logits[SAMPLE_CLASSES * SAMPLE_CLASSES];
    double theta[SAMPLE_PARAMETERS];
} sample;

static inline void sample_init(sample *s, size_t setting, size_t index, bool with_point) {
    tw_random stream;
    tw_random_init(&stream, setting, TW_PURPOSE_TEST, index);
    tw_random_fill_normal(&stream, SAMPLE_SINGULAR, s->singular);
    tw_random_fill_normal(&stream, SAMPLE_CLASSES * SAMPLE_CLASSES, s->logits);
    tw_random_fill_normal(&stream, SAMPLE_PARAMETERS, s->theta);
    s->row = (tw_store_row){.setting = setting,
                            .index = index,
                            .seed = UINT64_MAX - index,
                            .reason = index % 5 == 4 ? TW_ENDING_STEPS : TW_ENDING_CONVERGED,
                            .loss = s->theta[0],
                            .gradient_norm = index % 5 == 4 ? INFINITY : 1e-300,
                            .slack = index % 7 == 6 ? NAN : 0.1,
                            .rank = index % 4,
                            .negative = (long long)(index % 3) - 1,
                            .zero = (long long)(index % 2) - 1,
                            .steps = 100 + index,
                            .evaluations = 200 + index,
                            .products = 300 + index,
                            .time = s->theta[1],
                            .seconds = 0.25,
                            .singular_count = index % 3 == 2 ? 0 : SAMPLE_SINGULAR,
                            .singular_values = s->singular,
                            .class_count = index % 3 == 2 ? 0 : SAMPLE_CLASSES,
                            .class_logits = s->logits,
                            .parameter_count = with_point ? SAMPLE_PARAMETERS : 0,
                            .theta = s->theta};
}

/* A store with a plan, for writing. */
static inline tw_store *campaign_create(const char *path, size_t count, const char *const *settings,
                                        size_t restarts) {
    tw_store *store;
    assert_ok(tw_store_open(path, TW_STORE_CREATE, &store));
    assert_ok(tw_store_begin(store, "plan", count, settings, restarts));
    return store;
}

static inline void finish_sample(tw_store *store, size_t setting, size_t index) {
    sample s;
    bool fresh = false;
    sample_init(&s, setting, index, index % 2 == 1);
    assert_ok(tw_store_finish(store, &s.row, &fresh));
    assert_true(fresh);
}

static inline void check_counts(tw_store *store, size_t setting, size_t restarts, size_t done,
                                size_t claimed) {
    tw_store_setting found;
    assert_ok(tw_store_setting_read(store, setting, &found));
    free(found.text);
    assert_int_equal(found.restarts, restarts);
    assert_int_equal(found.done, done);
    assert_int_equal(found.claimed, claimed);
}

/* Claiming `most` gives these. */
static inline void check_claim(tw_store *store, size_t setting, size_t most, size_t count,
                               const size_t *expected) {
    size_t indices[16] = {0}, got = 99;
    assert_true(most <= 16);
    assert_ok(tw_store_claim(store, setting, most, indices, &got));
    assert_int_equal(got, count);
    for (size_t i = 0; i < count; i++) assert_int_equal(indices[i], expected[i]);
}

/* A look at the tables that goes past the library; NULL: no answer is expected. */
static inline void check_query(const char *path, const char *query, const char *answer) {
    sqlite3 *db;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 10000);
    if (!answer) {
        assert_int_equal(sqlite3_exec(db, query, NULL, NULL, NULL), SQLITE_OK);
    } else {
        assert_int_equal(sqlite3_prepare_v2(db, query, -1, &statement, NULL), SQLITE_OK);
        assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
        assert_string_equal((const char *)sqlite3_column_text(statement, 0), answer);
        sqlite3_finalize(statement);
    }
    assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

/* What a walk has to meet. */
typedef struct comparison {
    const sample *expected;
    size_t count;
    bool with_points;
} comparison;

static inline void assert_same(double a, double b) {
    assert_true(a == b || (isnan(a) && isnan(b)));
}

static inline void assert_same_doubles(size_t m, const double *a, size_t n, const double *b) {
    assert_int_equal(m, n);
    if (n > 0) assert_memory_equal(a, b, n * sizeof *a);
}

static inline void assert_same_row(const tw_store_row *a, const tw_store_row *b, bool with_points) {
    assert_true(a->setting == b->setting && a->index == b->index && a->seed == b->seed);
    assert_int_equal(a->reason, b->reason);
    assert_same(a->loss, b->loss);
    assert_same(a->gradient_norm, b->gradient_norm);
    assert_same(a->slack, b->slack);
    assert_true(a->rank == b->rank && a->negative == b->negative && a->zero == b->zero);
    assert_true(a->steps == b->steps && a->evaluations == b->evaluations);
    assert_true(a->products == b->products);
    assert_same(a->time, b->time);
    assert_same(a->seconds, b->seconds);
    assert_same_doubles(a->singular_count, a->singular_values, b->singular_count,
                        b->singular_values);
    assert_same_doubles(a->class_count * a->class_count, a->class_logits,
                        b->class_count * b->class_count, b->class_logits);
    assert_same_doubles(a->parameter_count, a->theta, with_points ? b->parameter_count : 0,
                        b->theta);
}

static inline tw_status compare_row(void *self, const tw_store_row *row) {
    comparison *c = self;
    assert_same_row(row, &c->expected[c->count++].row, c->with_points);
    return TW_OK;
}

#endif
