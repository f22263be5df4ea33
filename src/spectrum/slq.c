/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stochastic Lanczos quadrature (Bai, Fahey, Golub, J. Comput. Appl. Math. 74, 1996; Ubaru, Chen,
 * Saad, SIAM J. Matrix Anal. 38, 2017).
 *
 * For a unit vector z the spectral measure puts the weight |<u_i, z>|^2 at the eigenvalue t_i.
 * After m Lanczos steps from z, with the tridiagonal T = V^T A V and T s_j = t_j s_j, the nodes
 * t_j with the weights (first entry of s_j)^2 integrate polynomials up to degree 2m-1 exactly.
 *
 * Every vector is made orthogonal to all before it, twice, so T is the true Rayleigh quotient of an
 * orthonormal basis: no node lies outside the spectrum by more than rounding, and none is a ghost
 * copy. Without that, the zero modes of a Hessian show up as small negative nodes.
 *
 * A probe has closed when every node that carries weight has converged: the residual of its Ritz
 * vector, the rest times the last entry of s_j, is at most closing ||A||. The probe is the sum of
 * these vectors with the square roots of the weights, so its whole measure lies that close to the
 * nodes. The caller says how close two values are that it cannot tell apart, and closing is a tenth
 * of that.
 *
 * On a spectrum of d distinct values that happens after d steps, when the rest vanishes, or one or
 * two later. The rest itself is no measure. A node that has converged keeps letting in what
 * rounding leaves in the same eigenspace, magnified by the inverse of its last entry: nine and
 * twelve distinct values of a DUFM leave a rest of 1e-8 and 4e-6 ||A||. The vector that comes out
 * is an eigenvector mixture of the same values, and once it is there the nodes that had not
 * converged do.
 *
 * Looking takes the eigenvectors of T, m^3: done at every step at first, then whenever a sixteenth
 * of the steps has been added, and at the last one. A rest below closing ||A|| is seen at once.
 *
 * Probes go side by side, because a product with a block costs much less than its columns one by
 * one. The block does not enter the results: each probe has its own stream and its own basis. */
#include "spectrum/slq_private.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "dense/factor_private.h"
#include "dense/matrix_private.h"
#include "dense/vector_private.h"

#define DEEP 1e-2 /* a rest below this carries visible rounding from outside the subspace */

/* 512 MB of bases side by side; the nodes are looked at again when 1/LOOK of the steps has been
 * added. */
enum { MAX_BLOCK = 8, BASIS_ENTRIES = 1 << 26, LOOK = 16 };

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

static size_t choose_block(size_t n, size_t probes, size_t steps) {
    size_t fitting = BASIS_ENTRIES / n / steps;
    size_t abreast = probes > 1 ? probes - 1 : 1; /* the first probe goes alone */
    return smaller(smaller(MAX_BLOCK, abreast), fitting > 0 ? fitting : 1);
}

void tw_slq_cost(size_t n, size_t rank, size_t probes, size_t steps, tw_cost *cost) {
    double order = (double)n, length = (double)smaller(steps, rank > 0 ? rank : 1);
    double block = (double)choose_block(n > 0 ? n : 1, probes, (size_t)length);
    *cost = (tw_cost){.bytes = 8.0 * order * (block * (length + 2.0) + 1.0),
                      .traffic = 4.0 * order * length};
    tw_cost_set_products(cost, (double)probes, (double)probes * length);
}

tw_status tw_slq_init(tw_slq *slq, tw_probes *source, size_t probes, size_t steps,
                      double tolerance) {
    tw_status status = TW_OK;
    size_t n = source->A->n;
    *slq = (tw_slq){.source = source,
                    .wanted = probes,
                    .steps = smaller(steps, source->rank),
                    .closing = 0.1 * tolerance};
    slq->block = choose_block(source->whole, probes, slq->steps);
    TW_TRY(TW_NEW(slq->count, probes));
    TW_TRY(TW_NEW(slq->look, probes));
    TW_TRY(TW_NEW(slq->closed, probes));
    TW_TRY(TW_NEW_MATRIX(slq->alpha, slq->steps, probes));
    TW_TRY(TW_NEW_MATRIX(slq->beta, slq->steps, probes));
    TW_TRY(TW_NEW_MATRIX(slq->V, n * slq->steps, slq->block));
    TW_TRY(TW_NEW(slq->X, n * slq->block));
    TW_TRY(TW_NEW(slq->Y, n * slq->block));
    TW_TRY(TW_NEW(slq->S, slq->steps * slq->steps));
    TW_TRY(TW_NEW(slq->off, slq->steps));
    TW_TRY(TW_NEW(slq->nodes, 3 * slq->steps));
    TW_TRY(TW_NEW(slq->coefficients, slq->steps));
cleanup:
    if (status != TW_OK) tw_slq_clear(slq);
    return status;
}

void tw_slq_clear(tw_slq *slq) {
    double *blocks[] = {slq->alpha, slq->beta, slq->V,     slq->X,           slq->Y,
                        slq->S,     slq->off,  slq->nodes, slq->coefficients};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) free(blocks[i]);
    free(slq->count);
    free(slq->look);
    free(slq->closed);
    *slq = (tw_slq){0};
}

static double *basis(const tw_slq *slq, size_t slot) {
    return slq->V + slot * slq->steps * slq->source->A->n;
}

static bool unfinished(const tw_slq *slq, size_t probe) {
    return !slq->closed[probe] && slq->count[probe] < slq->steps;
}

/* Unit vector y orthogonal to the basis of `slot`, back in the subspace after deep cancellation. */
static tw_status refine(tw_slq *slq, size_t slot, size_t count, double *y) {
    const tw_space *space = slq->source->within.space;
    size_t n = slq->source->A->n;
    tw_status status = tw_probes_keep(slq->source, y);
    if (status != TW_OK) return status;
    for (int pass = 0; pass < 2; pass++)
        tw_project_out(space, n, (tw_columns){basis(slq, slot), n, count}, 1, y, n,
                       slq->coefficients);
    double norm = tw_norm(space, n, y);
    if (norm > 0.0) tw_scale(n, 1.0 / norm, y);
    return TW_OK;
}

/* Have all nodes that carry weight converged, after `count` steps? */
static tw_status look(tw_slq *slq, size_t probe, size_t count, bool *closed) {
    double most = slq->closing * slq->source->size;
    tw_nodes nodes = {slq->nodes, slq->nodes + slq->steps, slq->nodes + 2 * slq->steps};
    *closed = count == slq->source->rank || slq->beta[count - 1 + probe * slq->steps] <= most;
    if (*closed || (count < slq->look[probe] && count < slq->steps)) return TW_OK;
    slq->look[probe] = count + 1 + count / LOOK;
    tw_status status = tw_slq_nodes(slq, probe, count, nodes);
    if (status != TW_OK) return status;
    *closed = true;
    for (size_t j = 0; j < count; j++)
        if (nodes.weight[j] > TW_NODE_DUST && nodes.residual[j] > most) *closed = false;
    return TW_OK;
}

/* y = A v for the newest basis vector v of the probe becomes the next one. */
static tw_status advance(tw_slq *slq, size_t probe, size_t slot, double *y) {
    tw_status status = TW_OK;
    const tw_space *space = slq->source->within.space;
    size_t n = slq->source->A->n, j = slq->count[probe]++;
    double *V = basis(slq, slot), size = slq->source->size;
    slq->alpha[j + probe * slq->steps] = tw_dot(space, n, V + j * n, y);
    for (int pass = 0; pass < 2; pass++)
        tw_project_out(space, n, (tw_columns){V, n, j + 1}, 1, y, n, slq->coefficients);
    double rest = tw_norm(space, n, y);
    slq->beta[j + probe * slq->steps] = rest;
    TW_TRY(look(slq, probe, j + 1, &slq->closed[probe]));
    if (!unfinished(slq, probe)) return TW_OK;
    tw_scale(n, 1.0 / rest, y);
    if (rest < DEEP * size) TW_TRY(refine(slq, slot, j + 1, y));
    tw_copy(n, y, V + (j + 1) * n);
cleanup:
    return status;
}

/* One product for each of the `width` probes from `first` that needs one; *active: how many did. */
static tw_status step(tw_slq *slq, size_t first, size_t width, size_t *active) {
    tw_status status = TW_OK;
    size_t n = slq->source->A->n, slot_of[MAX_BLOCK];
    *active = 0;
    for (size_t b = 0; b < width; b++)
        if (unfinished(slq, first + b)) slot_of[(*active)++] = b;
    if (*active == 0 || !tw_probes_allow(slq->source, *active)) return TW_OK;
    for (size_t a = 0; a < *active; a++)
        tw_copy(n, basis(slq, slot_of[a]) + slq->count[first + slot_of[a]] * n, slq->X + a * n);
    TW_TRY(tw_probes_product(slq->source, *active, slq->X, slq->Y));
    for (size_t a = 0; a < *active; a++)
        TW_TRY(advance(slq, first + slot_of[a], slot_of[a], slq->Y + a * n));
cleanup:
    return status;
}

/* Keep the finished ones of the `width` probes from slq->done, in order. */
static void collect(tw_slq *slq, size_t width) {
    size_t first = slq->done, steps = slq->steps;
    for (size_t b = 0; b < width; b++) {
        size_t from = first + b, to = slq->done;
        if (unfinished(slq, from)) continue;
        slq->count[to] = slq->count[from];
        slq->closed[to] = slq->closed[from];
        memmove(slq->alpha + to * steps, slq->alpha + from * steps, steps * sizeof *slq->alpha);
        memmove(slq->beta + to * steps, slq->beta + from * steps, steps * sizeof *slq->beta);
        slq->slot = b;
        slq->done++;
    }
    slq->intact = slq->done > first;
}

static tw_status run_block(tw_slq *slq, size_t width) {
    tw_status status = TW_OK;
    size_t first = slq->done, active = width;
    for (size_t b = 0; b < width; b++) {
        slq->count[first + b] = slq->look[first + b] = 0;
        slq->closed[first + b] = false;
        status = tw_probes_draw(slq->source, TW_PROBES_LANCZOS + first + b, basis(slq, b));
        if (status != TW_OK) return status == TW_STOPPED ? TW_OK : status;
    }
    while (active > 0 && !slq->source->cancelled && !slq->source->refused) {
        status = step(slq, first, width, &active);
        if (status != TW_OK && status != TW_STOPPED) return status;
    }
    collect(slq, width);
    return TW_OK;
}

/* The first probe goes alone: a run that is ended early has it the sooner. Side by side go only
 * probes that the budget lets finish. */
tw_status tw_slq_run(tw_slq *slq) {
    tw_status status = TW_OK;
    tw_probes *source = slq->source;
    source->stage = "Lanczos quadrature";
    source->planned = source->products + slq->wanted * slq->steps;
    while (slq->done < slq->wanted && !source->cancelled && !source->refused) {
        size_t fitting = (tw_budget_left(&source->budget, source->products)) / slq->steps;
        size_t block = slq->done > 0 ? slq->block : 1;
        size_t width = smaller(smaller(block, slq->wanted - slq->done), fitting);
        TW_TRY(run_block(slq, width > 0 ? width : 1));
    }
cleanup:
    return status;
}

tw_status tw_slq_nodes(tw_slq *slq, size_t index, size_t count, tw_nodes nodes) {
    const double *beta = slq->beta + index * slq->steps;
    tw_copy(count, slq->alpha + index * slq->steps, nodes.value);
    tw_copy(count, beta, slq->off);
    tw_status status = tw_tridiagonal_eigen(count, nodes.value, slq->off, slq->S);
    for (size_t j = 0; j < count && status == TW_OK; j++) {
        const double *s = slq->S + j * count;
        nodes.weight[j] = s[0] * s[0];
        nodes.residual[j] = beta[count - 1] * fabs(s[count - 1]);
    }
    return status;
}

void tw_slq_vector(const tw_slq *slq, size_t node, double *x) {
    size_t n = slq->source->A->n, count = slq->count[slq->done - 1];
    tw_multiply(1.0, tw_plain(basis(slq, slq->slot), n, count),
                tw_plain(slq->S + node * count, count, 1), 0.0, tw_mat(x, n, 1));
}
