/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How degenerate is a critical point: negative, zero and positive modes of its Hessian, the zero
 * modes that a symmetry explains, and the verdict that follows. Knows an objective, not a model. */
#ifndef THALWEG_DEGENERACY_H
#define THALWEG_DEGENERACY_H

#include <thalweg/base/cost.h>
#include <thalweg/model/objective.h>
#include <thalweg/operator/tangent.h>
#include <thalweg/spectrum/inertia.h>
#include <thalweg/spectrum/spectrum.h>
#include <thalweg/spectrum/zero_rule.h>

typedef enum tw_verdict {
    TW_VERDICT_MINIMUM,        /* no negative mode, every zero mode explained: a minimum modulo
                                  symmetry */
    TW_VERDICT_STRICT_SADDLE,  /* at least one negative mode */
    TW_VERDICT_DEGENERATE,     /* no negative mode, zero modes that no symmetry explains */
    TW_VERDICT_NOT_STATIONARY, /* the gradient is too large for the counts to mean anything */
    TW_VERDICT_AMBIGUOUS       /* a count hangs on the threshold, routes disagree, or the search
                                  ended early: `doubt` says which */
} tw_verdict;

TW_API const char *tw_verdict_name(tw_verdict verdict); /* "strict saddle" */
TW_API bool tw_verdict_is_open(tw_verdict verdict);     /* not stationary, or ambiguous */

typedef struct tw_degeneracy_options {
    size_t largest;    /* largest eigenvalues to find above the dense limit, >= 1; default 6 */
    double stationary; /* stationary: ||g|| <= stationary * ||H|| * max(1, ||x||); default
                            TW_ZERO_STATIONARY */
    double gap;        /* the counts stand when the smallest counted |eigenvalue| exceeds the
                           zero threshold by this factor; > 1; default TW_ZERO_GAP, 30 */
    unsigned probes;   /* random tangent vectors tried on the Hessian; default TW_ZERO_PROBES */
    size_t rank; /* the rank that the Hessian would have if the function were a sum of that many
                    squares that are 0 at x; 0: not known, the default. Where it is small the modes
                    above the dense limit are counted from both ends of the spectrum, and zero are
                    all those between */
    const char *engine;        /* as in tw_search_options; default NULL: lanczos */
    const tw_tangent *tangent; /* borrowed; default NULL: no known symmetry */
    const tw_space *space;     /* default NULL: serial */
    tw_budget budget; /* up to dense_limit parameters the whole spectrum, when the products allow it
                         3 n of them */
} tw_degeneracy_options;

#define TW_DEGENERACY_DEFAULTS                                                                     \
    ((tw_degeneracy_options){.largest = 6,                                                         \
                             .stationary = TW_ZERO_STATIONARY,                                     \
                             .gap = TW_ZERO_GAP,                                                   \
                             .probes = TW_ZERO_PROBES,                                             \
                             .budget = TW_BUDGET_DEFAULTS})

/* Why the counts are doubtful. */
typedef enum tw_doubt {
    TW_DOUBT_NONE,
    TW_DOUBT_GRADIENT, /* not stationary */
    TW_DOUBT_SEARCH,   /* ended early */
    TW_DOUBT_BLURRED,  /* the threshold is not small beside ||H|| */
    TW_DOUBT_INERTIA,  /* two routes disagree */
    TW_DOUBT_LOST,     /* fewer zero modes than the symmetry has */
    TW_DOUBT_THRESHOLD /* a value lies near the threshold: what resolves values may settle it */
} tw_doubt;

typedef struct tw_degeneracy_result {
    double value, gradient_norm;
    double norm; /* ||H||_2 */
    size_t parameters;
    bool counted;          /* false: not stationary, ended early, or no Hessian (on kinks); then
                              the counts and the smallest non-zero eigenvalue mean nothing */
    size_t negative_modes; /* eigenvalues below -zero.threshold */
    size_t zero_modes;     /* within the threshold: found */
    size_t symmetry_modes; /* of them explained: the tangent's dimension */
    long unexplained;      /* zero_modes - symmetry_modes; negative when a route lost some */
    size_t positive_modes;
    tw_zero_rule zero;  /* the rule, and what it saw: the counts above are its own. The tangent's
                          largest probe ||Hv|| stands for its modes above the dense limit */
    tw_zero_rule route; /* the rule of the route itself; another than `zero` when a route that
                           resolves values decided (tw_degeneracy_settle) */
    double smallest_nonzero; /* of `zero` */
    double smallest; /* smallest eigenvalue (0 when only zero modes are below the positive) */
    double tangent_residual; /* largest ||H v|| over random unit tangent vectors; 0 without */
    tw_eigenpairs low;       /* evidence: pairs up to the first above the threshold, outside the
                                tangent; above the dense limit only */
    tw_eigenpairs high;      /* largest pairs, ascending; no vectors */
    tw_eigenpairs all;       /* dense route: the whole spectrum, no vectors */
    const char *method;      /* "dense" or "deflated " and the engine; static */
    tw_search_reason low_reason, high_reason;
    bool low_cut,
        high_cut; /* the innermost value of `low` / `high` has copies that are not listed */
    tw_inertia_counts inertia; /* dense route: the counts a second time, without eigenvalues */
    bool inertia_checked;      /* it was asked */
    bool inertia_agrees;       /* and counts the same; a disagreement makes the verdict ambiguous */
    size_t products;
    bool cancelled; /* the monitor or the deadline ended it. Where both reasons are those of a
                       complete spectrum, it was the inertia that was not taken */
    tw_verdict verdict;
    tw_doubt doubt_kind;
    char doubt[240]; /* one sentence when ambiguous or not stationary, else "" */
} tw_degeneracy_result;

/* x: n, a critical point (polish first). options: NULL for the defaults. Errors: wrong options,
 * those of the objective, TW_ERR_MEMORY. */
TW_API tw_status tw_degeneracy_analyse(const tw_objective *objective, const double *x,
                                       const tw_degeneracy_options *options,
                                       tw_degeneracy_result *result);
/* Let the counts of a route that resolves values decide: `rule` counted the whole spectrum and
 * stands. Counts, smallest values and the verdict become its own; lists and method stay those of
 * the first route. The result is stationary, counted, and at most doubtful about its threshold. */
TW_API void tw_degeneracy_settle(const tw_zero_rule *rule, double smallest,
                                 tw_degeneracy_result *result);

/* Ambiguous, for a reason that only the caller knows. */
TW_API void tw_degeneracy_doubt(const char *sentence, tw_degeneracy_result *result);

TW_API void tw_degeneracy_result_clear(tw_degeneracy_result *result);

/* By the route that the options choose at order n; the low end may hold more pairs than one. */
TW_API void tw_degeneracy_cost(size_t n, const tw_degeneracy_options *options, tw_cost *cost);

#endif
