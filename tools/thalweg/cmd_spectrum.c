/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/examination/examination.h>
#include <thalweg/optima/sectors.h>

#include "modes.h"
#include "plan.h"
#include "progress.h"
#include "spectrum.h"

static tw_status find_sectors(const cli_invocation *run, const cli_subject *subject,
                              tw_sectors *sectors) {
    const spectrum_settings *settings = run->settings;
    tw_sector_options options = TW_SECTOR_DEFAULTS;
    options.rank_tolerance = settings->reading.rank_tolerance;
    options.budget = progress_budget(run->common, &settings->budget);
    return tw_sectors_of_point(&subject->point.model, subject->point.theta, &options, sectors);
}

static tw_status find_by_sectors(const cli_invocation *run, const cli_subject *subject,
                                 tw_listing *s) {
    tw_status status = TW_OK;
    tw_sectors sectors = {0};
    s->method = "sectors";
    TW_TRY(find_sectors(run, subject, &sectors));
    if (sectors.applicable)
        status = spectrum_from_levels(run->settings, &sectors.levels, &sectors.zero, s);
    else
        status = tw_fail(sectors.ended ? TW_STOPPED : TW_ERR_DATA, "%s: sectors do not apply: %s",
                         subject->path, sectors.refusal);
cleanup:
    tw_sectors_clear(&sectors);
    return status;
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
    tw_routes_settle(&sectors, s);
cleanup:
    tw_sectors_clear(&sectors);
    return status;
}

/* May the list come to the zeros of the symmetry? The parts of a Hessian have none. */
static bool comes_to_zero(const spectrum_settings *settings, const tw_linop *A) {
    return spectrum_is_whole(settings) &&
           (spectrum_is_dense(settings, A) || settings->smallest > 0);
}

static tw_status find(const cli_invocation *run, cli_mode mode, cli_operator *of, tw_listing *s) {
    tw_status status = TW_OK;
    tw_listing_options zero = TW_LISTING_DEFAULTS;
    const tw_linop *A = &of->operator.A;
    if (mode == MODE_SECTORS) return find_by_sectors(run, &of->e.subject, s);
    zero.size = of->e.at.size;
    zero.zero.gradient = of->e.at.gradient_norm;
    if (comes_to_zero(run->settings, A)) status = tw_estimation_evidence(&of->e.at, A, &zero.zero);
    if (status != TW_STOPPED) TW_TRY(status); /* the list will be ended as well */
    TW_TRY(spectrum_find(run, A, &zero, s));
    TW_TRY(spectrum_name(run, &of->e.subject, s));
cleanup:
    return status;
}

/* The symmetry is there before the list is, and stays with the gradient. */
static void list_cost(const spectrum_settings *settings, const cli_operator *of, tw_cost *cost) {
    double kept;
    tw_cost symmetry, list;
    spectrum_cost(settings, &of->operator.A, cost);
    if (!comes_to_zero(settings, &of->operator.A)) return;
    tw_symmetry_cost(&of->e.subject.point.model, of->e.subject.point.theta, &kept, &symmetry);
    list = *cost;
    list.bytes += kept + 8.0 * (double)of->e.at.H.n;
    *cost = symmetry;
    tw_cost_then(cost, &list);
}

/* What the mode takes on top of the point; its route. */
static tw_status cost_of_mode(const spectrum_settings *settings, cli_mode mode,
                              const cli_operator *of, tw_cost *cost, const char **route) {
    const tw_linop *A = &of->operator.A;
    const tw_dufm *model = &of->e.subject.point.model;
    *route = mode == MODE_SECTORS             ? "sectors"
             : mode == MODE_INSIDE            ? "inside"
             : spectrum_is_dense(settings, A) ? "dense"
                                              : "products";
    if (mode == MODE_SECTORS)
        tw_sectors_cost(model, cost);
    else if (mode == MODE_INSIDE)
        interior_cost(settings, &of->e.subject, A->n, cost);
    else
        list_cost(settings, of, cost);
    return mode == MODE_LIST ? spectrum_check(settings, A) : TW_OK;
}

static tw_status list(const cli_invocation *run, cli_mode mode, cli_operator *of, int *code) {
    tw_status status = TW_OK;
    tw_listing s = {0};
    const cli_subject *subject = &of->e.subject;
    status = find(run, mode, of, &s);
    progress_clear();
    TW_TRY(status);
    tw_estimation_judge(&of->e.at, &s);
    *code = spectrum_code(subject->path, of->e.at.doubt, &s);
    const tw_spectrum_record made = spectrum_record(run->settings, &s, &of->e.at);
    TW_TRY(show_result(run, subject_input(subject), &tw_spectrum_fields, &made));
cleanup:
    tw_listing_clear(&s);
    return status;
}

/* The list, or with --plan what it would cost. */
static int run_on_file(const cli_invocation *run, cli_mode mode) {
    tw_status status = TW_OK;
    cli_operator of = {0};
    int code = EXIT_DONE;
    tw_cost cost;
    const char *route;
    const spectrum_settings *settings = run->settings;
    const cli_subject *subject = &of.e.subject;
    TW_TRY(spectrum_open(run, &of));
    TW_TRY(cost_of_mode(settings, mode, &of, &cost, &route));
    if (settings->budget.plan) {
        status = subject_show_plan(run, subject, &of.operator.A, route, &cost);
        goto cleanup;
    }
    TW_TRY(memory_claim(run->common, memory_of(&subject->point.model, &cost), subject->path));
    TW_TRY(list(run, mode, &of, &code));
cleanup:
    spectrum_close(&of);
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
    EMBED(limit_options, spectrum_settings, common),
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
