/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "estimation.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/spectrum/spectrum.h>

#include "plan.h"
#include "progress.h"

/* ||H v|| <= NULL_TANGENT ||H||: the tolerance within which density and trace call a value zero. */
#define NULL_TANGENT 1e-8

enum { TANGENT_PROBES = 8 };

static double norm_of(size_t n, const double *x) {
    double norm = 0.0;
    for (size_t i = 0; i < n; i++) norm = hypot(norm, x[i]);
    return norm;
}

/* ||H|| from below: good to some per cent, which is all that a threshold needs. */
static tw_status measure_norm(const cli_invocation *run, const cli_estimation *e, double *norm) {
    tw_search_options options = TW_SEARCH_DEFAULTS;
    tw_search_result search;
    options.end = TW_END_LARGEST;
    options.count = 1;
    options.tolerance = 1e-2;
    options.budget = progress_budget(&run->settings);
    options.budget.products = 100;
    tw_status status = tw_spectrum_search(&e->H, &options, &search);
    if (status != TW_OK) return status;
    *norm = search.norm;
    tw_search_result_clear(&search);
    return TW_OK;
}

/* Largest ||H v||/||H|| over random unit tangent vectors. */
static tw_status probe_orbit(const cli_invocation *run, cli_estimation *e) {
    tw_status status = TW_OK;
    size_t n = e->H.n;
    double norm = 0.0, *v = calloc(n, sizeof *v), *Hv = calloc(n, sizeof *Hv);
    if (v == NULL || Hv == NULL)
        TW_TRY(tw_fail(TW_ERR_MEMORY, "no memory for two vectors of %zu doubles", n));
    TW_TRY(measure_norm(run, e, &norm));
    e->tangent_residual = 0.0;
    for (size_t i = 0; i < TANGENT_PROBES; i++) {
        tw_random stream;
        tw_random_init(&stream, run->settings.seed, TW_PURPOSE_TANGENT, i);
        TW_TRY(e->tangent.sample(e->tangent.self, &stream, v));
        TW_TRY(tw_linop_apply(&e->H, 1, v, n, Hv, n));
        e->tangent_residual = fmax(e->tangent_residual, norm_of(n, Hv) / norm);
    }
cleanup:
    free(v);
    free(Hv);
    return status;
}

tw_status estimation_symmetry(const cli_invocation *run, cli_estimation *e) {
    if (e->symmetry) return TW_OK;
    tw_status status = tw_symmetry_create(&e->subject.point.model, e->subject.point.theta,
                                          run->settings.rank_tolerance, &e->symmetry);
    if (status == TW_OK) e->tangent = tw_symmetry_tangent(e->symmetry);
    return status;
}

tw_status estimation_try_orbit(const cli_invocation *run, cli_estimation *e) {
    tw_status status = TW_OK;
    TW_TRY(estimation_symmetry(run, e));
    if (e->tangent.dimension == 0 || e->tangent.dimension >= e->H.n) goto cleanup;
    TW_TRY(probe_orbit(run, e));
    if (!(e->tangent_residual <= NULL_TANGENT)) goto cleanup;
    e->within = tw_subspace_outside(&e->tangent, NULL);
cleanup:
    return status;
}

tw_status estimation_start(const cli_invocation *run, cli_estimation *e) {
    tw_status status = TW_OK;
    double value = 0.0, *gradient = NULL;
    memset(e, 0, sizeof *e);
    e->tangent_residual = (double)NAN;
    TW_TRY(subject_open(&e->subject, run->operands[0], &run->settings));
    e->objective = tw_evaluator_objective(e->subject.evaluator);
    size_t n = e->objective.n;
    gradient = calloc(n, sizeof *gradient);
    if (gradient == NULL) TW_TRY(tw_fail(TW_ERR_MEMORY, "no memory for %zu doubles", n));
    TW_TRY(tw_hessian_init(&e->hessian, &e->objective, e->subject.point.theta, &value, gradient));
    e->gradient_norm = norm_of(n, gradient);
    e->kinks = tw_evaluator_kinks(e->subject.evaluator, e->subject.point.theta, TW_KINK_TOLERANCE);
    e->H = tw_hessian_linop(&e->hessian);
cleanup:
    free(gradient);
    return status;
}

static tw_status refuse_dense(const cli_settings *settings, size_t n) {
    if (n > settings->dense_limit)
        return tw_fail(TW_ERR_ARGUMENT,
                       "--method dense: %zu parameters are above --dense-limit %zu", n,
                       settings->dense_limit);
    return tw_fail(TW_ERR_ARGUMENT,
                   "--method dense: %zu parameters take %zu products, more than --max-products %zu",
                   n, 2 * n, settings->max_products);
}

/* The first of the dense route, sectors and random probes that is allowed and possible. */
static tw_status choose_route(const cli_settings *settings, cli_estimation *e) {
    const char *method = settings->method;
    bool automatic = strcmp(method, "auto") == 0, sectors = strcmp(method, "sectors") == 0;
    tw_sector_options options = TW_SECTOR_DEFAULTS;
    size_t n = e->H.n;
    options.rank_tolerance = settings->rank_tolerance;
    options.budget = progress_budget(settings);
    if (automatic || strcmp(method, "dense") == 0) {
        e->dense = n <= settings->dense_limit && n <= settings->max_products / 2;
        if (e->dense || !automatic) return e->dense ? TW_OK : refuse_dense(settings, n);
    }
    if (!automatic && !sectors) return TW_OK;
    tw_status status =
        tw_sectors_of_point(&e->subject.point.model, e->subject.point.theta, &options, &e->sectors);
    if (status == TW_OK && sectors && !e->sectors.applicable)
        status = tw_fail(TW_ERR_DATA, "%s: sectors do not apply: %s", e->subject.path,
                         e->sectors.refusal);
    return status;
}

tw_status estimation_open(const cli_invocation *run, cli_estimation *e) {
    tw_status status = estimation_start(run, e);
    return status == TW_OK ? choose_route(&run->settings, e) : status;
}

/* On top of `work`: the orbit where probes look for it, and the gradient of a start. */
static double memory_of_route(const cli_estimation *e, const tw_cost *work) {
    const tw_dufm *model = &e->subject.point.model;
    tw_cost symmetry = {0};
    if (!e->dense && !e->sectors.applicable) tw_symmetry_cost(model, &symmetry);
    return memory_of(model, work) + symmetry.bytes;
}

tw_status estimation_claim(const cli_invocation *run, cli_estimation *e, const tw_cost *work) {
    tw_status status = memory_claim(&run->settings, memory_of_route(e, work), e->subject.path);
    bool orbit = !e->dense && !e->sectors.applicable;
    return status == TW_OK && orbit ? estimation_try_orbit(run, e) : status;
}

tw_status estimation_plan(const cli_invocation *run, const cli_estimation *e, const tw_cost *work) {
    const char *route = e->dense ? "dense" : e->sectors.applicable ? "sectors" : "probes";
    cli_plan plan;
    tw_status status = plan_at_point(&e->subject.point.model, &e->H, route, work, &plan);
    if (status != TW_OK) return status;
    plan.cost.bytes = memory_of_route(e, work);
    if (wants_table(run)) plan_print(&plan, e->subject.path);
    return write_record(run, subject_input(&e->subject), plan_json(&plan));
}

void estimation_close(cli_estimation *e) {
    tw_symmetry_destroy(e->symmetry);
    tw_sectors_clear(&e->sectors);
    subject_close(&e->subject);
    memset(e, 0, sizeof *e);
}

void estimation_print_orbit(const cli_estimation *e) {
    if (e->within.keep)
        printf("symmetry orbit: %zu zero modes known and deflated (||H v|| <= %.1e ||H||)\n",
               e->tangent.dimension, e->tangent_residual);
    else if (!isnan(e->tangent_residual))
        printf(
            "symmetry orbit: %zu directions, not deflated: ||H v|| = %.1e ||H||, so the point is "
            "not stationary enough; polish it first\n",
            e->tangent.dimension, e->tangent_residual);
}

void estimation_print(const cli_estimation *e, const char *method, double norm) {
    printf("%s\n%s, %zu Hessian products, ||H|| = %.6g, ||g|| = %.3g\n", e->subject.path, method,
           e->hessian.products, norm, e->gradient_norm);
    estimation_print_orbit(e);
    putchar('\n');
}

void estimation_warn(const cli_estimation *e) {
    if (e->kinks.on_kink > 0)
        fprintf(
            stderr,
            "thalweg: %s: %zu of %zu hidden pre-activations sit on a kink, where the Hessian does "
            "not exist; these are figures of its left branch\n",
            e->subject.path, e->kinks.on_kink, e->kinks.total);
}

tw_json *estimation_orbit_json(const cli_estimation *e) {
    tw_json *orbit = tw_json_object();
    tw_status status = orbit ? TW_OK : TW_ERR_MEMORY;
    TW_TRY(status);
    TW_TRY(tw_json_set(orbit, "dimension", tw_json_integer((long long)e->tangent.dimension)));
    TW_TRY(tw_json_set(orbit, "deflated", tw_json_boolean(e->within.keep != NULL)));
    TW_TRY(tw_json_set(orbit, "tangent_residual", tw_json_number(e->tangent_residual)));
cleanup:
    if (status == TW_OK) return orbit;
    tw_json_destroy(orbit);
    return NULL;
}

tw_status estimation_record(const cli_estimation *e, const char *method, double norm,
                            tw_estimate_reason reason, tw_json *result) {
    tw_status status = TW_OK;
    TW_TRY(tw_json_set(result, "parameters", tw_json_integer((long long)e->H.n)));
    TW_TRY(tw_json_set(result, "method", tw_json_string(method)));
    TW_TRY(tw_json_set(result, "hessian_norm", tw_json_number(norm)));
    TW_TRY(tw_json_set(result, "gradient_norm", tw_json_number(e->gradient_norm)));
    TW_TRY(tw_json_set(result, "kinks", tw_json_integer((long long)e->kinks.on_kink)));
    TW_TRY(tw_json_set(result, "products", tw_json_integer((long long)e->hessian.products)));
    TW_TRY(tw_json_set(result, "converged", tw_json_boolean(reason == TW_ESTIMATE_COMPLETE)));
    TW_TRY(tw_json_set(result, "reason", tw_json_string(tw_estimate_reason_name(reason))));
    if (e->symmetry) TW_TRY(tw_json_set(result, "symmetry", estimation_orbit_json(e)));
cleanup:
    return status;
}

tw_json *estimate_json(const tw_estimate *estimate) {
    tw_json *object = tw_json_object();
    tw_status status = object ? TW_OK : TW_ERR_MEMORY;
    TW_TRY(status);
    TW_TRY(tw_json_set(object, "value", tw_json_number(estimate->value)));
    TW_TRY(tw_json_set(object, "error", tw_json_number(estimate->error)));
    TW_TRY(tw_json_set(object, "low", tw_json_number(estimate->low)));
    TW_TRY(tw_json_set(object, "high", tw_json_number(estimate->high)));
    TW_TRY(tw_json_set(object, "exact", tw_json_boolean(estimate->exact)));
cleanup:
    if (status == TW_OK) return object;
    tw_json_destroy(object);
    return NULL;
}
