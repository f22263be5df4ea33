/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Block Lanczos with full reorthogonalisation, thick restart and fresh vectors at breakdown.
 *
 * Symbols: V = [v_1 ... v_m] orthonormal basis, T = V^T B V (dense, m x m), W the block of vectors
 * whose products are not known yet, and
 *
 *     B V = V T + W R E^T,        E = the last columns of the identity (the block multiplied last).
 *
 * A Ritz pair T s = theta s, y = V s, has the residual ||B y - theta y|| = ||R E^T s||.
 *
 * One step multiplies the block W, projects the product twice against all of [V W] (twice is
 * enough: Giraud, Langou, Rozloznik, Comput. Math. Appl. 50, 2005), writes the coefficients as the
 * new columns of T, and orthonormalises what is left as the next block. Keeping T dense costs
 * nothing beside the products and makes the thick restart trivial: the p topmost Ritz vectors
 * become the basis, T becomes diagonal, W stays, and the coupling of W with the old basis comes
 * back by itself as coefficients of the next projection (Wu, Simon, SIAM J. Matrix Anal. 22, 2000).
 *
 * A remainder of norm BREAKDOWN * ||B|| is rounding: the Krylov space is invariant, which on a
 * spectrum of few distinct eigenvalues happens after that many steps. That is success. The
 * remainder is replaced by a fresh random vector orthogonal to the basis, with zero coupling, and
 * the same basis goes on to collect the next copy of every eigenvalue. When no direction is left
 * the basis spans the whole subspace and every Ritz pair is exact; small problems end there, so
 * they need no other method.
 *
 * A round goes on while the next pair comes for no more products than the first one took: a fresh
 * round would bring one at that price. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "dense/factor_private.h"
#include "dense/matrix_private.h"
#include "dense/vector_private.h"
#include "spectrum/engine_private.h"

#define BREAKDOWN 1e-14
#define NOTHING_LEFT 1e-7 /* a random unit vector keeps far more of a subspace not yet spanned */

enum { CHECK_STEPS = 5, MAX_RESTARTS = 1000, ROW_CHUNK = 256 };

typedef struct lanczos {
    size_t n, room, starts;
    double *V;            /* n x (room + starts): basis, then the next block */
    double *T;            /* room x room */
    double *S;            /* count x count: eigenvectors of T, ascending */
    double *pick;         /* count x chosen columns of S */
    double *theta;        /* room: eigenvalues of T, ascending */
    double *residual;     /* room */
    double *R;            /* starts x starts */
    double *coefficients; /* (room + starts) x starts */
    double *chunk;        /* ROW_CHUNK x room */
    const tw_engine_task *task;
    size_t count;    /* basis vectors whose products are in T */
    size_t next;     /* vectors after them, not yet multiplied */
    size_t last;     /* how many the last step multiplied; 0: R says nothing */
    size_t dropped;  /* remainders of the last step that were rounding */
    size_t products; /* of this round */
    double size;     /* largest ||B v|| seen */
} lanczos;

static double *column(const lanczos *lz, size_t j) {
    return lz->V + j * lz->n;
}

static tw_columns columns(const lanczos *lz, size_t first, size_t count) {
    return (tw_columns){column(lz, first), lz->n, count};
}

static void destroy(void *state) {
    lanczos *lz = state;
    if (lz == NULL) return;
    double *blocks[] = {
        lz->V, lz->T, lz->S, lz->pick, lz->theta, lz->residual, lz->R, lz->coefficients, lz->chunk};
    for (size_t i = 0; i < sizeof blocks / sizeof blocks[0]; i++) free(blocks[i]);
    free(lz);
}

static tw_status create(size_t n, size_t room, size_t starts, void **state) {
    tw_status status = TW_OK;
    lanczos *lz = NULL;
    TW_TRY(TW_NEW(lz, 1));
    *lz = (lanczos){.n = n, .room = room, .starts = starts};
    TW_TRY(TW_NEW(lz->V, (room + starts) * n));
    TW_TRY(TW_NEW(lz->T, room * room));
    TW_TRY(TW_NEW(lz->S, room * room));
    TW_TRY(TW_NEW(lz->pick, room * room));
    TW_TRY(TW_NEW(lz->theta, room));
    TW_TRY(TW_NEW(lz->residual, room));
    TW_TRY(TW_NEW(lz->R, starts * starts));
    TW_TRY(TW_NEW(lz->coefficients, (room + starts) * starts));
    TW_TRY(TW_NEW(lz->chunk, ROW_CHUNK * room));
    *state = lz;
cleanup:
    if (status != TW_OK) destroy(lz);
    return status;
}

/* ---- One step ---- */

/* Unit column j orthogonal to all before it. Returns the norm left of it before scaling. */
static double orthonormalise(lanczos *lz, size_t j) {
    const tw_space *space = lz->task->space;
    double *x = column(lz, j), first = 0.0;
    for (int pass = 0; pass < 4; pass++) {
        double before = tw_norm(space, lz->n, x);
        tw_project_out(space, lz->n, columns(lz, 0, j), 1, x, lz->n, lz->coefficients);
        double after = tw_norm(space, lz->n, x);
        if (pass == 0) first = after;
        if (!(after > 0.0)) return 0.0;
        tw_scale(lz->n, 1.0 / after, x);
        if (pass > 0 && after > 0.7 * before) break;
    }
    return first;
}

/* Fill the next block up with fresh random vectors as long as the subspace has directions left. */
static tw_status inject(lanczos *lz) {
    const tw_engine_task *task = lz->task;
    size_t wished = task->starts < lz->starts ? task->starts : lz->starts;
    while (lz->next < wished && lz->count + lz->next < task->dimension) {
        bool found = false;
        size_t j = lz->count + lz->next;
        tw_status status = task->draw(task->self, column(lz, j), &found);
        if (status != TW_OK) return status;
        if (!found || orthonormalise(lz, j) < NOTHING_LEFT) return TW_OK;
        lz->next++;
    }
    return TW_OK;
}

/* T gets the new columns `coefficients` (one of the two passes) and their mirror image. */
static void add_to_projection(lanczos *lz, size_t old) {
    for (size_t c = old; c < lz->count; c++)
        for (size_t i = 0; i < lz->count; i++) {
            double h = lz->coefficients[i + (c - old) * lz->count];
            double *entry = lz->T + i + c * lz->room, *mirror = lz->T + c + i * lz->room;
            if (i < old)
                *mirror = *entry += h;
            else { /* within the block both halves are measured: their mean */
                *entry += 0.5 * h;
                *mirror += 0.5 * h;
            }
        }
}

static void clear_projection(lanczos *lz, size_t old) {
    for (size_t c = 0; c < lz->count; c++)
        for (size_t i = c < old ? old : 0; i < lz->count; i++) lz->T[i + c * lz->room] = 0.0;
}

/* The product at columns count..count+last becomes the next block, W R = product. */
static void split_remainder(lanczos *lz, double breakdown) {
    const tw_space *space = lz->task->space;
    size_t first = lz->count;
    lz->next = 0;
    memset(lz->R, 0, lz->starts * lz->starts * sizeof *lz->R);
    for (size_t c = 0; c < lz->last; c++) {
        double *x = column(lz, first + c), *r = lz->R + c * lz->starts;
        for (int pass = 0; pass < 2; pass++) {
            tw_project_out(space, lz->n, columns(lz, first, lz->next), 1, x, lz->n,
                           lz->coefficients);
            for (size_t i = 0; i < lz->next; i++) r[i] += lz->coefficients[i];
        }
        double norm = tw_norm(space, lz->n, x);
        /* Once the basis fills the subspace, a remainder is rounding whatever its size. */
        if (norm <= breakdown || first + lz->next >= lz->task->dimension) continue;
        size_t j = first + lz->next;
        if (j != first + c) tw_copy(lz->n, x, column(lz, j));
        r[lz->next] = norm;
        tw_scale(lz->n, 1.0 / norm, column(lz, j));
        /* what survives a deep cancellation still carries rounding along the basis */
        if (norm < 1e-2 * lz->size) orthonormalise(lz, j);
        lz->next++;
    }
    lz->dropped = lz->last - lz->next;
}

static tw_status step(lanczos *lz) {
    const tw_engine_task *task = lz->task;
    size_t old = lz->count, block = lz->next;
    double *product = column(lz, old + block);
    tw_status status = tw_linop_apply(task->B, block, column(lz, old), lz->n, product, lz->n);
    if (status != TW_OK) return status;
    for (size_t c = 0; c < block; c++)
        lz->size = fmax(lz->size, tw_norm(task->space, lz->n, product + c * lz->n));
    lz->count += block;
    lz->products += block;
    lz->last = block;
    clear_projection(lz, old);
    for (int pass = 0; pass < 2; pass++) {
        tw_project_out(task->space, lz->n, columns(lz, 0, lz->count), block, product, lz->n,
                       lz->coefficients);
        add_to_projection(lz, old);
    }
    split_remainder(lz, BREAKDOWN * lz->size);
    return inject(lz);
}

/* ---- Ritz pairs and restart ---- */

static tw_status ritz(lanczos *lz) {
    size_t m = lz->count;
    for (size_t j = 0; j < m; j++) tw_copy(m, lz->T + j * lz->room, lz->S + j * m);
    tw_status status = tw_symmetric_eigen(m, lz->S, lz->theta);
    for (size_t j = 0; j < m && status == TW_OK; j++) {
        const double *tail = lz->S + j * m + m - lz->last;
        double square = 0.0;
        for (size_t i = 0; i < lz->last; i++) {
            double entry = 0.0;
            for (size_t c = 0; c < lz->last; c++) entry += lz->R[i + c * lz->starts] * tail[c];
            square += entry * entry;
        }
        lz->residual[j] = sqrt(square);
    }
    return status;
}

/* The `rank`-th Ritz pair from the top has converged. */
static bool converged(const lanczos *lz, size_t rank) {
    return lz->residual[lz->count - 1 - rank] <= lz->task->accuracy;
}

static void restart(lanczos *lz) {
    const tw_engine_task *task = lz->task;
    size_t m = lz->count, n = lz->n;
    size_t kept = task->wanted + (lz->room - task->wanted) / 2;
    if (kept + 2 * lz->starts > lz->room) kept = lz->room - 2 * lz->starts;
    const double *top = lz->S + (m - kept) * m;
    for (size_t row = 0; row < n; row += ROW_CHUNK) {
        size_t rows = n - row < ROW_CHUNK ? n - row : ROW_CHUNK;
        tw_multiply(1.0, (tw_factor){lz->V + row, rows, m, n, false}, tw_plain(top, m, kept), 0.0,
                    tw_mat(lz->chunk, rows, kept));
        for (size_t j = 0; j < kept; j++) tw_copy(rows, lz->chunk + j * rows, column(lz, j) + row);
    }
    for (size_t j = 0; j < lz->next; j++) tw_copy(n, column(lz, m + j), column(lz, kept + j));
    for (size_t j = 0; j < kept; j++) {
        memset(lz->T + j * lz->room, 0, kept * sizeof *lz->T);
        lz->T[j + j * lz->room] = lz->theta[m - kept + j];
    }
    lz->count = kept;
    lz->last = 0;
}

/* ---- A round ---- */

/* How far a round has come; see the essay for when it ends. */
typedef struct progress {
    size_t leading;  /* converged pairs without a gap from the top */
    size_t gathered; /* converged among the wanted topmost */
    size_t gained;   /* products when `gathered` grew last */
    size_t price;    /* products when it grew first */
} progress;

static void measure(const lanczos *lz, progress *now) {
    size_t wanted = lz->task->wanted < lz->count ? lz->task->wanted : lz->count;
    size_t gathered = 0;
    for (size_t i = 0; i < wanted; i++) gathered += converged(lz, i);
    for (now->leading = 0; now->leading < wanted && converged(lz, now->leading);) now->leading++;
    if (gathered > now->gathered) {
        if (now->gathered == 0) now->price = lz->products;
        now->gathered = gathered;
        now->gained = lz->products;
    }
}

static bool finished(const lanczos *lz, const progress *now) {
    if (now->leading >= lz->task->wanted || lz->next == 0) return true;
    return now->gathered > 0 && lz->products - now->gained > now->price;
}

static bool is_full(const lanczos *lz) {
    return lz->count + lz->next > lz->room;
}

static tw_status iterate(lanczos *lz) {
    progress now = {0};
    tw_status status = inject(lz);
    size_t since_check = 0, restarts = 0;
    while (status == TW_OK && lz->next > 0 && lz->task->allow(lz->task->self, lz->next)) {
        if (is_full(lz)) {
            if (++restarts > MAX_RESTARTS) break;
            restart(lz);
        }
        status = step(lz);
        if (status != TW_OK) break;
        bool due = ++since_check >= CHECK_STEPS || lz->dropped > 0 || lz->next == 0 || is_full(lz);
        if (!due) continue;
        since_check = 0;
        status = ritz(lz);
        if (status != TW_OK) break;
        measure(lz, &now);
        if (finished(lz, &now)) break;
    }
    return status;
}

/* The converged ones of the wanted topmost pairs. */
static void collect(lanczos *lz, tw_engine_round *round) {
    size_t m = lz->count, wanted = lz->task->wanted < m ? lz->task->wanted : m;
    for (size_t i = 0; i < wanted; i++) {
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
    lz->count = lz->next = lz->last = lz->dropped = lz->products = 0;
    lz->size = 0.0;
}

static tw_status run_round(void *state, const tw_engine_task *task, tw_engine_round *round) {
    lanczos *lz = state;
    reset(lz, task);
    round->count = 0;
    round->top = round->exhausted = false;
    tw_status status = iterate(lz);
    round->exhausted = lz->next == 0;
    if (status != TW_OK || lz->last == 0) return status;
    status = ritz(lz); /* the last steps may not have been looked at */
    if (status != TW_OK) return status;
    collect(lz, round);
    return TW_OK;
}

const tw_engine tw_engine_lanczos = {"lanczos", 160, 1, create, run_round, destroy};

/* ---- The range of a spectrum ---- */

tw_status tw_lanczos_range(const tw_engine_task *task, size_t steps, tw_range *range) {
    tw_status status = TW_OK;
    void *state = NULL;
    *range = (tw_range){0};
    TW_TRY(create(task->B->n, steps, 1, &state));
    lanczos *lz = state;
    reset(lz, task);
    TW_TRY(inject(lz));
    while (lz->next > 0 && !is_full(lz) && task->allow(task->self, 1)) {
        TW_TRY(step(lz));
        if (lz->dropped > 0) break; /* every distinct eigenvalue has been met */
    }
    if (lz->count == 0) goto cleanup;
    TW_TRY(ritz(lz));
    range->low = lz->theta[0];
    range->high = lz->theta[lz->count - 1];
    range->margin = lz->dropped ? 0.0 : lz->R[0];
cleanup:
    destroy(state);
    return status;
}
