/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a descent method is to the driver, and the driver to a method. */
#ifndef TW_DESCENT_PRIVATE_H
#define TW_DESCENT_PRIVATE_H

#include <float.h>
#include <thalweg/training/descent.h>

/* A run under way. The driver (descent.c) owns it. */
typedef struct tw_descent {
    const tw_descent_problem *problem;
    const tw_descent_options *options;
    size_t n;
    double *x, *g;           /* the last point that was told, and its gradient */
    double *work[3];         /* n each, free for the method within `advance` */
    double value, norm;      /* f(x), ||g||_2 */
    tw_descent_state *state; /* scalars are those of the point; x and memory as in the row below */
    bool done;
    tw_descent_reason reason;
} tw_descent;

struct tw_descent_method {
    const char *name;    /* "lbfgs" */
    const char *summary; /* for help texts */
    const char *takes;   /* of rate, momentum, batch, t_end, accuracy, the ones that it looks at */
    size_t vectors;      /* of n entries that it carries in state->memory */
    size_t inner;        /* that it or the library behind it writes to for one segment, the work
                            vectors among them */
    double calls;        /* gradients and products a step takes at most; INFINITY: no bound */
    bool stochastic;     /* takes minibatches: the driver does not hand it value and gradient */
    bool restarts;       /* has a history outside the state, given up at the end of a segment; the
                            others can be taken up after any step */
    /* Steps from run->x until run->done, or state->step == until, or it can go no further
     * (tw_descent_end). run->x, g, value and norm are set on entry; on return value and norm are
     * those of x. Every point is told by tw_descent_tell. */
    tw_status (*advance)(tw_descent *run, size_t until);
    const char *library; /* behind it, with its version; NULL: none */
};

/* f and gradient (n, out; NULL: none) at x, counted. TW_ERR_NUMERIC beyond the range of f. */
tw_status tw_descent_eval(tw_descent *run, const double *x, double *value, double *gradient);
/* Y = H v at the last point evaluated with gradient, counted. */
tw_status tw_descent_product(tw_descent *run, const double *x, const double *v, double *Hv);

/* One more step, to x (may be run->x itself) with f and gradient there (may be run->g; gradient
 * NULL, value NAN: not looked at). Sets run->x, g, value, norm, counts the step, shows it to the
 * observer and the monitor, and sets run->done when the run is to end. state->time is the method's
 * to keep. */
tw_status tw_descent_tell(tw_descent *run, const double *x, double value, const double *gradient);

void tw_descent_end(tw_descent *run, tw_descent_reason reason);

/* Does the monitor want the end? After every step somebody asks; a step of many evaluations asks
 * between them, and ends the run as cancelled with the step not taken. */
bool tw_descent_told_to_end(const tw_descent *run);

/* Whether a method that finds steps for ever has come to the floor of rounding. Starts with the
 * value and the norm of some point and idle = 0; is asked after every step. */
typedef struct tw_descent_progress {
    double value, norm; /* where f or ||g|| last changed beyond doubt */
    size_t idle;        /* steps since */
} tw_descent_progress;
bool tw_descent_is_idle(const tw_descent *run, tw_descent_progress *progress);

/* A difference of two values of f below this part of f may be rounding. */
#define TW_VALUE_NOISE (1e3 * DBL_EPSILON)

extern const tw_descent_method tw_method_gd, tw_method_momentum, tw_method_sgd, tw_method_adam,
    tw_method_lbfgs, tw_method_newton, tw_method_flow;

#endif
