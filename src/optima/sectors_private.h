/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A balanced, class-collapsed point in signal coordinates.
 *
 * Every hidden space is reduced to its r signal coordinates, and the n_k equal features hbar_k of
 * class k to the one unit coordinate u_k = sqrt(n_k) hbar_k. With cores C_1 .. C_L and U the point
 * is a linear model with K columns: s_k = C_L .. C_1 u_k = sqrt(n_k) z_k. */
#ifndef TW_SECTORS_PRIVATE_H
#define TW_SECTORS_PRIVATE_H

#include <thalweg/operator/linop.h>
#include <thalweg/optima/sectors.h>

typedef struct tw_reduced {
    size_t layers, classes, rank;
    const size_t *widths; /* borrowed: d_0 .. d_{L-1} of the full model */
    const double *lambda_W;
    double lambda_H, total; /* total = N */
    const tw_loss *loss;
    double *sizes; /* K: n_k */
    double **core; /* [1 .. L]: r x r, the last K x r; [0]: U, r x K */
    double **A;    /* [1 .. L]: C_l .. C_1 U; the last K x K holds s_k */
    double **D;    /* [1 .. L]: gradient of f's fit by A_l */
    int *labels;   /* K: 0 .. K - 1 */
    double *Z, *P; /* K x K: logits z_k, and what the loss keeps of them */
} tw_reduced;

/* Allocate for L, K, r; the borrowed fields are set by the caller. */
tw_status tw_reduced_init(tw_reduced *reduced, size_t layers, size_t classes, size_t rank);
void tw_reduced_clear(tw_reduced *reduced); /* idempotent */

/* The reduced model of class logits in the balanced gauge: diagonal cores. Borrows the widths and
 * ridges of logits; kept and dropped of the evidence are set. */
tw_status tw_reduced_from_logits(const tw_class_logits *logits, double rank_tolerance,
                                 tw_reduced *reduced, tw_sector_evidence *evidence);

/* After the cores are set: A, Z, P and D. */
void tw_reduced_evaluate(tw_reduced *reduced);

/* Coordinates of the signal sector: C_1 .. C_L, U, each column-major. */
size_t tw_reduced_parameters(const tw_reduced *reduced);
/* The same as a number, which may exceed any integer; and the cost of that sector. */
double tw_signal_order(size_t layers, size_t classes, size_t rank);
tw_cost tw_signal_cost(double order);
/* Gradient (of fit and ridges) in them; out: that many doubles. */
void tw_reduced_gradient(const tw_reduced *reduced, double *out);
/* Of them, the coordinates of block l: C_l, or U for l = 0. */
size_t tw_reduced_start(const tw_reduced *reduced, size_t l);
size_t tw_reduced_length(const tw_reduced *reduced, size_t l);
/* The signal sector's Hessian as a dense matrix, that many rows and columns; TW_STOPPED when the
 * monitor ended it. */
tw_status tw_reduced_hessian(const tw_reduced *reduced, const tw_monitor *monitor, double *H);

/* H_k (K x K) = loss Hessian at z_k, divided by N. */
void tw_reduced_loss_hessian(const tw_reduced *reduced, size_t k, double *H_k);

/* Everything after the cores are set: levels, norm, evidence but for what only the caller can
 * measure (collapsed, confined, kept, dropped), and the decision. */
tw_status tw_sectors_finish(tw_reduced *reduced, const tw_sector_options *options,
                            tw_sectors *sectors);

/* What is known of sectors that TW_STOPPED ended: not applicable, for that reason. TW_OK. */
tw_status tw_sectors_refuse_ended(tw_sectors *sectors);

/* All sectors of an evaluated point, unsorted. noise (out): the largest |value| computed for a
 * rotation, which stands in the list as the 0 that it is. `monitor` can end it: TW_STOPPED. */
tw_status tw_sectors_assemble(const tw_reduced *reduced, const tw_monitor *monitor,
                              tw_levels *levels, double *noise);

/* Features of a class that spread: added to levels. */
tw_status tw_sectors_within_class(const tw_reduced *x, tw_levels *levels);

#define TW_SECTORS_JOIN 1e-13 /* of ||H||: values closer than rounding are one level */

/* sectors->blocks of an evaluated point whose norm is known. `monitor` can end it: TW_STOPPED. */
tw_status tw_sectors_blocks(const tw_reduced *x, const tw_monitor *monitor, tw_sectors *sectors);

/* The rule for zero with its counts, from assembled levels and their norm; names the zeros that no
 * rotation explains. noise: as above; defect: the largest of the evidence. */
tw_status tw_sectors_count_zeros(double noise, double defect, tw_sectors *sectors);

#endif
