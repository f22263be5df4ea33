/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Two class-logit matrices are searched for a permutation pi with |A(pi i, pi j) - B(i, j)| within
 * the tolerance (src/dense/permutation.c). What no permutation changes (sorted diagonal, sorted
 * entries) is compared first, so that the search nearly always succeeds at its first descent. */
#include <thalweg/campaign/match.h>

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "dense/vector_private.h"
#include "symmetry/exchange_private.h"

enum { NAME = 96 };

typedef struct known {
    char name[NAME];
    tw_signature is; /* its arrays are owned here */
    double *values, *logits, *sorted;
    size_t count;
} known;

struct tw_matcher {
    size_t K;
    size_t *sizes;
    tw_match_options options;
    known *rows;
    size_t count, room;
    double *sorted; /* K + K^2, of the signature at hand */
};

/* ---- Memory ---- */

tw_status tw_matcher_create(size_t classes, const size_t *class_sizes,
                            const tw_match_options *options, tw_matcher **matcher) {
    tw_status status = TW_OK;
    const tw_match_options defaults = TW_MATCH_DEFAULTS;
    if (options == NULL) options = &defaults;
    tw_matcher *m = NULL;
    TW_TRY(TW_NEW(m, 1));
    m->K = classes;
    m->options = *options;
    TW_TRY(TW_NEW(m->sizes, classes));
    memcpy(m->sizes, class_sizes, classes * sizeof *class_sizes);
    TW_TRY(TW_NEW(m->sorted, classes + classes * classes));
    *matcher = m;
    m = NULL;
cleanup:
    tw_matcher_destroy(m);
    return status;
}

static void known_clear(known *k) {
    free(k->values);
    free(k->logits);
    free(k->sorted);
}

void tw_matcher_destroy(tw_matcher *m) {
    if (m == NULL) return;
    for (size_t i = 0; i < m->count; i++) known_clear(&m->rows[i]);
    free(m->rows);
    free(m->sizes);
    free(m->sorted);
    free(m);
}

/* ---- What no permutation changes ---- */

static int ascending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

/* Diagonal, then all entries, each ascending: K + K^2. */
static void sort_logits(size_t K, const double *Z, double *sorted) {
    for (size_t k = 0; k < K; k++) sorted[k] = Z[k + K * k];
    tw_copy(K * K, Z, sorted + K);
    qsort(sorted, K, sizeof *sorted, ascending);
    qsort(sorted + K, K * K, sizeof *sorted, ascending);
}

static bool all_near(size_t count, const double *a, const double *b, double slack) {
    for (size_t i = 0; i < count; i++)
        if (!(fabs(a[i] - b[i]) <= slack)) return false;
    return true;
}

/* ---- Comparison ---- */

/* *same (out): what no permutation changes first, which is nearly always enough to say no. */
static tw_status compare(tw_matcher *m, const known *k, const tw_signature *s, bool *same) {
    double tolerance = m->options.tolerance;
    double top = s->singular_count ? s->singular_values[0] : 0.0;
    double slack = tolerance * (1.0 + top) + s->slack + k->is.slack;
    *same = false;
    if (k->is.state != s->state) return TW_OK;
    *same = !tw_state_is_compared(s->state);
    if (*same) return TW_OK;
    if (!(fabs(s->loss - k->is.loss) <= tolerance * (1.0 + fabs(s->loss)))) return TW_OK;
    if (k->is.singular_count != s->singular_count) return TW_OK;
    if (!all_near(s->singular_count, s->singular_values, k->values, slack)) return TW_OK;
    if (!all_near(m->K + m->K * m->K, m->sorted, k->sorted, slack)) return TW_OK;
    return tw_exchange_exists(m->K, m->sizes, k->logits, s->class_logits, slack, same);
}

/* ---- Classes ---- */

static tw_status append(tw_matcher *m, const tw_signature *s, known **row) {
    tw_status status = TW_OK;
    size_t K = m->K;
    if (m->count == m->room) {
        size_t room = 2 * m->room + 16;
        known *rows = tw_resize(m->rows, room, sizeof *rows);
        if (rows == NULL) return TW_ERR_MEMORY;
        m->rows = rows;
        m->room = room;
    }
    known *k = &m->rows[m->count];
    *k = (known){.is = *s};
    TW_TRY(TW_NEW(k->values, s->singular_count));
    TW_TRY(TW_NEW(k->logits, K * K));
    TW_TRY(TW_NEW(k->sorted, K + K * K));
    tw_copy(s->singular_count, s->singular_values, k->values);
    tw_copy(K * K, s->class_logits, k->logits);
    sort_logits(K, k->logits, k->sorted);
    m->count++;
    *row = k;
    return TW_OK;
cleanup:
    known_clear(k);
    return status;
}

tw_status tw_matcher_name(tw_matcher *m, const char *name, const tw_signature *signature) {
    known *row;
    tw_status status = append(m, signature, &row);
    if (status == TW_OK) snprintf(row->name, NAME, "%s", name);
    return status;
}

/* FNV-1a over numbers rounded to five digits. */
static uint32_t hash_of(const tw_signature *s) {
    char text[40];
    uint32_t hash = 2166136261u;
    for (size_t i = 0; i <= s->singular_count; i++) {
        double value = i == 0 ? s->loss : s->singular_values[i - 1];
        snprintf(text, sizeof text, "%.5g,", i > s->rank ? 0.0 : value);
        for (const char *c = text; *c; c++) hash = (hash ^ (uint8_t)*c) * 16777619u;
    }
    return hash;
}

/* The name that the same point has as a minimum, when it is known; else rank and hash. */
static tw_status name_row(tw_matcher *m, known *row, const tw_signature *s) {
    const char *state = tw_state_name(s->state);
    bool same = false, compared = tw_state_is_compared(s->state);
    char bare[64];
    snprintf(bare, sizeof bare, "rank%zu-%08x", s->rank, (unsigned)hash_of(s));
    tw_signature minimum = *s;
    minimum.state = TW_STATE_MINIMUM;
    for (size_t i = 0; compared && i + 1 < m->count; i++) {
        tw_status status = compare(m, &m->rows[i], &minimum, &same);
        if (status != TW_OK) return status;
        if (same) snprintf(bare, sizeof bare, "%.60s", m->rows[i].name);
    }
    if (compared)
        snprintf(row->name, NAME, "%s%s%s", state, state[0] ? " " : "", bare);
    else
        snprintf(row->name, NAME, "%s", state);
    return TW_OK;
}

tw_status tw_matcher_add(tw_matcher *m, const tw_signature *signature, size_t *index) {
    tw_status status = TW_OK;
    known *row = NULL;
    bool same = false;
    size_t at = 0;
    sort_logits(m->K, signature->class_logits, m->sorted);
    for (; at < m->count; at++) {
        TW_TRY(compare(m, &m->rows[at], signature, &same));
        if (same) break;
    }
    if (at == m->count) {
        TW_TRY(append(m, signature, &row));
        TW_TRY(name_row(m, row, signature));
    }
    m->rows[at].count++;
    *index = at;
    return TW_OK;
cleanup:
    if (row) known_clear(&m->rows[--m->count]);
    return status;
}

size_t tw_matcher_count(const tw_matcher *m) {
    return m->count;
}

tw_match_class tw_matcher_class(const tw_matcher *m, size_t index) {
    const known *k = &m->rows[index];
    return (tw_match_class){k->name, k->is.rank, k->is.loss, k->count};
}
