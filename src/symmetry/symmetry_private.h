/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signal coordinates of a point, and the compressed generators written in them.
 *
 * In space l let U_l (d_l x r_l) span the signal space, and F_l = U_l C_l U_{l-1}^T with the core
 * C_l (U = I beside a space that is not rotated: samples, logits, hidden spaces of a nonlinear
 * phi). A skew generator that moves anything is A_l = T_l U_l^T - U_l T_l^T up to the signal part
 * counted once, with T_l (d_l x r_l) and U_l^T T_l skew. With the two products left_l = U_l C_l
 * (d_l x r_{l-1})        right_l = U_{l-1} C_l^T  (d_{l-1} x r_l) the tangent vector is dF_l = T_l
 * right_l^T + left_l T_{l-1}^T, and the adjoint of that map takes V to G_l = V_l right_l +
 * V_{l+1}^T left_{l+1} (its signal part U_l^T G_l made skew). Everything costs O(d^2 r) where a
 * Hessian product costs O(d^2 N). */
#ifndef TW_SYMMETRY_PRIVATE_H
#define TW_SYMMETRY_PRIVATE_H

#include <thalweg/symmetry/symmetry.h>

/* Where one factor of the chain stands in theta, and its products with the bases. */
typedef struct tw_chain_factor {
    size_t offset, rows, cols;
    size_t left_rank;  /* r_l: columns of `right`; = rows beside a space that is not rotated */
    size_t right_rank; /* r_{l-1}: columns of `left`; = cols beside a space that is not rotated */
    double *core;      /* left_rank x right_rank */
    double *left;      /* rows x right_rank */
    double *right;     /* cols x left_rank */
} tw_chain_factor;

typedef struct tw_signal_space {
    tw_hidden_space described;
    double *U;           /* d x r, orthonormal */
    size_t null_rank;    /* r, unless a rank was decided without a gap */
    double *null_sizes;  /* singular values of [C_l^T; C_{l+1}], descending */
    double *null_factor; /* r x null_rank: N N^T = (C_l C_l^T + C_{l+1}^T C_{l+1})^-1 */
    double *T, *G;       /* d x r: a generator, an adjoint image */
    double *rest;        /* r x r: scratch */
} tw_signal_space;

struct tw_symmetry {
    const tw_monitor *monitor; /* borrowed, may be NULL */
    size_t n;                  /* parameters */
    size_t factor_count;       /* L + 1 */
    tw_chain_factor *factors;
    size_t space_count; /* rotated spaces: indices 0 .. space_count - 1 */
    tw_signal_space *spaces;
    size_t dimension; /* rotations and shift */
    size_t shift_start,
        shift_count; /* the bias in theta where shifting it is a symmetry; count 0: no */
    double scale;    /* largest singular value of any core: half a bound on the map's norm */
    struct tw_signal_system *system; /* the signal-signal equations */
    double *scratch;                 /* n: of the sample */
    char doubt[240];
};

/* ---- signal coordinates (signal_space.c) ---- */

/* Fill factors and spaces of a zeroed symmetry. */
tw_status tw_signal_spaces_find(tw_symmetry *symmetry, const tw_dufm *model, const double *theta,
                                double rank_tolerance);

/* ---- signal-signal equations (signal_system.c) ---- */

/* Entries of their map times pairs up to which its singular values are computed. */
#define TW_SIGNAL_EFFORT 2e6

typedef struct tw_signal_system tw_signal_system;

tw_status tw_signal_system_create(const tw_symmetry *symmetry, tw_signal_system **system);
void tw_signal_system_destroy(tw_signal_system *system); /* NULL-safe */

/* Room for the right-hand side and for the solution: one r_l x r_l matrix a space, in order. */
double *tw_signal_system_rhs(tw_signal_system *system, size_t space);
const double *tw_signal_system_solution(const tw_signal_system *system, size_t space);

/* Solve for skew S with the right-hand side's skew part; `size` is the norm of the vector it came
 * from: the iteration stops relative to ||J|| size, never to the right-hand side itself. */
tw_status tw_signal_system_solve(tw_signal_system *system, double size);

tw_stabilisers tw_signal_system_stabilisers(const tw_signal_system *system);

#endif
