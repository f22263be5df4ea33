/* SPDX-License-Identifier: GPL-3.0-or-later */
/* From the quadrature nodes of several probes to atoms and a curve. */
#ifndef TW_DENSITY_PRIVATE_H
#define TW_DENSITY_PRIVATE_H

#include <thalweg/spectrum/density.h>

/* One node of one probe. */
typedef struct tw_node {
    double value, weight, residual;
    size_t probe;
    size_t place; /* among the nodes of its probe, ascending */
    size_t atom;  /* index, or TW_NO_ATOM */
} tw_node;

#define TW_NO_ATOM ((size_t)-1)

/* All nodes; weights of a probe sum to 1. */
typedef struct tw_node_pool {
    size_t count;
    tw_node *nodes; /* ascending by value; owned */
    size_t probes;
    size_t rank;       /* dimension the weights are shares of */
    size_t n;          /* order of the operator: n - rank further values are 0 */
    double norm;       /* largest |value| */
    bool exact;        /* the nodes are the eigenvalues themselves, each with all or some of its
                        copies: weight * n */
    tw_zero_rule zero; /* set before the atoms are found */
    size_t distinct;   /* exact: with at most that many values each is an atom, otherwise only those
                        with more than one copy */
} tw_node_pool;

/* Sorts the nodes, measures the norm. */
void tw_node_pool_sort(tw_node_pool *pool);

/* Marks the nodes that belong to atoms and fills result->atoms and result->continuous. */
tw_status tw_atoms_find(tw_node_pool *pool, double tolerance, tw_density_result *result);

/* A spectrum that is known: value, weight = copies / n and residual of every node are set, count,
 * rank and n of the pool; the rest of the pool is set here. Norm, atoms and curve of the result. */
tw_status tw_density_from_values(tw_node_pool *pool, const tw_density_options *options,
                                 tw_density_result *result);

/* The nodes without an atom as result->curve. */
tw_status tw_curve_draw(const tw_node_pool *pool, const tw_density_options *options,
                        tw_density_result *result);

#endif
