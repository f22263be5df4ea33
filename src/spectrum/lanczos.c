/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lanczos with full reorthogonalisation, thick restart and fresh vectors at breakdown.
 *
 * Symbols: V = [v_1 ... v_m] orthonormal basis, T = V^T B V (dense, m x m), w the next unit vector,
 * whose product is not known yet, and
 *
 *     B V = V T + rest w e_m^T.
 *
 * A Ritz pair T s = theta s, y = V s, has the residual ||B y - theta y|| = rest |s_m|.
 *
 * One step multiplies w, projects the product against all of [V w], writes the coefficients as the
 * new column of T, and normalises what is left. A projection is repeated while it takes away a good
 * part of what it was given, for then its rounding counts (Daniel, Gragg, Kaufman, Stewart, Math.
 * Comp. 30, 1976); the two neighbours that the three-term recurrence names are taken out
 * beforehand, so that one pass over the whole basis is mostly enough. Keeping T dense costs nothing
 * beside the products and makes the thick restart trivial: the topmost Ritz vectors become the
 * basis, T becomes diagonal, w stays, and its coupling with the old basis comes back by itself as
 * coefficients of the next projection (Wu, Simon, SIAM J. Matrix Anal. 22, 2000).
 *
 * A remainder at the level of rounding means that the Krylov space is invariant, which on a
 * spectrum of few distinct eigenvalues happens after that many steps. That is success. The
 * remainder is replaced by a fresh random vector orthogonal to the basis, with zero coupling, and
 * the same basis goes on to collect the next copy of every eigenvalue. When no direction is left
 * the basis spans the whole subspace and every Ritz pair is exact; small problems end there, so
 * they need no other method.
 *
 * A second copy on its way up makes two Ritz values agree to rounding long before its vector has
 * converged (their error is the residual squared), and T then mixes the two vectors at will: the
 * finished copy seems lost. One reflection within such a group moves the whole remainder into one
 * vector and leaves the others without any.
 *
 * A round ends when the next pair is less than half way, in digits of the residual: a fresh round
 * costs less than the wait, since what a round has locked is no longer in its way. Blocks of start
 * vectors were tried and dropped: b copies take b times the products either way, a block of 4
 * gains little on products of this size, and without copies it costs b times as much. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "dense/factor_private.h"
#include "dense/matrix_private.h"
#include "dense/vector_private.h"
#include "spectrum/engine_private.h"

#define ROUNDING 1e-14    /* a remainder of this size, relative to ||B||, is rounding */
#define NEGLIGIBLE 0.1    /* of the accuracy: no pair suffers from so much */
#define NOTHING_LEFT 1e-7 /* a random unit vector keeps far more of a subspace not yet spanned */

enum { MAX_PASSES = 4, CHECK_STEPS = 2, MAX_RESTARTS = 1000, ROW_CHUNK = 256 };

typedef struct lanczos {
    size_t n, room;
    double *V;            /* n x (room + 1): basis, then w */
    double *T;            /* room x room */
    double *S;            /* count x count: eigenvectors of T, ascending */
    double *pick;         /* count x chosen columns of S */
    double *theta;        /* room: eigenvalues of T, ascending */
    double *residual;     /* room */
    double *coefficients; /* room + 1 */
    double *chunk;        /* ROW_CHUNK x room */
    const tw_engine_task *task;
    size_t count;    /* basis vectors whose products are in T */
    bool pending;    /* w exists */
    bool stepped;    /* since the last restart: `rest` says what it should */
    double rest;     /* 0 when w is a fresh vector */
    size_t products; /* of this round */
    double size;     /* largest ||B v|| seen */
} lanczos;

static double *column(const lanczos *lz, size_t j) {
    return lz->V + j * lz->n;
}

static void destroy(void *state) {
    lanczos *lz = state;
    if (lz == NULL) return;
    double *blocks[] = {lz->V,    lz->T, lz->S, lz->pick, lz->theta, lz->residual, lz->coefficients,
                        lz->chunk};
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) free(blocks[i]);
    free(lz);
}

static tw_status create(size_t n, size_t room, void **state) {
    tw_status status = TW_OK;
    lanczos *lz = NULL;
    TW_TRY(TW_NEW(lz, 1));
    *lz = (lanczos){.n = n, .room = room};
    TW_TRY(TW_NEW(lz->V, (room + 1) * n));
    TW_TRY(TW_NEW(lz->T, room * room));
    TW_TRY(TW_NEW(lz->S, room * room));
    TW_TRY(TW_NEW(lz->pick, room * room));
    TW_TRY(TW_NEW(lz->theta, room));
    TW_TRY(TW_NEW(lz->residual, room));
    TW_TRY(TW_NEW(lz->coefficients, room + 1));
    TW_TRY(TW_NEW(lz->chunk, ROW_CHUNK * room));
    *state = lz;
cleanup:
    if (status != TW_OK) destroy(lz);
    return status;
}

/* ---- One step ---- */

/* w -= V V^T w over the basis vectors from `first` on; their coefficients stay in `coefficients`.
 */
static void project_out(lanczos *lz, size_t first) {
    tw_columns V = {column(lz, first), lz->n, lz->count - first};
    tw_project_out(lz->task->space, lz->n, V, 1, column(lz, lz->count), lz->n, lz->coefficients);
}

/* Unit w, one before, orthogonal to the basis. Returns the part of it that the first pass left. */
static double orthonormalise(lanczos *lz) {
    const tw_columns V = {lz->V, lz->n, lz->count};
    return tw_make_orthogonal(lz->task->space, lz->n, V, column(lz, lz->count), lz->coefficients);
}

/* w = a fresh random vector, as long as the subspace has directions left. */
static tw_status draw(lanczos *lz) {
    const tw_engine_task *task = lz->task;
    bool found = false;
    lz->pending = false;
    lz->rest = 0.0;
    if (lz->count >= task->dimension) return TW_OK;
    tw_status status = task->draw(task->self, column(lz, lz->count), &found);
    if (status == TW_OK && found) lz->pending = orthonormalise(lz) > NOTHING_LEFT;
    return status;
}

/* Unit w from the projected product, or a fresh one in place of rounding. */
static tw_status renew(lanczos *lz) {
    double negligible = fmax(ROUNDING * lz->size, NEGLIGIBLE * lz->task->accuracy);
    if (lz->rest <= negligible) return draw(lz);
    tw_scale(lz->n, 1.0 / lz->rest, column(lz, lz->count));
    /* what survives a deep cancellation still carries rounding along the basis */
    if (lz->rest < 1e-2 * lz->size) orthonormalise(lz);
    return TW_OK;
}

/* Take the basis vectors from `first` on out of the product w, into the last column of T. */
static void project(lanczos *lz, size_t first) {
    size_t last = lz->count - 1;
    project_out(lz, first);
    for (size_t i = first; i <= last; i++)
        lz->T[i + last * lz->room] += lz->coefficients[i - first];
    lz->rest = tw_norm(lz->task->space, lz->n, column(lz, lz->count));
}

static tw_status step(lanczos *lz) {
    const tw_engine_task *task = lz->task;
    size_t old = lz->count;
    double *product = column(lz, old + 1);
    tw_status status = tw_linop_apply(task->B, 1, column(lz, old), lz->n, product, lz->n);
    if (status != TW_OK) return status;
    lz->size = fmax(lz->size, tw_norm(task->space, lz->n, product));
    lz->count++;
    lz->products++;
    lz->stepped = true;
    memset(lz->T + old * lz->room, 0, lz->count * sizeof *lz->T);
    project(lz, old > 0 ? old - 1 : 0);
    double before = INFINITY;
    for (int pass = 0; pass < MAX_PASSES && lz->rest < TW_ENOUGH * before; pass++) {
        before = lz->rest;
        project(lz, 0);
    }
    for (size_t i = 0; i < old; i++) lz->T[old + i * lz->room] = lz->T[i + old * lz->room];
    return renew(lz);
}

/* ---- Ritz pairs and restart ---- */

/* Reflect columns first..end-1 of S, of one Ritz value, so that only the first keeps a last entry,
 * and with it a residual. */
static void gather_rest(lanczos *lz, size_t first, size_t end) {
    size_t m = lz->count, width = end - first;
    double *S = lz->S + first * m, *v = lz->coefficients, square = 0.0;
    for (size_t j = 0; j < width; j++) {
        v[j] = S[m - 1 + j * m];
        square += v[j] * v[j];
    }
    double norm = copysign(sqrt(square), v[0]);
    double scale = norm * (norm + v[0]); /* ||v||^2 / 2 of the v that follows */
    if (!(scale > 0.0)) return;
    v[0] += norm;
    for (size_t i = 0; i < m; i++) {
        double dot = 0.0;
        for (size_t j = 0; j < width; j++) dot += S[i + j * m] * v[j];
        for (size_t j = 0; j < width; j++) S[i + j * m] -= dot / scale * v[j];
    }
    for (size_t j = 1; j < width; j++) S[m - 1 + j * m] = 0.0;
}

static tw_status ritz(lanczos *lz) {
    size_t m = lz->count;
    for (size_t j = 0; j < m; j++) tw_copy(m, lz->T + j * lz->room, lz->S + j * m);
    tw_status status = tw_symmetric_eigen(m, lz->S, lz->theta);
    if (status != TW_OK) return status;
    double same = NEGLIGIBLE * lz->task->accuracy;
    for (size_t first = 0, end; first < m; first = end) {
        for (end = first + 1; end < m && lz->theta[end] - lz->theta[first] <= same;) end++;
        if (end > first + 1) gather_rest(lz, first, end);
    }
    for (size_t j = 0; j < m; j++) lz->residual[j] = lz->rest * fabs(lz->S[m - 1 + j * m]);
    return TW_OK;
}

/* The `rank`-th Ritz pair from the top. */
static double residual_at(const lanczos *lz, size_t rank) {
    return lz->residual[lz->count - 1 - rank];
}

static bool converged(const lanczos *lz, size_t rank) {
    return residual_at(lz, rank) <= lz->task->accuracy;
}

/* The wanted pairs and half of the room behind them stay. */
static void restart(lanczos *lz) {
    size_t m = lz->count, n = lz->n, kept = lz->task->wanted + (lz->room - lz->task->wanted) / 2;
    if (kept + 2 > lz->room) kept = lz->room - 2;
    const double *top = lz->S + (m - kept) * m;
    for (size_t row = 0; row < n; row += ROW_CHUNK) {
        size_t rows = n - row < ROW_CHUNK ? n - row : ROW_CHUNK;
        tw_multiply(1.0, (tw_factor){lz->V + row, rows, m, n, false}, tw_plain(top, m, kept), 0.0,
                    tw_mat(lz->chunk, rows, kept));
        for (size_t j = 0; j < kept; j++) tw_copy(rows, lz->chunk + j * rows, column(lz, j) + row);
    }
    tw_copy(n, column(lz, m), column(lz, kept));
    for (size_t j = 0; j < kept; j++) {
        memset(lz->T + j * lz->room, 0, kept * sizeof *lz->T);
        lz->T[j + j * lz->room] = lz->theta[m - kept + j];
    }
    lz->count = kept;
    lz->stepped = false;
}

/* ---- A round ---- */

static size_t in_reach(const lanczos *lz) {
    return lz->task->wanted < lz->count ? lz->task->wanted : lz->count;
}

/* The round has what it came for, or more of it is cheaper elsewhere; see the essay. */
static bool finished(const lanczos *lz) {
    size_t leading = 0, reach = in_reach(lz);
    if (!lz->pending) return true;
    while (leading < reach && converged(lz, leading)) leading++;
    if (leading == lz->task->wanted) return true;
    if (leading == 0) return false;
    if (lz->theta[lz->count - leading] <= lz->task->bound) return true;
    double halfway = sqrt(lz->task->accuracy * lz->size);
    return leading < lz->count && residual_at(lz, leading) > halfway;
}

static bool is_full(const lanczos *lz) {
    return lz->count == lz->room;
}

static tw_status iterate(lanczos *lz) {
    tw_status status = draw(lz);
    size_t since_check = 0, restarts = 0;
    while (status == TW_OK && lz->pending && lz->task->allow(lz->task->self, 1)) {
        if (is_full(lz)) {
            if (++restarts > MAX_RESTARTS) break;
            restart(lz);
        }
        status = step(lz);
        if (status != TW_OK) break;
        size_t interval = CHECK_STEPS + lz->count / 10;
        if (++since_check < interval && lz->rest > 0.0 && !is_full(lz)) continue;
        since_check = 0;
        status = ritz(lz);
        if (status != TW_OK || finished(lz)) break;
    }
    return status;
}

/* The converged ones of the wanted topmost pairs. */
static void collect(lanczos *lz, tw_engine_round *round) {
    size_t m = lz->count, reach = in_reach(lz);
    for (size_t i = 0; i < reach; i++) {
        if (!converged(lz, i)) continue;
        if (i == 0) round->top = true;
        tw_copy(m, lz->S + (m - 1 - i) * m, lz->pick + round->count * m);
        round->values[round->count++] = lz->theta[m - 1 - i];
    }
    tw_multiply(1.0, tw_plain(lz->V, lz->n, m), tw_plain(lz->pick, m, round->count), 0.0,
                tw_mat(round->vectors, lz->n, round->count));
}

static void reset(lanczos *lz, const tw_engine_task *task) {
    lz->task = task;
    lz->count = lz->products = 0;
    lz->stepped = false;
    lz->size = 0.0;
}

static tw_status run_round(void *state, const tw_engine_task *task, tw_engine_round *round) {
    lanczos *lz = state;
    reset(lz, task);
    round->count = 0;
    round->top = round->exhausted = false;
    tw_status status = iterate(lz);
    round->exhausted = !lz->pending;
    if (status != TW_OK || !lz->stepped) return status;
    status = ritz(lz); /* the last steps may not have been looked at */
    if (status == TW_OK) collect(lz, round);
    return status;
}

const tw_engine tw_engine_lanczos = {"lanczos", "deflated lanczos", 160,    1,
                                     create,    run_round,          destroy};

/* ---- The range of a spectrum ---- */

tw_status tw_lanczos_range(const tw_engine_task *task, size_t steps, tw_range *range) {
    tw_status status = TW_OK;
    void *state = NULL;
    *range = (tw_range){0};
    TW_TRY(create(task->B->n, steps, &state));
    lanczos *lz = state;
    reset(lz, task);
    TW_TRY(draw(lz));
    while (lz->pending && !is_full(lz) && task->allow(task->self, 1)) {
        TW_TRY(step(lz));
        if (lz->rest == 0.0) break; /* every distinct eigenvalue has been met */
    }
    if (lz->count == 0) goto cleanup;
    TW_TRY(ritz(lz));
    range->low = lz->theta[0];
    range->high = lz->theta[lz->count - 1];
    range->margin = lz->rest;
cleanup:
    destroy(state);
    return status;
}
