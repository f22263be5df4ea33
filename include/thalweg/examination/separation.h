/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How far a point separates the classes, and how near its direction is to one that descent of the
 * unregularised cross entropy can converge to (docs/mathematics.md, section 8.1). */
#ifndef THALWEG_SEPARATION_H
#define THALWEG_SEPARATION_H

#include <thalweg/base/monitor.h>
#include <thalweg/model/evaluator.h>

/* What stands in the way of the later fields of a result, and the sentence for it; the first that
 * applies. */
#define TW_SEPARATION_LIST(X)                                                                      \
    X(MEASURED, "every field was measured")                                                        \
    X(BIAS, "with a bias the logits are not homogeneous in the parameters")                        \
    X(ACTIVATION, "the activation is not homogeneous, nor are the logits in the parameters")       \
    X(LOSS, "descent of this loss has no limit direction: margins belong to cross entropy")        \
    X(MISSED, "not every margin is positive: the point does not separate the classes")             \
    X(LARGE, "more margins times parameters than the dense solve for the multipliers takes")       \
    X(ENDED, "the solve for the multipliers was ended early")

typedef enum tw_separation_reason {
#define TW_SEPARATION_ENUM(name, text) TW_SEPARATION_##name,
    TW_SEPARATION_LIST(TW_SEPARATION_ENUM)
#undef TW_SEPARATION_ENUM
} tw_separation_reason;

TW_API const char *tw_separation_reason_text(tw_separation_reason reason); /* never NULL */

/* Margins up to which the multipliers are solved for, and entries of the dense matrix. */
#define TW_SEPARATION_MARGINS ((size_t)1000)
#define TW_SEPARATION_ENTRIES ((size_t)1 << 24)

/* Of the N (K - 1) margins m_ik = z_{i,y_i} - z_{i,k}, k != y_i. Fields that do not apply are NAN;
 * `reason` says why. Ridges play no part. */
typedef struct tw_separation {
    size_t margins;
    double smallest, mean, largest;
    double spread;    /* (largest - smallest)/mean; NAN unless the mean is positive */
    double deviation; /* their standard deviation over the mean; NAN likewise */
    double norm;      /* ||theta||_2 */

    /* Of logits that are homogeneous of degree L + 1 in theta: */
    double normalised; /* smallest/norm^{L+1} */
    /* Of balanced classes, linear layers and hidden widths >= K - 1, else NAN: */
    double simplex; /* `normalised` of the simplex frame with balanced factors,
                       ((L + 1)(K - 1))^{-(L+1)/2}/sqrt(n) */
    double bound;   /* which no point exceeds: (L + 1)^{-(L+1)/2}/((K - 1) sqrt(n)) */
    double maximum; /* where it is known, for L = 1 or K = 2: there both agree; else NAN */

    /* Distance of the direction to a stationary one of: smallest norm subject to all margins >= 1.
     * theta is scaled until its smallest margin is 1; with J the Jacobian of all margins there and
     * slack = margins - 1, the smallest over mu >= 0 of
     *     || [theta - J^T mu; slack * mu] ||_2 / ||theta||_2.
     * On a kink of phi, J takes the derivatives from the left. */
    double kkt_distance;
    size_t multipliers; /* mu > 0 there */

    /* Collapse measures of the features and the end-to-end map W_L ... W_1 (collapse.h); nc2 and
     * nc3 are distances to the simplex frame. */
    double nc1, nc2, nc3;
    tw_separation_reason reason;
} tw_separation;

/* *separation is untouched on failure. The monitor (may be NULL) can end what is costly. */
TW_API tw_status tw_separation_measure(tw_evaluator *evaluator, const double *theta,
                                       const tw_monitor *monitor, tw_separation *separation);

#endif
