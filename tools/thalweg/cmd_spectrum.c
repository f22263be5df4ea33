/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <string.h>
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
    const spectrum_settings *settings = run->settings;
    tw_sectors sectors = {0};
    s->method = "sectors";
    TW_TRY(find_sectors(run, subject, &sectors));
    if (sectors.applicable)
        status = tw_listing_take(&sectors.levels, &sectors.zero, settings->smallest,
                                 settings->largest, s);
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

/* auto: dense within --dense-limit, and when its products are within --max-products. */
static tw_listing_options list_options(const spectrum_settings *s, const cli_operator *of) {
    tw_listing_options options = TW_LISTING_DEFAULTS;
    size_t n = of->operator.A.n;
    bool automatic = strcmp(s->method, "auto") == 0;
    bool fits = n <= s->budget.dense_limit && n <= s->budget.max_products / 2;
    options.dense = strcmp(s->method, "dense") == 0 || (automatic && fits);
    if (!automatic) options.engine = s->method;
    options.smallest = s->smallest;
    options.largest = s->largest;
    options.cluster_tolerance = s->cluster_tolerance;
    options.size = of->e.at.size;
    options.zero.gradient = of->e.at.gradient_norm;
    options.budget = budget_at(&s->common, &s->budget, &of->e.subject.point.model);
    return options;
}

static tw_status check_dense(const cli_budget *budget, size_t n) {
    tw_cost dense;
    tw_dense_cost(n, NULL, &dense);
    if (n > budget->dense_limit)
        return tw_fail(TW_ERR_ARGUMENT,
                       "%zu parameters are above --dense-limit %zu; --dense-limit %zu takes "
                       "%.3g GB, or ask for --largest or --smallest eigenvalues without "
                       "--method dense",
                       n, budget->dense_limit, n, 1e-9 * dense.bytes);
    if (n > budget->max_products / 2)
        return tw_fail(TW_ERR_ARGUMENT,
                       "the dense route takes %zu products, more than --max-products %zu", 2 * n,
                       budget->max_products);
    return TW_OK;
}

/* Can that route answer? */
static tw_status check_route(const cli_budget *budget, const tw_listing_options *how, size_t n) {
    if (how->dense) return check_dense(budget, n);
    if (how->largest + how->smallest > 0) return TW_OK;
    return tw_fail(TW_ERR_ARGUMENT,
                   "the whole spectrum of %zu parameters needs the dense route (--dense-limit %zu, "
                   "and %zu of --max-products %zu) or --method sectors; or say how many "
                   "eigenvalues with --largest or --smallest",
                   n, budget->dense_limit, 2 * n, budget->max_products);
}

/* May the list come to the zeros of the symmetry? The parts of a Hessian have none. */
static bool comes_to_zero(const cli_invocation *run, const tw_listing_options *how) {
    return spectrum_is_whole(run->settings) && (how->dense || how->smallest > 0);
}

static tw_status find(const cli_invocation *run, cli_operator *of, tw_listing_options *how,
                      tw_listing *s) {
    tw_status status = TW_OK;
    const tw_linop *A = &of->operator.A;
    if (comes_to_zero(run, how)) status = tw_estimation_evidence(&of->e.at, A, &how->zero);
    if (status != TW_STOPPED) TW_TRY(status); /* the list will be ended as well */
    TW_TRY(tw_listing_find(A, how, s));
    TW_TRY(spectrum_name(run, &of->e.subject, s));
cleanup:
    return status;
}

static void list_cost(const cli_invocation *run, const cli_operator *of,
                      const tw_listing_options *how, tw_cost *cost) {
    const tw_point *point = &of->e.subject.point;
    tw_listing_cost(of->operator.A.n, how, cost);
    if (comes_to_zero(run, how)) tw_estimation_add_evidence(&point->model, point->theta, cost);
}

static tw_status run_on_file(const cli_invocation *run, bool sectors) {
    tw_status status = TW_OK;
    cli_operator of = {0};
    tw_cost cost;
    tw_listing s = {0};
    const spectrum_settings *settings = run->settings;
    const cli_subject *subject = &of.e.subject;
    const tw_linop *A = &of.operator.A;
    TW_TRY(spectrum_open(run, &of));
    tw_listing_options how = list_options(settings, &of);
    if (sectors)
        tw_sectors_cost(&subject->point.model, &cost);
    else
        list_cost(run, &of, &how, &cost);
    if (!sectors) TW_TRY(check_route(&settings->budget, &how, A->n));
    const char *route = sectors ? "sectors" : how.dense ? "dense" : "products";
    TW_TRY(subject_price(run, &settings->budget, subject, A, route, &cost));
    if (settings->budget.plan) goto cleanup;
    TW_TRY(sectors ? find_by_sectors(run, subject, &s) : find(run, &of, &how, &s));
    tw_estimation_judge(&of.e.at, &s);
    spectrum_judge(run, subject->path, of.e.at.doubt, &s);
    const tw_spectrum_record made = spectrum_record(settings, &s, &of.e.at);
    TW_TRY(show_result(run, subject_input(subject), &tw_spectrum_fields, &made));
cleanup:
    tw_listing_clear(&s);
    spectrum_close(&of);
    return status;
}

static tw_status run_spectrum(const cli_invocation *run) {
    cli_mode mode;
    tw_status status = spectrum_mode(run, &mode);
    if (status != TW_OK) return status;
    if (mode == MODE_CLOSED) return run_closed_form(run);
    return mode == MODE_INSIDE ? run_interior(run) : run_on_file(run, mode == MODE_SECTORS);
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
