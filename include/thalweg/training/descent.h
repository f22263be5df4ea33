/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Descent methods: from a start to where the gradient vanishes. Each is one row of a table; what it
 * carries from one step to the next is a state that can be stored and taken up again. */
#ifndef THALWEG_DESCENT_H
#define THALWEG_DESCENT_H

#include <stdbool.h>
#include <stdint.h>
#include <thalweg/base/cost.h>
#include <thalweg/base/monitor.h>
#include <thalweg/dense/space.h>
#include <thalweg/model/objective.h>

typedef enum tw_descent_reason {
    TW_DESCENT_CONVERGED,  /* ||g||_2 <= tolerance */
    TW_DESCENT_STATIONARY, /* ||g||_2 <= tolerance at the start already: no step was made, and the
                              point may be a saddle (curvature/lowest.h) */
    TW_DESCENT_STEPS,      /* max_steps used up */
    TW_DESCENT_TIME,       /* the flow reached end_time */
    TW_DESCENT_STALLED,    /* no step lowers f any more: rounding, or the tolerance is too small */
    TW_DESCENT_DIVERGED,   /* f or x left the range of numbers; the point is the last good one */
    TW_DESCENT_CANCELLED   /* the monitor ended it */
} tw_descent_reason;

TW_API const char *tw_descent_reason_name(tw_descent_reason reason);

/* Whether the gradient came within the tolerance, by steps or from the start. */
TW_API bool tw_descent_is_converged(tw_descent_reason reason);

/* An unbiased estimate of the gradient from some of the data, for methods that want one. */
typedef struct tw_minibatch {
    size_t samples; /* N */
    /* gradient (n, out) at x from the `count` samples in `chosen` (each in 0 .. N-1). */
    tw_status (*gradient)(void *self, const double *x, size_t count, const size_t *chosen,
                          double *gradient);
    void *self;
} tw_minibatch;

/* What is to be lowered. Everything is borrowed. */
typedef struct tw_descent_problem {
    const tw_objective *objective;
    const tw_minibatch *minibatch; /* NULL: stochastic methods take the whole gradient */
} tw_descent_problem;

/* A point that a method has reached. */
typedef struct tw_descent_view {
    size_t step;
    double time;                 /* of the flow; rate times step for methods with a rate; else 0 */
    const double *x;             /* borrowed for the call */
    double value, gradient_norm; /* NAN where a stochastic method did not look */
} tw_descent_view;

/* What a method carries from one step to the next: with equal options, the same state leads to the
 * same bits. Initialise with tw_descent_state_init. */
typedef struct tw_descent_state {
    size_t n, vectors;
    double *x;                             /* n, owned */
    double *memory;                        /* n x vectors, owned: what the method's row says */
    size_t step;                           /* steps taken since the start */
    double time;                           /* as in the view */
    double scale;                          /* the method's own step size; 0 at the start */
    size_t evaluations, batches, products; /* full gradients, minibatch gradients, Hessian products
                                              since the start */
} tw_descent_state;

/* Looks at a run. Both may be NULL; an error ends the run with it. */
typedef struct tw_observer {
    tw_status (*see)(void *self, const tw_descent_view *view);    /* every point, the start too */
    tw_status (*keep)(void *self, const tw_descent_state *state); /* at the end of every segment */
    void *self;
} tw_observer;

typedef struct tw_descent_options {
    double tolerance; /* end when ||g||_2 <= tolerance; >= 0; default 1e-10 */
    size_t max_steps; /* since the start of the state; default 100000 */
    size_t segment;  /* steps between states that can be taken up again; methods that keep a history
                        of their own start it anew there; >= 1; default 1000 */
    double rate;     /* step size of methods with a rate; > 0; default 0.1 */
    double momentum; /* in [0, 1); default 0.9 */
    size_t batch;    /* samples of a minibatch; more than N: N; >= 1; default 32 */
    double end_time; /* of the flow; > 0; default INFINITY */
    double accuracy; /* of the flow: relative local error of a step; default 1e-8 */
    uint64_t seed;   /* of minibatches; default 1 */
    const tw_space *space;       /* default NULL: serial */
    const tw_monitor *monitor;   /* sees steps; default NULL */
    const tw_observer *observer; /* default NULL */
} tw_descent_options;

#define TW_DESCENT_DEFAULTS                                                                        \
    ((tw_descent_options){.tolerance = 1e-10,                                                      \
                          .max_steps = 100000,                                                     \
                          .segment = 1000,                                                         \
                          .rate = 0.1,                                                             \
                          .momentum = 0.9,                                                         \
                          .batch = 32,                                                             \
                          .end_time = __builtin_inf(),                                             \
                          .accuracy = 1e-8,                                                        \
                          .seed = 1})

typedef struct tw_descent_result {
    double value_before, value;                 /* f */
    double gradient_norm_before, gradient_norm; /* ||g||_2 */
    size_t step;                                /* that led to the point; those of the state are */
    double time;                                /* smaller when a segment was cut short */
    size_t evaluations, batches, products;
    double seconds; /* of this call */
    tw_descent_reason reason;
} tw_descent_result;

/* One method: a row of a constant table. */
typedef struct tw_descent_method tw_descent_method;

TW_API const tw_descent_method *tw_descent_method_at(size_t index);         /* NULL past the last */
TW_API const tw_descent_method *tw_descent_method_find(const char *name);   /* NULL: none */
TW_API const char *tw_descent_method_name(const tw_descent_method *method); /* "lbfgs" */
TW_API const char *tw_descent_method_summary(const tw_descent_method *method); /* for help texts */
/* Does it look at a number of the options? name: "lr", "momentum", "batch", "t_end", "accuracy";
 * true for any other, which is everybody's. */
TW_API bool tw_descent_method_takes(const tw_descent_method *method, const char *name);
/* Library behind it with its version ("SUNDIALS 6.4.1"); NULL: none. Borrowed, static. */
TW_API const char *tw_descent_method_library(const tw_descent_method *method);

/* A state at the start x (n, borrowed for the call). */
TW_API tw_status tw_descent_state_init(tw_descent_state *state, const tw_descent_method *method,
                                       size_t n, const double *x);
TW_API void tw_descent_state_clear(tw_descent_state *state); /* idempotent, NULL-safe */

/* From the state to the end of the run. x (n, out): the last point; state (in/out): where the run
 * can be taken up again, the same point except when a segment was cut short by the monitor. Not
 * converging is an answer in the result. Errors: wrong options, those of the objective at the
 * start, of the observer, TW_ERR_MEMORY. */
TW_API tw_status tw_descend(const tw_descent_method *method, const tw_descent_problem *problem,
                            const tw_descent_options *options, tw_descent_state *state, double *x,
                            tw_descent_result *result);

/* In `products` gradients, those of minibatches too, and Hessian products: a gradient at least, at
 * most what max_steps steps can take; INFINITY for newton and flow, whose steps have no bound worth
 * the name. Memory: the state, the work, and what the library behind the method keeps. */
TW_API void tw_descent_cost(const tw_descent_method *method, size_t n,
                            const tw_descent_options *options, tw_cost *cost);

#endif
