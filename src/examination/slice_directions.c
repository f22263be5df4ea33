/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/examination/slice_directions.h>

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/base/random.h>
#include <thalweg/operator/hessian.h>
#include <thalweg/spectrum/spectrum.h>
#include <thalweg/symmetry/symmetry.h>

#include "base/alloc_private.h"
#include "dense/vector_private.h"

typedef struct making {
    tw_evaluator *evaluator;
    const double *theta;
    const tw_direction_options *options;
    long place; /* of an eigenvalue: from the top, negative from the bottom */
    size_t n;
    double *v; /* the direction */
} making;

/* ---- random ---- */

/* Give one filter of v the norm of theta's: count entries, stride apart. Returns that norm. */
static double normalise(size_t count, size_t stride, const double *theta, double *v) {
    double wanted = 0.0, norm = 0.0;
    for (size_t i = 0; i < count; i++) {
        wanted = hypot(wanted, theta[i * stride]);
        norm = hypot(norm, v[i * stride]);
    }
    for (size_t i = 0; i < count; i++) v[i * stride] *= norm > 0.0 ? wanted / norm : 0.0;
    return wanted;
}

static tw_status make_random(making *m) {
    const tw_dufm *model = tw_evaluator_model(m->evaluator);
    double total = 0.0;
    tw_random stream;
    tw_random_init(&stream, m->options->budget.seed, TW_PURPOSE_OFFSET, m->options->index);
    tw_random_fill_normal(&stream, m->n, m->v);
    for (size_t i = 0; i < tw_dufm_block_count(model); i++) {
        tw_block block = tw_dufm_block(model, i);
        bool by_rows = i < model->layers;
        size_t filters = by_rows ? block.rows : block.cols;
        size_t count = by_rows ? block.cols : block.rows, stride = by_rows ? block.rows : 1;
        for (size_t f = 0; f < filters; f++) {
            size_t at = block.offset + (by_rows ? f : f * block.rows);
            total = hypot(total, normalise(count, stride, m->theta + at, m->v + at));
        }
    }
    if (total > 0.0) return TW_OK;
    return tw_fail(TW_ERR_DATA,
                   "random: every filter of the point is zero, and so is a direction "
                   "that is normalised by them");
}

/* ---- eigen ---- */

static tw_status from_dense(making *m, const tw_linop *H) {
    tw_dense_result dense;
    tw_dense_options options = TW_DENSE_DEFAULTS;
    const tw_monitor monitor = tw_budget_monitor(&m->options->budget);
    options.keep_vectors = true;
    options.monitor = &monitor;
    tw_status status = tw_spectrum_dense(H, &options, &dense);
    if (status != TW_OK) return status;
    if (dense.cancelled) return tw_fail(TW_STOPPED, "eigen: the spectrum was ended early");
    size_t i = m->place > 0 ? m->n - (size_t)m->place : (size_t)-m->place - 1;
    tw_copy(m->n, dense.pairs.vectors + i * m->n, m->v);
    tw_dense_result_clear(&dense);
    return TW_OK;
}

static tw_status from_search(making *m, const tw_linop *H) {
    tw_search_options options = TW_SEARCH_DEFAULTS;
    tw_search_result found;
    options.end = m->place > 0 ? TW_END_LARGEST : TW_END_SMALLEST;
    options.count = (size_t)labs(m->place);
    options.budget = m->options->budget;
    tw_status status = tw_spectrum_search(H, &options, &found);
    if (status != TW_OK) return status;
    if (found.pairs.count < options.count)
        status = tw_fail(found.reason == TW_SEARCH_CANCELLED ? TW_STOPPED : TW_ERR_DATA,
                         "eigen: %zu of %zu eigenvectors were found (%s)", found.pairs.count,
                         options.count, tw_search_reason_name(found.reason));
    else
        tw_copy(m->n, found.pairs.vectors + (m->place > 0 ? 0 : (options.count - 1) * m->n), m->v);
    tw_search_result_clear(&found);
    return status;
}

static void fix_sign(making *m) {
    double largest = 0.0;
    for (size_t i = 0; i < m->n; i++)
        if (fabs(m->v[i]) > fabs(largest)) largest = m->v[i];
    if (largest < 0.0) tw_scale(m->n, -1.0, m->v);
}

static tw_status make_eigen(making *m) {
    tw_status status = TW_OK;
    tw_objective objective = tw_evaluator_objective(m->evaluator);
    tw_hessian hessian = tw_hessian_at(&objective, m->theta);
    if ((size_t)labs(m->place) > m->n)
        return tw_fail(TW_ERR_DATA, "eigen:%ld: the Hessian has %zu eigenvalues", m->place, m->n);
    tw_linop H = tw_hessian_linop(&hessian);
    TW_TRY(m->n <= m->options->budget.dense_limit ? from_dense(m, &H) : from_search(m, &H));
    fix_sign(m);
cleanup:
    return status;
}

/* ---- gauge, to ---- */

static tw_status make_gauge(making *m) {
    tw_status status = TW_OK;
    tw_symmetry *symmetry = NULL;
    tw_random stream;
    const tw_monitor monitor = tw_budget_monitor(&m->options->budget);
    TW_TRY(tw_symmetry_create(tw_evaluator_model(m->evaluator), m->theta,
                              m->options->rank_tolerance, &monitor, &symmetry));
    tw_tangent tangent = tw_symmetry_tangent(symmetry);
    tw_random_init(&stream, m->options->budget.seed, TW_PURPOSE_TANGENT, m->options->index);
    if (tangent.dimension == 0)
        status = tw_fail(TW_ERR_DATA, "gauge: no symmetry moves the point");
    else
        status = tangent.sample(tangent.self, &stream, m->v);
cleanup:
    tw_symmetry_destroy(symmetry);
    return status;
}

static tw_status make_to(making *m) {
    if (m->options->target == NULL) return tw_fail(TW_ERR_ARGUMENT, "to: needs a second point");
    tw_copy(m->n, m->options->target, m->v);
    tw_axpy(m->n, -1.0, m->theta, m->v);
    return TW_OK;
}

/* ---- The table ---- */

typedef struct row {
    tw_direction_kind kind;
    tw_status (*make)(making *m);
} row;

static const row rows[] = {
    {{"random", NULL, "normal entries, each filter with the norm of the point's", true, false},
     make_random},
    {{"eigen", "K", "eigenvector of the K-th largest eigenvalue, or with -K the K-th smallest",
      false, false},
     make_eigen},
    {{"gauge", NULL, "tangent of the symmetry orbit", true, false}, make_gauge},
    {{"to", NULL, "towards the second point", false, true}, make_to},
};

enum { ROWS = sizeof rows / sizeof *rows };

const tw_direction_kind *tw_direction_kind_at(size_t index) {
    return index < ROWS ? &rows[index].kind : NULL;
}

static tw_status read_place(const char *text, long *place) {
    char *end;
    errno = 0;
    *place = strtol(text, &end, 10);
    if (end != text && *end == '\0' && errno == 0 && *place != 0 && *place > -1000000000 &&
        *place < 1000000000)
        return TW_OK;
    return tw_fail(TW_ERR_ARGUMENT, "eigen:%.40s: K is a whole number and not 0", text);
}

static tw_status find(const char *text, const row **found, long *place) {
    size_t length = strcspn(text, ":");
    for (size_t i = 0; i < ROWS; i++) {
        const tw_direction_kind *kind = &rows[i].kind;
        if (strlen(kind->name) != length || strncmp(kind->name, text, length) != 0) continue;
        if ((text[length] == ':') != (kind->argument != NULL)) break;
        *found = &rows[i];
        return kind->argument ? read_place(text + length + 1, place) : TW_OK;
    }
    return tw_fail(TW_ERR_ARGUMENT, "'%.80s' is neither random, eigen:K, eigen:-K, gauge nor to",
                   text);
}

tw_status tw_direction_read(const char *text, const tw_direction_kind **kind) {
    const row *found = NULL;
    long place;
    tw_status status = find(text, &found, &place);
    if (status == TW_OK) *kind = &found->kind;
    return status;
}

tw_status tw_direction_make(tw_evaluator *evaluator, const double *theta, const char *text,
                            const tw_direction_options *options, double *direction) {
    const tw_direction_options defaults = TW_DIRECTION_DEFAULTS;
    if (options == NULL) options = &defaults;
    const row *found = NULL;
    making m = {.evaluator = evaluator,
                .theta = theta,
                .options = options,
                .n = tw_dufm_parameters(tw_evaluator_model(evaluator)),
                .v = direction};
    tw_status status = find(text, &found, &m.place);
    return status == TW_OK ? found->make(&m) : status;
}
