/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <thalweg/examination/examination.h>
#include <thalweg/examination/point_operator.h>
#include <thalweg/optima/sectors.h>

#include "modes.h"
#include "plan.h"
#include "progress.h"
#include "spectrum.h"

/* A point and the operator that the options describe. */
typedef struct listing {
    cli_subject subject;
    tw_point_operator operator;
    double gradient_norm;
} listing;

static tw_status evaluate(const cli_subject *subject, double *gradient_norm) {
    tw_objective objective = tw_evaluator_objective(subject->evaluator);
    double value = 0.0, norm = 0.0, *gradient = calloc(objective.n, sizeof *gradient);
    if (gradient == NULL) return tw_fail(TW_ERR_MEMORY, "no memory for the gradient");
    tw_status status = objective.eval(objective.self, subject->point.theta, &value, gradient);
    for (size_t i = 0; i < objective.n; i++) norm = hypot(norm, gradient[i]);
    *gradient_norm = norm;
    free(gradient);
    return status;
}

static tw_status find_sectors(const cli_invocation *run, const cli_subject *subject,
                              tw_sectors *sectors) {
    const spectrum_settings *settings = run->settings;
    tw_sector_options options = TW_SECTOR_DEFAULTS;
    options.rank_tolerance = settings->reading.rank_tolerance;
    options.budget = progress_budget(run->common, &settings->budget);
    return tw_sectors_of_point(&subject->point.model, subject->point.theta, &options, sectors);
}

static tw_status find_by_sectors(const cli_invocation *run, const listing *l, tw_listing *s) {
    tw_status status = TW_OK;
    tw_sectors sectors = {0};
    s->method = "sectors";
    TW_TRY(find_sectors(run, &l->subject, &sectors));
    if (sectors.applicable)
        status = spectrum_from_levels(run->settings, &sectors.levels, &sectors.zero, s);
    else
        status = tw_fail(sectors.ended ? TW_STOPPED : TW_ERR_DATA, "%s: sectors do not apply: %s",
                         l->subject.path, sectors.refusal);
cleanup:
    tw_sectors_clear(&sectors);
    return status;
}

/* Let sectors decide about values next to zero that the route cannot tell from it. */
static void settle(const tw_sectors *sectors, tw_listing *s) {
    if (!s->counted || !sectors->applicable) return;
    tw_routes routes = tw_routes_compare(sectors, &s->zero);
    if (routes == TW_ROUTES_RESOLVED || routes == TW_ROUTES_UNRESOLVED) s->zero = sectors->zero;
    if (routes != TW_ROUTES_DISAGREE) return;
    s->counted = s->converged = false; /* no count is better than two */
    s->reason = "disagrees";
}

tw_status spectrum_name(const cli_invocation *run, const cli_subject *subject, tw_listing *s) {
    tw_status status = TW_OK;
    tw_sectors sectors = {0};
    const tw_dufm *model = &subject->point.model;
    tw_cost cost;
    tw_sectors_cost(model, &cost);
    bool fits = memory_of(model, &cost) <= memory_limit(run->common);
    if (!spectrum_is_whole(run->settings) || !fits) return TW_OK;
    TW_TRY(find_sectors(run, subject, &sectors));
    tw_listing_label(s, &sectors.levels, &sectors.zero);
    settle(&sectors, s);
cleanup:
    tw_sectors_clear(&sectors);
    return status;
}

enum { TANGENT_PROBES = 8 };

/* May the list come to the zeros of the symmetry? The parts of a Hessian have none. */
static bool comes_to_zero(const spectrum_settings *settings, const tw_linop *A) {
    return spectrum_is_whole(settings) &&
           (spectrum_is_dense(settings, A) || settings->smallest > 0);
}

/* What zero means at this point, where the list may come to it. */
static tw_status measure_zero(const cli_invocation *run, const listing *l,
                              tw_listing_options *options) {
    tw_status status = TW_OK;
    const spectrum_settings *settings = run->settings;
    const tw_linop *A = &l->operator.A;
    const tw_dufm *model = &l->subject.point.model;
    const double *theta = l->subject.point.theta;
    tw_symmetry *symmetry = NULL;
    options->zero.gradient = l->gradient_norm;
    for (size_t i = 0; i < tw_dufm_parameters(model); i++)
        options->size = hypot(options->size, theta[i]);
    if (!comes_to_zero(settings, A)) return TW_OK;
    TW_TRY(tw_symmetry_create(model, theta, settings->reading.rank_tolerance, progress_monitor(),
                              &symmetry));
    tw_tangent tangent = tw_symmetry_tangent(symmetry);
    options->zero.explained = tangent.dimension;
    const tw_budget budget = progress_budget(&settings->common, &settings->budget);
    status =
        tw_zero_probe_tangent(A, &tangent, TANGENT_PROBES, &budget, NULL, &options->zero.tangent);
cleanup:
    tw_symmetry_destroy(symmetry);
    return status == TW_STOPPED ? TW_OK : status; /* the list will be ended as well */
}

static tw_status find(const cli_invocation *run, cli_mode mode, const listing *l, tw_listing *s) {
    tw_status status = TW_OK;
    tw_listing_options zero = TW_LISTING_DEFAULTS;
    if (mode == MODE_SECTORS) return find_by_sectors(run, l, s);
    TW_TRY(measure_zero(run, l, &zero));
    TW_TRY(spectrum_find(run, &l->operator.A, &zero, s));
    TW_TRY(spectrum_name(run, &l->subject, s));
cleanup:
    return status;
}

static tw_status record_spectrum(const cli_invocation *run, const listing *l, const tw_listing *s,
                                 size_t kinks) {
    const tw_spectrum_record made = spectrum_record(run->settings, s, kinks);
    return show_result(run, subject_input(&l->subject), &tw_spectrum_fields, &made);
}

/* The symmetry is there before the list is. */
static void list_cost(const spectrum_settings *settings, const listing *l, tw_cost *cost) {
    double kept;
    tw_cost symmetry, list;
    spectrum_cost(settings, &l->operator.A, cost);
    if (!comes_to_zero(settings, &l->operator.A)) return;
    tw_symmetry_cost(&l->subject.point.model, l->subject.point.theta, &kept, &symmetry);
    list = *cost;
    *cost = symmetry;
    tw_cost_then(cost, &list);
}

/* What the mode takes on top of the point; its route. */
static tw_status cost_of_mode(const spectrum_settings *settings, cli_mode mode, const listing *l,
                              tw_cost *cost, const char **route) {
    const tw_linop *A = &l->operator.A;
    const tw_dufm *model = &l->subject.point.model;
    *route = mode == MODE_SECTORS             ? "sectors"
             : mode == MODE_INSIDE            ? "inside"
             : spectrum_is_dense(settings, A) ? "dense"
                                              : "products";
    if (mode == MODE_SECTORS)
        tw_sectors_cost(model, cost);
    else if (mode == MODE_INSIDE)
        interior_cost(settings, &l->subject, A->n, cost);
    else
        list_cost(settings, l, cost);
    return mode == MODE_LIST ? spectrum_check(settings, A) : TW_OK;
}

static tw_status list(const cli_invocation *run, cli_mode mode, listing *l, int *code) {
    tw_status status = TW_OK;
    tw_listing s = {0};
    TW_TRY(evaluate(&l->subject, &l->gradient_norm));
    status = find(run, mode, l, &s);
    progress_clear();
    TW_TRY(status);
    const tw_kinks kinks =
        tw_evaluator_kinks(l->subject.evaluator, l->subject.point.theta, TW_KINK_TOLERANCE);
    warn_of_kinks(&l->subject, &kinks, "eigenvalues");
    *code = spectrum_code(l->subject.path, &s);
    TW_TRY(record_spectrum(run, l, &s, kinks.on_kink));
cleanup:
    tw_listing_clear(&s);
    return status;
}

/* The list, or with --plan what it would cost. */
static int run_on_file(const cli_invocation *run, cli_mode mode) {
    tw_status status = TW_OK;
    listing l = {0};
    int code = EXIT_DONE;
    tw_cost cost;
    const char *route;
    const spectrum_settings *settings = run->settings;
    TW_TRY(subject_open(&l.subject, run->operands[0], &settings->reading, run->common));
    TW_TRY(spectrum_operator(settings, &l.subject, &l.operator));
    TW_TRY(cost_of_mode(settings, mode, &l, &cost, &route));
    if (settings->budget.plan) {
        status = subject_show_plan(run, &l.subject, &l.operator.A, route, &cost);
        goto cleanup;
    }
    TW_TRY(memory_claim(run->common, memory_of(&l.subject.point.model, &cost), l.subject.path));
    TW_TRY(list(run, mode, &l, &code));
cleanup:
    tw_point_operator_clear(&l.operator);
    subject_close(&l.subject);
    return status == TW_OK ? code : report_failure(status);
}

static int run_spectrum(const cli_invocation *run) {
    const spectrum_settings *settings = run->settings;
    cli_mode mode;
    tw_status status = spectrum_mode(run, &mode);
    if (status != TW_OK) return report_failure(status);
    if (mode == MODE_CLOSED) return run_closed_form(run);
    bool inside = mode == MODE_INSIDE && !settings->budget.plan;
    return inside ? run_interior(run) : run_on_file(run, mode);
}

/* The dense route, the engines, and what stands above them. */
static const char *route_name(size_t index) {
    static const char *const first[] = {"auto", "dense", "sectors"};
    return index < 3 ? first[index] : tw_engine_at(index - 3);
}

static const cli_option options[] = {
    TABLE(result_options, 0),
    EMBED(reading_options, spectrum_settings, reading),
    EMBED(budget_options, spectrum_settings, budget),
    EMBED(seconds_options, spectrum_settings, common),
    EMBED(memory_options, spectrum_settings, common),
    EMBED(plan_options, spectrum_settings, budget),
    CHOICE(OPTION_TEXT, spectrum_settings, method, "method", "NAME", "auto", route_name,
           "dense: the whole matrix; arpack, lanczos: products only; sectors: exact, for collapsed "
           "optima of linear models; auto: dense up to --dense-limit, then lanczos"),
    RANGED(OPTION_NUMBER, spectrum_settings, cluster_tolerance, "cluster-tolerance", "X", 0, 1,
           "1e-9", "eigenvalues closer than X ||H|| are one entry with a multiplicity"),
    EMBED(dense_options, spectrum_settings, budget),
    RANGED(OPTION_COUNT, spectrum_settings, largest, "largest", "K", 0, ANY_COUNT, "0",
           "largest eigenvalues to find"),
    RANGED(OPTION_COUNT, spectrum_settings, smallest, "smallest", "K", 0, ANY_COUNT, "0",
           "smallest eigenvalues to find"),
    RANGED(OPTION_COUNT, spectrum_settings, near_zero, "near-zero", "K", 1, ANY_COUNT, NULL,
           "the K eigenvalues nearest to zero that the symmetry orbit does not explain"),
    RANGED(OPTION_NUMBER, spectrum_settings, below, "below", "X", -1e300, 1e300, NULL,
           "all eigenvalues up to X"),
    RANGED(OPTION_RANGE, spectrum_settings, interval, "interval", "A B", -1e300, 1e300, NULL,
           "all eigenvalues from A to B"),
    RANGED(OPTION_COUNT, spectrum_settings, max_count, "max-count", "N", 1, ANY_COUNT, NULL,
           "eigenvalues that --below or --interval list at most; without it: 200"),
    PLAIN(OPTION_TEXT, spectrum_settings, blocks, "block", "NAME",
          "only the rows and columns of one block of the parameters: W1, W2, .., H, b"),
    PLAIN(OPTION_TEXT, spectrum_settings, blocks, "blocks", "LIST",
          "the same for several, with commas: W1,W2"),
    CHOICE(OPTION_TEXT, spectrum_settings, part, "part", "NAME", "all", tw_hessian_part_name,
           "part of the Hessian: data = gauss-newton + residual; all = data + ridge"),
    PLAIN(OPTION_TEXT, spectrum_settings, closed.name, "closed-form", "NAME",
          "in place of FILE, an optimum known in closed form: zero, dnc, cross-polytope, "
          "blocks:K1,K2,.. or projector:R; needs the next five options, and --loss (default ce)"),
    EMBED(closed_options, spectrum_settings, closed),
    EMBED(width_options, spectrum_settings, closed.shape),
    {0},
};

const cli_command spectrum_command = {
    "spectrum",
    "[FILE]",
    "eigenvalues of the Hessian with residuals and multiplicities",
    "Without --largest and --smallest: the whole spectrum by the dense route. With either: that "
    "many eigenvalues at that end. Every pair is verified by a fresh Hessian product; the residual "
    "||H v - t v||/||H|| stands beside its value. The point is taken as the file has it: polish it "
    "first where zero modes matter.",
    {0, 1},
    {options, sizeof(spectrum_settings)},
    run_spectrum};
