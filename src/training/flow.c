/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The gradient flow x' = -grad f(x) by SUNDIALS CVODE: backward differentiation formulas of order 1
 * to 5 with Newton's iteration on (I + gamma H) dx = r, r the residual of the formula, gamma about
 * the step; the equation is solved by conjugate gradients on exact Hessian products.
 *
 * The flow is stiff in two ways. Large curvatures beside small ones hold explicit methods to steps
 * of a few over ||H||, long after the fast directions have died. And without a ridge it never ends:
 * ||g|| falls like 1/t while x grows like log t, so that time may be 1e12 and a step nearly as
 * long. Three choices follow.
 *
 * - Time. The flow does not depend on it, so a segment counts its own from 0: steps that are small
 *   at the restart are not lost in the sum with a large time.
 * - Accuracy. The local error of a step is held below accuracy * ||x||, in the Euclidean norm: not
 *   entry by entry, because the models have rotations that mix entries, and the path should not
 *   depend on the frame.
 * - The end. Once a step moves x by less than its allowed error, Newton's iteration may leave an
 *   error as large as the distance to go, and the integrator does not mind. So it is solved to a
 *   part of the allowed error that shrinks with the distance travelled: with steps that have grown
 *   beyond all time scales it is then Newton's method on grad f = 0, and goes down to rounding in a
 *   few steps. Measured to ||g|| <= 1e-13 with accuracy 1e-2 (K = 4, L = 3, d = 6, lambda = 1e-3):
 *   63 steps and 330 products, instead of 1700 and 120000; at 1e-4 and finer it hardly matters.
 *
 * (I + gamma H) may be indefinite far from minima, where the accuracy keeps gamma small. From start
 * to end conjugate gradients took as many products as GMRES (within 5 %), and they keep four
 * vectors, GMRES one a step. */
#include <float.h>
#include <limits.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cvode/cvode.h>
#include <nvector/nvector_serial.h>
#include <sundials/sundials_context.h>
#include <sunlinsol/sunlinsol_pcg.h>

#include "dense/vector_private.h"
#include "training/descent_private.h"

#define SOLVE_STEPS 200  /* of conjugate gradients at most; then the step is shortened */
#define SOLVE_PART 0.1   /* of the allowed error, that Newton's iteration may leave: CVODE's own */
#define NEAR_THE_END 200 /* steps after one refused: twice what an idle descent is waited for */
#define SIZE_FLOOR 1e-8  /* root mean square of x: what is smaller is as good as zero */

typedef struct flow {
    tw_descent *run;
    SUNContext context;
    N_Vector y; /* over run->work[0] */
    SUNLinearSolver solver;
    void *integrator;
    double *at, *gradient; /* the last point evaluated, and its gradient: run->work[1], [2] */
    double value;          /* f there */
    bool known;            /* something has been evaluated */
    size_t refused;        /* steps since f was last not finite at a point tried */
    tw_status status;      /* of the objective, where it was not that */
    bool ended;            /* the monitor did, within a step */
} flow;

/* f and gradient at x into value and gradient, unless they stand there; products are at x then. */
static tw_status look(flow *f, const double *x) {
    tw_descent *run = f->run;
    if (f->known && memcmp(x, f->at, run->n * sizeof *x) == 0) return TW_OK;
    tw_copy(run->n, x, f->at);
    tw_status status = tw_descent_eval(run, x, &f->value, f->gradient);
    f->known = status == TW_OK;
    if (status == TW_ERR_NUMERIC) f->refused = 0;
    if (status != TW_OK && status != TW_ERR_NUMERIC) f->status = status;
    return status;
}

/* What CVODE is to make of it: 0 go on, > 0 try a smaller step, < 0 give up. */
static int verdict(tw_status status) {
    if (status == TW_OK) return 0;
    return status == TW_ERR_NUMERIC ? 1 : -1;
}

/* Asked within a step, of which one may take thousands of products. */
static bool told_to_end(flow *f) {
    f->ended = f->ended || tw_descent_told_to_end(f->run);
    return f->ended;
}

static int right_side(realtype time, N_Vector y, N_Vector y_dot, void *self) {
    flow *f = self;
    double *out = N_VGetArrayPointer(y_dot);
    (void)time;
    if (told_to_end(f)) return -1;
    tw_status status = look(f, N_VGetArrayPointer(y));
    for (size_t i = 0; status == TW_OK && i < f->run->n; i++) out[i] = -f->gradient[i];
    return verdict(status);
}

static int prepare_products(realtype time, N_Vector y, N_Vector f_y, void *self) {
    (void)time;
    (void)f_y;
    return verdict(look(self, N_VGetArrayPointer(y)));
}

/* J v = -H v */
static int product(N_Vector v, N_Vector Jv, realtype time, N_Vector y, N_Vector f_y, void *self,
                   N_Vector scratch) {
    flow *f = self;
    double *out = N_VGetArrayPointer(Jv);
    (void)time;
    (void)f_y;
    (void)scratch;
    if (told_to_end(f)) return -1;
    tw_status status =
        tw_descent_product(f->run, N_VGetArrayPointer(y), N_VGetArrayPointer(v), out);
    if (status == TW_OK)
        tw_scale(f->run->n, -1.0, out);
    else if (status != TW_ERR_NUMERIC)
        f->status = status;
    return verdict(status);
}

/* The allowed error of every entry, root mean square; the same for all. */
static double allowed_error(const tw_descent *run, const double *x) {
    double size = tw_norm(NULL, run->n, x) / sqrt((double)run->n);
    return run->options->accuracy * fmax(size, SIZE_FLOOR);
}

static int weigh(N_Vector y, N_Vector weights, void *self) {
    const flow *f = self;
    N_VConst(1.0 / allowed_error(f->run, N_VGetArrayPointer(y)), weights);
    return 0;
}

static void be_silent(int code, const char *module, const char *function, char *message,
                      void *self) {
    (void)code;
    (void)module;
    (void)function;
    (void)message;
    (void)self;
}

/* The first step goes by Euler's rule, with the error h^2/2 ||x''||, x'' = H g. */
static tw_status first_step(flow *f, double *step) {
    tw_descent *run = f->run;
    double *Hg = N_VGetArrayPointer(f->y);
    tw_status status = look(f, run->x);
    if (status == TW_OK) status = tw_descent_product(run, run->x, f->gradient, Hg);
    if (status != TW_OK) return status;
    double error = allowed_error(run, run->x) * sqrt((double)run->n);
    double longest = sqrt(run->options->accuracy) * error / run->options->accuracy / run->norm;
    double bend = tw_norm(NULL, run->n, Hg);
    *step = bend > 0.0 ? fmin(sqrt(2.0 * error / bend), longest) : longest;
    return TW_OK;
}

/* ---- Vectors: SUNDIALS's own, with the arithmetic that takes its time done by src/dense ---- */

static double *values(N_Vector x) {
    return N_VGetArrayPointer(x);
}

static size_t length(N_Vector x) {
    return (size_t)N_VGetLength(x);
}

static realtype dot(N_Vector x, N_Vector y) {
    return tw_dot(NULL, length(x), values(x), values(y));
}

/* The weights are all the same (weigh). */
static realtype weighted_norm(N_Vector x, N_Vector weights) {
    return values(weights)[0] * tw_norm(NULL, length(x), values(x)) / sqrt((double)length(x));
}

/* z = a x + b y; any two of them may be one vector. */
static void linear_sum(realtype a, N_Vector x, realtype b, N_Vector y, N_Vector z) {
    tw_combine(length(x), a, values(x), b, values(y), values(z));
}

static void product_of_entries(N_Vector x, N_Vector y, N_Vector z) {
    const double *u = values(x), *v = values(y);
    double *out = values(z);
    for (size_t i = 0, n = length(x); i < n; i++) out[i] = u[i] * v[i];
}

static void scaled(realtype c, N_Vector x, N_Vector z) {
    if (x != z) tw_copy(length(x), values(x), values(z));
    if (c != 1.0) tw_scale(length(x), c, values(z));
}

static void constant(realtype c, N_Vector z) {
    double *out = values(z);
    for (size_t i = 0, n = length(z); i < n; i++) out[i] = c;
}

static N_Vector vector_over(size_t n, double *x, SUNContext context) {
    N_Vector y = N_VMake_Serial((sunindextype)n, x, context);
    if (y == NULL) return NULL;
    y->ops->nvdotprod = dot;
    y->ops->nvwrmsnorm = weighted_norm;
    y->ops->nvlinearsum = linear_sum;
    y->ops->nvscale = scaled;
    y->ops->nvconst = constant;
    y->ops->nvprod = product_of_entries;
    return y;
}

static tw_status flow_init(flow *f) {
    tw_status status = TW_OK;
    tw_descent *run = f->run;
    double step = 0.0;
    f->at = run->work[1];
    f->gradient = run->work[2];
    bool failed = SUNContext_Create(NULL, &f->context) != 0;
    if (!failed) f->y = vector_over(run->n, run->work[0], f->context);
    if (f->y) f->solver = SUNLinSol_PCG(f->y, SUN_PREC_NONE, SOLVE_STEPS, f->context);
    if (f->solver) f->integrator = CVodeCreate(CV_BDF, f->context);
    if (!f->integrator) return tw_fail(TW_ERR_MEMORY, "no memory for the flow's integrator");
    TW_TRY(first_step(f, &step));
    tw_copy(run->n, run->x, run->work[0]);
    failed =
        CVodeSetErrHandlerFn(f->integrator, be_silent, NULL) != 0 ||
        CVodeInit(f->integrator, right_side, 0.0, f->y) != 0 ||
        CVodeSetUserData(f->integrator, f) != 0 || CVodeWFtolerances(f->integrator, weigh) != 0 ||
        CVodeSetLinearSolver(f->integrator, f->solver, NULL) != 0 ||
        CVodeSetJacTimes(f->integrator, prepare_products, product) != 0 ||
        CVodeSetInitStep(f->integrator, step) != 0 || CVodeSetMaxHnilWarns(f->integrator, -1) != 0;
    if (!failed && isfinite(run->options->end_time))
        failed = CVodeSetStopTime(f->integrator, run->options->end_time - run->state->time) != 0;
    if (failed) status = tw_fail(TW_ERR_MEMORY, "no memory for the flow's integrator");
cleanup:
    return status;
}

static void flow_clear(flow *f) {
    CVodeFree(&f->integrator);
    if (f->solver) SUNLinSolFree(f->solver);
    if (f->y) N_VDestroy(f->y);
    SUNContext_Free(&f->context);
}

/* No way on. Steps that creep up to the end of the range are accepted between those refused. */
static void stop(flow *f) {
    tw_descent_end(f->run, f->refused < NEAR_THE_END ? TW_DESCENT_DIVERGED : TW_DESCENT_STALLED);
}

/* No step could be made. */
static tw_status give_up(flow *f, int code) {
    if (f->status != TW_OK) return f->status;
    if (f->ended) {
        tw_descent_end(f->run, TW_DESCENT_CANCELLED);
        return TW_OK;
    }
    if (code == CV_MEM_FAIL) return tw_fail(TW_ERR_MEMORY, "no memory for a step of the flow");
    stop(f);
    return TW_OK;
}

/* ||x - y||, relative to the allowed error. */
static double travelled(const tw_descent *run, const double *x, const double *y) {
    enum { LANES = 8 }; /* sums that the compiler takes several at a time */
    double lanes[LANES] = {0.0}, sum = 0.0;
    size_t i = 0;
    for (; i + LANES <= run->n; i += LANES)
        for (size_t j = 0; j < LANES; j++)
            lanes[j] += (x[i + j] - y[i + j]) * (x[i + j] - y[i + j]);
    for (; i < run->n; i++) sum += (x[i] - y[i]) * (x[i] - y[i]);
    for (size_t j = 0; j < LANES; j++) sum += lanes[j];
    return sqrt(sum / (double)run->n) / allowed_error(run, x);
}

/* One step of the integrator; start: the time at which the segment began. */
static tw_status step(flow *f, double start) {
    tw_descent *run = f->run;
    const double *y = N_VGetArrayPointer(f->y);
    double time = 0.0;
    int code = CVode(f->integrator, 1.0, f->y, &time, CV_ONE_STEP);
    if (code < 0) return give_up(f, code);
    if (f->refused < SIZE_MAX) f->refused++;
    tw_status status = look(f, y);
    if (status != TW_OK) return status == TW_ERR_NUMERIC ? give_up(f, code) : status;
    double part = SOLVE_PART * fmin(1.0, travelled(run, y, run->x));
    CVodeSetNonlinConvCoef(f->integrator, fmax(part, DBL_EPSILON / run->options->accuracy));
    CVodeGetLastStep(f->integrator, &run->state->scale);
    run->state->time = code == CV_TSTOP_RETURN ? run->options->end_time : start + time;
    return tw_descent_tell(run, y, f->value, f->gradient);
}

static tw_status flow_advance(tw_descent *run, size_t until) {
    tw_status status = TW_OK;
    flow f = {.run = run, .refused = SIZE_MAX};
    tw_descent_progress progress = {.value = run->value, .norm = run->norm};
    double start = run->state->time;
    if (tw_space_is_spread(run->options->space))
        return tw_fail(TW_ERR_UNSUPPORTED, "the flow takes vectors that one process holds whole");
    TW_TRY(flow_init(&f));
    while (!run->done && run->state->step < until) {
        TW_TRY(step(&f, start));
        if (!run->done && tw_descent_is_idle(run, &progress)) stop(&f);
    }
cleanup:
    flow_clear(&f);
    return status;
}

const tw_descent_method tw_method_flow = {"flow",
                                          "the gradient flow, followed with control of the error",
                                          "t_end accuracy",
                                          0,
                                          23,
                                          INFINITY,
                                          false,
                                          true,
                                          flow_advance,
                                          "SUNDIALS " SUNDIALS_VERSION};
