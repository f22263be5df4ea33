/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The weight of an optimum at inverse temperature beta, and where two optima weigh the same
 * (docs/mathematics.md, section 7.2):
 *
 *     F(beta) = beta f - log Vol(M) + (1/2) [ log det' H + (P - m) log(beta/2 pi) ],
 *
 * M the optimum's manifold, of dimension m, with all its copies. Leading order in 1/beta. */
#ifndef THALWEG_LAPLACE_H
#define THALWEG_LAPLACE_H

#include <stdbool.h>
#include <stdint.h>
#include <thalweg/spectrum/estimate.h>
#include <thalweg/spectrum/zero_rule.h>

typedef struct tw_laplace {
    bool defined;        /* a minimum whose manifold is its orbit; false: F is NAN */
    char refusal[200];   /* why not; "" when defined */
    double loss;         /* f */
    double loss_error;   /* its rounding */
    uint64_t parameters; /* P */
    uint64_t zero_modes; /* m */
    tw_zero_rule
        zero; /* the rule of these counts; it has counted nothing where they are not known */
    double log_orbit_volume, log_stiefel; /* of one copy; the part of the Stiefel manifolds */
    double log_copies;                    /* by exchange of classes */
    double log_unit_copies;  /* by exchange of hidden units; 0 for linear models, whose rotations
                                hold it */
    tw_estimate log_det;     /* over non-zero modes */
    double log_det_rounding; /* bound for an exact one: sum of n eps ||H||/t */
    double smallest;         /* smallest non-zero eigenvalue: the expansion asks for beta times it
                                to be large; NAN: unknown */
} tw_laplace;

/* F(beta), beta > 0; NAN when not defined. */
TW_API double tw_laplace_free_energy(const tw_laplace *laplace, double beta);

/* Where F_a = F_b. F_a - F_b = slope beta + constant - (excess/2) log(beta/2 pi) has no, one or two
 * roots; above the larger one the lower loss has the larger weight. */
typedef struct tw_crossing {
    bool exists;
    double beta;  /* the larger root; NAN: none */
    double error; /* standard error, from those of both sides to first order */
    double lower; /* the smaller root, below which the lower loss wins again; NAN: none. There the
                     expansion has usually broken down */
    double slope; /* f_a - f_b */
    double constant; /* the rest at beta = 2 pi */
    double excess;   /* m_a - m_b, less P_a - P_b */
} tw_crossing;

TW_API tw_crossing tw_laplace_cross(const tw_laplace *a, const tw_laplace *b);

#endif
