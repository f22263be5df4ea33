/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rotations within the signal spaces, as the small chain of cores that they move, and how many of
 * them move nothing.
 *
 * A rotation S = (S_l), skew, moves the cores by J_s S = S_l C_l - C_l S_{l-1}
 * (docs/mathematics.md, (3.9)). S in the kernel of J_s is a stabiliser. Of the two outermost cores
 * only C_0 C_0^T and C_L^T C_L matter, so they are kept as small factors of these. */
#ifndef TW_CORE_CHAIN_PRIVATE_H
#define TW_CORE_CHAIN_PRIVATE_H

#include <stdbool.h>
#include <thalweg/base/monitor.h>
#include <thalweg/symmetry/symmetry.h>

struct tw_symmetry;

/* Space l = 0 .. spaces - 1 has size[l + 1] dimensions; core l (l = 0 .. spaces) is size[l + 1] x
 * size[l]. size[0] and size[spaces + 1] belong to what does not rotate. */
typedef struct tw_core_chain {
    size_t spaces;
    size_t *size;              /* spaces + 2 */
    double **core;             /* spaces + 1 */
    const tw_monitor *monitor; /* borrowed, may be NULL: asked where the chain is large */
} tw_core_chain;

tw_status tw_core_chain_of(const struct tw_symmetry *symmetry, tw_core_chain *chain);
void tw_core_chain_clear(tw_core_chain *chain); /* idempotent */

size_t tw_core_chain_pairs(const tw_core_chain *chain);  /* sum r_l (r_l - 1)/2 */
double tw_core_chain_effort(const tw_core_chain *chain); /* entries of J_s times pairs */

/* Singular values of J_s with columns of length 1, one column a pair i < j of a space, pairs (0,1),
 * (0,2), (1,2), (0,3) ... in each. Fills count, kept, dropped of *found; with inverse (out, owned;
 * or NULL) also the pairs x (pairs - count) matrix W with W W^T = the pseudo-inverse of J_s^T J_s
 * in coordinates of the pairs. */
tw_status tw_core_chain_decompose(const tw_core_chain *chain, tw_stabilisers *found,
                                  double **inverse);

/* The same by one small system a pair, where bases of the spaces exist that make every core
 * diagonal
 * (*decoupled); else *found stays. */
tw_status tw_core_chain_decouple(const tw_core_chain *chain, tw_stabilisers *found,
                                 bool *decoupled);

/* The part of the chain on which a stabiliser can act (stabilisers.c); kept and dropped of the
 * rank decisions taken on the way. */
tw_status tw_core_chain_reduce(const tw_core_chain *chain, tw_core_chain *rest, double *kept,
                               double *dropped);

#endif
