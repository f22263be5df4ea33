/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "flow_oracle.h"

#include <gsl/gsl_errno.h>
#include <gsl/gsl_odeiv2.h>
#include <math.h>
#include <stdlib.h>

typedef struct counted {
    const oracle_flow *flow;
    size_t evaluations;
} counted;

static int right_side(double time, const double x[], double x_dot[], void *self) {
    counted *c = self;
    (void)time;
    c->evaluations++;
    if (c->flow->gradient(c->flow->self, x, x_dot) != 0) return GSL_EBADFUNC;
    for (size_t i = 0; i < c->flow->n; i++) x_dot[i] = -x_dot[i];
    return GSL_SUCCESS;
}

static double norm(size_t n, const double *x) {
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) sum += x[i] * x[i];
    return sqrt(sum);
}

int oracle_follow(const oracle_flow *flow, double *x, oracle_flow_result *result) {
    counted c = {.flow = flow};
    gsl_odeiv2_system system = {right_side, NULL, flow->n, &c};
    gsl_odeiv2_step *step = gsl_odeiv2_step_alloc(gsl_odeiv2_step_rk8pd, flow->n);
    gsl_odeiv2_control *control = gsl_odeiv2_control_y_new(flow->accuracy, flow->accuracy);
    gsl_odeiv2_evolve *evolve = gsl_odeiv2_evolve_alloc(flow->n);
    double *g = malloc(flow->n * sizeof *g), h = 1e-4;
    int code = GSL_SUCCESS;
    *result = (oracle_flow_result){.gradient_norm = INFINITY};
    while (code == GSL_SUCCESS && result->steps < flow->max_steps &&
           result->gradient_norm > flow->tolerance) {
        code = gsl_odeiv2_evolve_apply(evolve, control, step, &system, &result->time, 1e30, &h, x);
        result->steps++;
        if (code != GSL_SUCCESS || flow->gradient(flow->self, x, g) != 0) break;
        result->gradient_norm = norm(flow->n, g); /* only to know the end: not counted */
    }
    result->evaluations = c.evaluations;
    free(g);
    gsl_odeiv2_evolve_free(evolve);
    gsl_odeiv2_control_free(control);
    gsl_odeiv2_step_free(step);
    return result->gradient_norm <= flow->tolerance ? 0 : 1;
}
