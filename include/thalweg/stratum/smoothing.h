/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Descent of relu models to points that are first-order optimal although they sit on kinks
 * (docs/mathematics.md, section 6.2). */
#ifndef THALWEG_SMOOTHING_H
#define THALWEG_SMOOTHING_H

#include <thalweg/stratum/kinks.h>
#include <thalweg/training/descent.h>

typedef enum tw_smoothing_reason {
    TW_SMOOTHING_CONVERGED, /* the smallest generalised gradient is at most the goal */
    TW_SMOOTHING_ROUNDS,    /* the limit of rounds ended it: the point is the best one met */
    TW_SMOOTHING_LARGE,     /* too many kinks for tw_clarke_measure to judge a point */
    TW_SMOOTHING_CANCELLED  /* the monitor ended it */
} tw_smoothing_reason;

TW_API const char *tw_smoothing_reason_name(tw_smoothing_reason reason);

typedef struct tw_smoothing_options {
    double first, last; /* sharpness of softplus at the start and at the end; default 10, 1e5 */
    double factor;      /* from one sharpness to the next; > 1; default 10 */
    double goal;        /* of the smallest generalised gradient; > 0; default 1e-9 */
    size_t max_rounds;  /* with kinks held at zero; default 60 */
    size_t max_steps;   /* of each descent; default 2000 */
    const char *method; /* of descent for the smooth problems: a name in the table of descent.h;
                           default "newton" */
    const tw_monitor *monitor; /* default NULL */
} tw_smoothing_options;

#define TW_SMOOTHING_DEFAULTS                                                                      \
    ((tw_smoothing_options){.first = 10.0,                                                         \
                            .last = 1e5,                                                           \
                            .factor = 10.0,                                                        \
                            .goal = 1e-9,                                                          \
                            .max_rounds = 60,                                                      \
                            .max_steps = 2000,                                                     \
                            .method = "newton"})

typedef struct tw_smoothing_result {
    double value;     /* f of the relu model */
    tw_clarke clarke; /* kinks, one-sided gradient norm, smallest generalised gradient */
    size_t held;      /* pre-activations held at zero at the end */
    size_t rounds;    /* with kinks held */
    size_t evaluations, products;
    double seconds;
    tw_smoothing_reason reason;
} tw_smoothing_result;

/* model: with relu. theta (in/out): the start; then the best point met. Errors: wrong options, a
 * model without relu, those of evaluations, TW_ERR_MEMORY. */
TW_API tw_status tw_smoothing_descend(const tw_dufm *model, const tw_smoothing_options *options,
                                      double *theta, tw_smoothing_result *result);

#endif
