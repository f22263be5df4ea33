/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Gauss quadrature of the spectral measure of random vectors, by Lanczos. */
#ifndef TW_SLQ_PRIVATE_H
#define TW_SLQ_PRIVATE_H

#include "spectrum/probes_private.h"

#define TW_NODE_DUST 1e-14 /* weights below this are rounding */

typedef struct tw_slq {
    tw_probes *source; /* borrowed */
    size_t steps;      /* of a probe, at most */
    size_t wanted;     /* probes */
    size_t done;       /* probes finished: 0 .. wanted */
    size_t block;      /* probes that go side by side, to make block products */
    double closing;    /* residual of a converged node, relative to ||A|| */
    size_t *count;     /* wanted: steps made */
    size_t *look;      /* wanted: step at which the nodes are looked at again */
    bool *closed;      /* wanted: all nodes have converged, the quadrature is exact */
    double *alpha;     /* steps x wanted: diagonals of the Lanczos matrices */
    double *beta;      /* steps x wanted: beta[j] couples steps j and j+1; the last is the rest */
    double *V;         /* n x steps x block: bases */
    double *X, *Y;     /* n x block */
    double *S;         /* steps x steps: eigenvectors of the last tw_slq_nodes */
    double *off;       /* steps */
    double *nodes;     /* 3 x steps */
    double *coefficients;
    bool intact; /* V's last used slot still belongs to probe done-1 */
    size_t slot; /* of that probe */
} tw_slq;

/* steps is cut to the dimension of the subspace. Values closer than tolerance * ||A|| need not be
 * told apart. */
tw_status tw_slq_init(tw_slq *slq, tw_probes *source, size_t probes, size_t steps,
                      double tolerance);
void tw_slq_clear(tw_slq *slq);

/* What init and run take, of a subspace of `rank` dimensions. */
void tw_slq_cost(size_t n, size_t rank, size_t probes, size_t steps, tw_cost *cost);

/* All probes; fewer when products run out or the monitor says so. */
tw_status tw_slq_run(tw_slq *slq);

/* The quadrature of probe `index` by its first `count` steps. nodes, weights, residuals (out):
 * count each, nodes ascending; weights sum to 1. A residual is ||A y - t y|| of the Ritz pair. */
typedef struct tw_nodes {
    double *value, *weight, *residual;
} tw_nodes;
tw_status tw_slq_nodes(tw_slq *slq, size_t index, size_t count, tw_nodes nodes);

/* x (n, out): the Ritz vector of node `node` of the last probe. Needs slq->intact, and
 * tw_slq_nodes(slq, done-1, count[done-1], ...) as the last call. */
void tw_slq_vector(const tw_slq *slq, size_t node, double *x);

#endif
