/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What counts as zero in one spectrum: the one rule of everything that counts modes
 * (docs/mathematics.md, (7.1)).
 *
 * An eigenvalue at a computed point is never exactly zero. What an exactly flat direction may show
 * is the largest of a few errors; ten times that is the threshold. A count stands when nothing lies
 * near the threshold on either side: values counted as non-zero are larger by the demanded gap, and
 * values counted as zero are explained by a symmetry, or within the error itself, or of its order
 * and one cluster with those that are: an eigenvalue that is none of them stands out.
 *
 * One rule is made for each spectrum and passed on. A command that sees a part of the spectrum
 * alone makes it from the same numbers: ||H||, the gradient norm, tangent probes, and the accuracy
 * of its own route. All of them scale with the loss, so that a factor of the loss changes no
 * count. */
#ifndef THALWEG_ZERO_RULE_H
#define THALWEG_ZERO_RULE_H

#include <stdbool.h>
#include <thalweg/base/budget.h>
#include <thalweg/dense/space.h>
#include <thalweg/operator/tangent.h>
#include <thalweg/spectrum/levels.h>

/* Which of the errors is the largest. */
typedef enum tw_zero_origin {
    TW_ZERO_ROUNDING, /* rounding of the route, or the residuals of its pairs */
    TW_ZERO_GRADIENT, /* ||g||: a tangent vector a x of an orbit has H a x = a g, (7.2) */
    TW_ZERO_TANGENT,  /* ||H v|| of random tangent vectors v */
    TW_ZERO_RESOLVED, /* accuracy of a route that resolves values: sectors or a closed form */
    TW_ZERO_TOLD      /* told by the user */
} tw_zero_origin;

TW_API const char *tw_zero_origin_name(tw_zero_origin origin); /* "tangent probes" */

/* Why a count does not stand. */
typedef enum tw_zero_doubt {
    TW_ZERO_CLEAR,
    TW_ZERO_ABOVE, /* a value counted as non-zero is not above the threshold by the gap */
    TW_ZERO_BELOW, /* a value counted as zero that no symmetry explains exceeds the error by a
                      factor 4, stands out from the zeros below it, or is zero for the sake of a
                      gradient alone that was not polished: what the route can tell from zero
                      there may have either sign at the critical point beside it */
    TW_ZERO_OPEN   /* not for a value: see `open` */
} tw_zero_doubt;

typedef struct tw_zero_rule {
    double threshold; /* |t| <= threshold counts as zero */
    double error;     /* what the known errors explain; <= threshold */
    tw_zero_origin origin;
    double resolution;  /* what the route itself can tell from zero; <= threshold */
    double gap;         /* demanded of |smallest non-zero| / threshold, > 1 */
    uint64_t explained; /* zero modes that a symmetry explains */
    bool open;          /* what was counted is in doubt for something else than a value: another
                           route contradicts it, a search ended early, the point is none */
    /* What was counted. */
    uint64_t negative, zero, positive;
    uint64_t unresolved;     /* of the zeros: above the resolution */
    double largest_zero;     /* largest |t| counted as zero; 0: none */
    double smallest_nonzero; /* t of smallest |t| counted as non-zero, with its sign; NAN: none */
    unsigned octaves; /* where zeros were met: bits 0 to 3 for sizes above 1/2, 1, 2, 4 errors */
} tw_zero_rule;

/* What an exactly flat direction may show, in the units of the eigenvalues; 0: does not apply, or
 * (rounding, in options of a route) what the route itself measures. */
typedef struct tw_zero_evidence {
    double rounding, gradient, tangent;
    double told;        /* by the user: the threshold itself; 0: none */
    uint64_t explained; /* zero modes by a symmetry */
} tw_zero_evidence;

#define TW_ZERO_BLUR 1e-4       /* of ||H||: the largest threshold that still means zero */
#define TW_ZERO_STATIONARY 1e-8 /* ||g|| <= this ||H|| max(1, ||x||): zero means something */

#define TW_ZERO_GAP 30.0 /* of the iterative and the dense route */
#define TW_ZERO_PROBES 8 /* tangent vectors that are tried */

/* What a route may be off by next to zero: the rounding of a product with an operator of order n,
 * random in sign (Higham, Mary, SIAM J. Sci. Comput. 41, 2019), and of eigenvalues computed from
 * such products, (sqrt(n) + 10) eps norm; at least the largest residual of its pairs within 1e-6
 * norm of zero, which bounds their error. count may be 0. */
TW_API double tw_zero_rounding(size_t n, double norm, size_t count, const double *values,
                               const double *residuals);

/* threshold = 10 max(rounding, gradient, tangent), or what was told. The resolution is the same, or
 * 10 times the rounding where the largest of them is above 1e4 times it. */
TW_API tw_zero_rule tw_zero_rule_make(const tw_zero_evidence *evidence, double gap);

/* For a route that resolves values. error: the most that its zeros show (>= 0). Here the error is
 * measured on the same matrix, and threshold and gap are 4 times what is below. */
TW_API tw_zero_rule tw_zero_rule_resolved(double error);

/* The same rule before anything was counted. */
TW_API tw_zero_rule tw_zero_rule_uncounted(const tw_zero_rule *rule);

/* -1, 0, 1. */
TW_API int tw_zero_rule_sign(const tw_zero_rule *rule, double value);

/* Count a value with its copies; all levels. */
TW_API void tw_zero_rule_count(tw_zero_rule *rule, double value, uint64_t copies);
TW_API void tw_zero_rule_count_levels(tw_zero_rule *rule, const tw_levels *levels);

/* Has it counted all n eigenvalues? */
TW_API bool tw_zero_rule_saw(const tw_zero_rule *rule, uint64_t n);

/* Factors between the threshold and the nearest values on either side: threshold/largest zero and
 * |smallest non-zero|/threshold; INFINITY where there is none. */
TW_API double tw_zero_rule_below(const tw_zero_rule *rule);
TW_API double tw_zero_rule_above(const tw_zero_rule *rule);

TW_API tw_zero_doubt tw_zero_rule_doubt(const tw_zero_rule *rule);

/* One sentence on a doubt; "" when the count stands. */
TW_API void tw_zero_rule_explain(const tw_zero_rule *rule, char *text, size_t room);

/* Is a tangent with this evidence null for an operator of this norm, at a point of this size: the
 * gradient is that of a stationary point, and the threshold small beside the norm? */
TW_API bool tw_zero_is_flat(const tw_zero_evidence *evidence, double norm, double size);

/* Largest ||A v|| over `probes` random unit vectors v of the tangent, streams (seed,
 * TW_PURPOSE_TANGENT, i); 0 without a tangent (NULL, or dimension 0). space may be NULL. TW_STOPPED
 * when the budget's monitor or deadline ended it; its products are not looked at. */
TW_API tw_status tw_zero_probe_tangent(const tw_linop *A, const tw_tangent *tangent,
                                       unsigned probes, const tw_budget *budget,
                                       const tw_space *space, double *largest);

#endif
