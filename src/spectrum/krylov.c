/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lanczos with full reorthogonalisation from one random vector until the space is invariant.
 *
 * A remainder of norm BREAKDOWN ||A|| is rounding, and one of INVARIANT tolerance ||A|| is below
 * what the caller wants to know: the space is invariant, for a matrix within that remainder of A. A
 * start vector has a part in every eigenspace with probability one, so the nodes of an invariant
 * space are then all distinct eigenvalues of the complement: what is not among them is not there.
 *
 * Every basis vector is projected into the complement. What is deflated is a copy of the eigenvalue
 * 0 of P A P, and a rounding error along it follows the recurrence of the Lanczos polynomials at 0.
 * These grow exponentially in a gap of the spectrum, and locking opens such gaps: without the
 * projection 1e-16 became 1 within 70 steps, and false values appeared. */
#include <math.h>
#include <stdlib.h>

#include "base/alloc_private.h"
#include "dense/factor_private.h"
#include "dense/matrix_private.h"
#include "dense/vector_private.h"
#include "spectrum/interior_private.h"

#define BREAKDOWN 1e-13
#define INVARIANT 0.05
#define FILLED 1e-9 /* a remainder above this contradicts the dimension that was told */
#define DEEP 1e-2   /* a remainder below this carries visible rounding from outside */

tw_status tw_krylov_init(tw_krylov *krylov, size_t n, size_t room, double tolerance) {
    tw_status status = TW_OK;
    *krylov = (tw_krylov){.n = n, .room = room};
    krylov->breakdown = fmax(BREAKDOWN, INVARIANT * tolerance);
    TW_TRY(TW_NEW(krylov->V, n * (room + 1)));
    TW_TRY(TW_NEW(krylov->alpha, room));
    TW_TRY(TW_NEW(krylov->beta, room));
    TW_TRY(TW_NEW(krylov->node, room));
    TW_TRY(TW_NEW(krylov->weight, room));
    TW_TRY(TW_NEW(krylov->S, room * room));
    TW_TRY(TW_NEW(krylov->coefficients, room + 1));
cleanup:
    if (status != TW_OK) tw_krylov_clear(krylov);
    return status;
}

void tw_krylov_clear(tw_krylov *krylov) {
    double *blocks[] = {krylov->V,      krylov->alpha, krylov->beta,        krylov->node,
                        krylov->weight, krylov->S,     krylov->coefficients};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) free(blocks[i]);
    *krylov = (tw_krylov){0};
}

static void project_out(tw_krylov *kr, const tw_space *space, size_t count, double *x) {
    for (int pass = 0; pass < 2; pass++)
        tw_project_out(space, kr->n, (tw_columns){kr->V, kr->n, count}, 1, x, kr->n,
                       kr->coefficients);
}

/* The remainder x of length kr->rest becomes the next unit vector. */
static tw_status advance(tw_krylov *kr, tw_complement *complement, double *x) {
    tw_status status = TW_OK;
    const tw_space *space = complement->within.space;
    tw_scale(kr->n, 1.0 / kr->rest, x);
    TW_TRY(tw_complement_project(complement, 1, x));
    if (kr->rest > DEEP * kr->size) return TW_OK;
    project_out(kr, space, kr->count, x);
    tw_scale(kr->n, 1.0 / tw_norm(space, kr->n, x), x);
cleanup:
    return status;
}

static tw_status step(tw_krylov *kr, tw_complement *complement, size_t dimension) {
    const tw_space *space = complement->within.space;
    double *v = kr->V + kr->count * kr->n, *x = v + kr->n;
    tw_status status = tw_linop_apply(&complement->view, 1, v, kr->n, x, kr->n);
    if (status != TW_OK) return status;
    double size = tw_norm(space, kr->n, x);
    if (size > kr->size) kr->size = size;
    kr->alpha[kr->count++] = tw_dot(space, kr->n, v, x);
    project_out(kr, space, kr->count, x);
    kr->rest = kr->beta[kr->count - 1] = tw_norm(space, kr->n, x);
    kr->closed = kr->rest <= kr->breakdown * kr->size;
    kr->full = kr->count == dimension && kr->rest <= FILLED * kr->size;
    kr->closed |= kr->full;
    return kr->closed || kr->count == kr->room ? TW_OK : advance(kr, complement, x);
}

static tw_status find_nodes(tw_krylov *kr) {
    size_t count = kr->count;
    tw_copy(count, kr->alpha, kr->node);
    tw_status status = tw_tridiagonal_eigen(count, kr->node, kr->beta, kr->S);
    for (size_t i = 0; i < count && status == TW_OK; i++)
        kr->weight[i] = kr->S[i * count] * kr->S[i * count];
    return status;
}

tw_status tw_krylov_run(tw_krylov *kr, tw_complement *complement, size_t dimension) {
    tw_status status = TW_OK;
    bool found = false;
    kr->count = 0;
    kr->rest = 0.0;
    TW_TRY(tw_complement_draw(complement, kr->V, &found));
    kr->closed = kr->full = !found;
    while (!kr->closed && kr->count < kr->room && tw_complement_allow(complement, 1))
        TW_TRY(step(kr, complement, dimension));
    TW_TRY(find_nodes(kr));
cleanup:
    return status;
}

void tw_krylov_vector(const tw_krylov *kr, size_t node, double *x) {
    tw_multiply(1.0, tw_plain(kr->V, kr->n, kr->count),
                tw_plain(kr->S + node * kr->count, kr->count, 1), 0.0, tw_mat(x, kr->n, 1));
}
