/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Critical points of the linear model that are known in closed form (docs/mathematics.md, sections
 * 4 and 5): n samples in each of K classes, all hidden widths d, one lambda for all blocks, no
 * bias.
 *
 *     zero             Z = 0                                        ce, mse
 *     dnc              deep neural collapse: Z = a S, S = I - 11^T/K (ce); Z = q I (mse)
 *     cross-polytope   Z = b blockdiag([[1, -1], [-1, 1]])          ce, K even
 *     blocks:K1,K2,..  Z = blockdiag(a_1 S_{K1}, a_2 S_{K2}, ...)   ce
 *     projector:R      Z = q Pi, Pi an orthogonal projector of rank R   mse
 *
 * (class logits, K x K: every sample of class k has column k). Nothing here costs more for a larger
 * n, d or L, and nothing but the class logits costs more for a larger K. */
#ifndef THALWEG_CLOSED_FORM_H
#define THALWEG_CLOSED_FORM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <thalweg/base/status.h>
#include <thalweg/model/loss.h>
#include <thalweg/spectrum/levels.h>
#include <thalweg/spectrum/zero_rule.h>

typedef struct tw_closed_case {
    size_t classes;      /* K >= 2 */
    size_t samples;      /* n >= 1, of each class */
    size_t width;        /* d, of every hidden space; at least the rank of the logits */
    size_t layers;       /* L >= 1 */
    double lambda;       /* of every block; finite, >= DBL_MIN */
    const tw_loss *loss; /* borrowed; known by its name */
} tw_closed_case;

/* One kind of closed form: a row of a constant table. */
typedef struct tw_closed_kind {
    const char *name;      /* "blocks" */
    const char *argument;  /* what follows the name and a colon, "K1,K2,..."; NULL: nothing does */
    const char *summary;   /* for help texts */
    const char *losses[3]; /* names of the losses it is for, NULL after the last */
} tw_closed_kind;

TW_API const tw_closed_kind *tw_closed_kind_at(size_t index);       /* NULL past the last */
TW_API const tw_closed_kind *tw_closed_kind_find(const char *name); /* NULL: none has that name */

/* Equal blocks that follow each other in the class logits. With c = (L-1)/(L+1) and x the nonzero
 * singular value of the class logits (x = a, 2b, a_j or q) the scale solves
 *     residual * x^c = lambda K n^{1/(L+1)},
 * residual = 1 - p_t + p_o for ce (p_t, p_o: probabilities of the true class and of another one of
 * its block; K p_o when there is one block) and 1 - q for mse. For L >= 2 there are two roots below
 * the fold: the larger is the optimum along this family, the smaller its barrier towards zero. For
 * L = 1 the one root starts from zero. */
typedef struct tw_closed_part {
    size_t size;            /* classes of a block; K for mse */
    size_t count;           /* blocks of this size */
    size_t rank;            /* of the class logits of one block */
    double scale;           /* a, b, a_j or q: the larger root */
    double other_scale;     /* the smaller root, 0 when it underflows; NAN for L = 1 */
    double residual;        /* at the larger root, without cancellation where q rounds to 1 */
    double class_singular;  /* x: nonzero singular value of the class logits */
    double logit_singular;  /* nonzero singular values of Z (K x N): x sqrt(n) */
    double factor_singular; /* s = (x sqrt n)^{1/(L+1)}: those of every W_l and of H */
} tw_closed_part;

typedef enum tw_closed_stability {
    TW_CLOSED_UNKNOWN, /* no closed answer for this form: ask the sectors (sectors.h) */
    TW_CLOSED_STABLE,  /* no negative eigenvalue */
    TW_CLOSED_SADDLE   /* at least one */
} tw_closed_stability;

TW_API const char *tw_closed_stability_name(tw_closed_stability stability); /* "stable" */

/* Numbers that belong to the solution are NAN when `exists` is false. Initialise with {0}. */
typedef struct tw_closed_form {
    tw_closed_case given;
    const tw_closed_kind *kind;
    const char *symbol;    /* of the scale: "a", "b", "a_j", "q"; "" for zero */
    uint64_t parameters;   /* P = (L-1) d^2 + K d + K n d */
    size_t rank;           /* r, of the logits and of every factor */
    tw_closed_part *parts; /* owned; in the order of the class logits; none for zero */
    size_t part_count;

    /* A block loses its root where lambda exceeds fold_lambda: then there is no such point, which
     * is an answer and no error. INFINITY for zero. */
    bool exists;
    double fold_lambda;
    double beats_zero_lambda; /* its loss is below that of zero for smaller lambda; at most the
                                 fold; NAN for zero */
    /* It is a local minimum up to here; NAN: unknown, or zero. ce: a = K c, sharp, for K >= 4; the
     * root of the class-mean pair for K = 3 (between the fold and a = K c); the fold for K = 2.
     * mse: the fold. L = 1: the fold. */
    double stable_lambda;
    tw_closed_stability stability;

    double fit, penalty, loss; /* loss = fit + penalty */

    /* Zero modes, away from the thresholds above. By rotations of the hidden spaces: L [r d -
     * r (r+1)/2]. Others: r (K-r) for a projector, which turn Pi. Balanced mse does not change when
     * W_L is turned by a rotation of R^K and H by its inverse over the classes: those modes follow
     * from that symmetry, which is none of the hidden spaces. Zero with L = 1 at lambda = 1/(K sqrt
     * n), its own threshold: d (K-1) (ce) or d K (mse), which grow below it. */
    uint64_t orbit_zero_modes, other_zero_modes;

    /* The complete spectrum with copies that sum to P: for zero, and for every form that is deep
     * neural collapse (r = K-1 in one block for ce, r = K for mse). Labels:
     *     gauge             0: rotations of the hidden spaces
     *     imbalance         2 lambda: neighbouring factors change, their product does not
     *     ridge             lambda: the logits do not move to second order
     *     within class      features of a class spread, among the wrong classes (ce)
     *     within class, margin   ... and along its own class (ce); "within class" alone for mse
     *     logit rotation    skew change of the class logits
     *     class pairs       symmetric change that keeps every class's own logit and mean (ce): the
     *                       first to turn negative when K >= 4
     *     scale             all classes together: vanishes at the fold
     *     class mean, soft / stiff   a class against the others (ce), two roots of a 2 x 2 matrix
     *     logit stretch     symmetric change of the class logits (mse)
     *     growth            zero, L = 1: W and H grow together towards the classes
     *     counter-growth    zero, L = 1: ... and away from them */
    bool has_spectrum;
    tw_levels levels; /* owned */
    /* With its counts, where there is a spectrum. The formulas know a value to 4 eps ||H||; one
     * that is not zero by its formula counts as zero with a doubt, unless it is below eps ||H||. */
    tw_zero_rule zero;
} tw_closed_form;

/* Solve the form that `text` names ("dnc", "blocks:8,2"). TW_ERR_ARGUMENT with a sentence for a
 * text, a loss or a number that does not fit; `form` is untouched on failure. */
TW_API tw_status tw_closed_form_solve(const tw_closed_case *given, const char *text,
                                      tw_closed_form *form);
TW_API void tw_closed_form_clear(tw_closed_form *form); /* idempotent, NULL-safe; leaves {0} */

/* The class logits (K x K, out, column-major; column k: logits of class k). A projector keeps the
 * first R classes. TW_ERR_DATA when the form does not exist. */
TW_API tw_status tw_closed_form_class_logits(const tw_closed_form *form, double *class_logits);

/* The r nonzero singular values of Z and of every factor (out, r each), part by part; either may be
 * NULL. TW_ERR_DATA when the form does not exist. */
TW_API tw_status tw_closed_form_singular_values(const tw_closed_form *form, double *logits,
                                                double *factors);

#endif
