/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/examination/examination.h>

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <thalweg/stratum/kinks.h>

#include "base/alloc_private.h"
#include "dense/vector_private.h"

static const char *const outcome_names[] = {"not asked", "converged", "unfinished", "endless",
                                            "kinked"};

const char *tw_polish_outcome_name(tw_polish_outcome outcome) {
    return (size_t)outcome < sizeof outcome_names / sizeof *outcome_names ? outcome_names[outcome]
                                                                          : "unknown";
}

const char *tw_routes_name(tw_routes routes) {
    static const char *const names[] = {"not compared", "agrees", "decides", "does not resolve",
                                        "disagrees"};
    return (size_t)routes < sizeof names / sizeof *names ? names[routes] : "unknown";
}

void tw_description_clear(tw_description *description) {
    if (description) tw_shape_clear(&description->shape);
}

void tw_examination_clear(tw_examination *examination) {
    if (examination == NULL) return;
    tw_description_clear(&examination->before);
    tw_description_clear(&examination->after);
    tw_degeneracy_result_clear(&examination->degeneracy);
    tw_sectors_clear(&examination->sectors);
    free(examination->spaces);
    examination->spaces = NULL;
}

tw_status tw_point_describe(tw_evaluator *evaluator, const double *theta, double rank_tolerance,
                            const tw_monitor *monitor, tw_description *description) {
    tw_status status = TW_OK;
    tw_objective objective = tw_evaluator_objective(evaluator);
    double *gradient = NULL;
    tw_description made = {.parameters = objective.n};
    TW_TRY(TW_NEW(gradient, objective.n));
    TW_TRY(objective.eval(objective.self, theta, &made.loss, gradient));
    made.fit = tw_evaluator_fit(evaluator);
    made.penalty = tw_evaluator_penalty(evaluator);
    made.gradient_norm = tw_norm(NULL, objective.n, gradient);
    made.kinks = tw_evaluator_kinks(evaluator, theta, TW_KINK_TOLERANCE);
    TW_TRY(tw_evaluator_falls_forever(evaluator, theta, &made.falls));
    TW_TRY(tw_shape_measure(evaluator, theta, rank_tolerance, monitor, &made.shape));
    *description = made;
cleanup:
    free(gradient);
    return status;
}

tw_status tw_point_polish(tw_evaluator *evaluator, const tw_newton_options *options, double *theta,
                          tw_polishing *p) {
    tw_status status = TW_OK;
    tw_objective objective = tw_evaluator_objective(evaluator);
    bool falls = false;
    *p = (tw_polishing){.outcome = TW_POLISH_KINKED};
    if (tw_evaluator_kinks(evaluator, theta, TW_KINK_TOLERANCE).on_kink > 0) goto cleanup;
    TW_TRY(tw_newton(&objective, options, theta, &p->newton));
    p->outcome =
        p->newton.reason == TW_NEWTON_CONVERGED ? TW_POLISH_CONVERGED : TW_POLISH_UNFINISHED;
    TW_TRY(tw_evaluator_falls_forever(evaluator, theta, &falls));
    if (falls) p->outcome = TW_POLISH_ENDLESS;
cleanup:
    return status;
}

/* Of squares that an interpolating network sums up, one for each logit of each sample; a ridge is
 * more of them, one for each parameter. */
static size_t rank_without_ridges(const tw_dufm *model) {
    return tw_dufm_has_ridge(model) ? 0 : model->samples * tw_dufm_classes(model);
}

/* The options of the count, beside a symmetry that keeps so many bytes. */
static tw_degeneracy_options beside_symmetry(const tw_examination_options *options, double kept) {
    tw_degeneracy_options counting = options->degeneracy;
    if (counting.budget.bytes > 0.0)
        counting.budget.bytes = fmax(1.0, counting.budget.bytes - kept);
    return counting;
}

static tw_status count_modes(tw_evaluator *evaluator, const tw_examination_options *options,
                             const double *theta, tw_examination *e) {
    tw_status status = TW_OK;
    tw_symmetry *symmetry = NULL;
    tw_objective objective = tw_evaluator_objective(evaluator);
    const tw_dufm *model = tw_evaluator_model(evaluator);
    double kept;
    tw_cost symmetry_cost = {0};
    tw_symmetry_cost(model, NULL, &kept, &symmetry_cost);
    tw_degeneracy_options counting = beside_symmetry(options, kept);
    const tw_monitor monitor = tw_budget_monitor(&counting.budget);
    status = tw_symmetry_create(model, theta, options->rank_tolerance, &monitor, &symmetry);
    if (status == TW_STOPPED) /* the analysis will be ended as well, with what it has */
        return tw_degeneracy_analyse(&objective, theta, &counting, &e->degeneracy);
    TW_TRY(status);
    e->space_count = tw_symmetry_space_count(symmetry);
    e->shift_modes = tw_symmetry_shift_modes(symmetry);
    e->stabilisers = tw_symmetry_stabilisers(symmetry);
    snprintf(e->symmetry_doubt, sizeof e->symmetry_doubt, "%s", tw_symmetry_doubt(symmetry));
    TW_TRY(TW_NEW(e->spaces, e->space_count));
    for (size_t l = 0; l < e->space_count; l++) e->spaces[l] = tw_symmetry_space(symmetry, l);
    tw_tangent tangent = tw_symmetry_tangent(symmetry);
    counting.tangent = &tangent;
    counting.rank = rank_without_ridges(model);
    TW_TRY(tw_degeneracy_analyse(&objective, theta, &counting, &e->degeneracy));
cleanup:
    tw_symmetry_destroy(symmetry);
    return status;
}

/* ---- The second route ---- */

#define SEARCHED 1e-10 /* of ||H||: ten times the residual that a searched pair may have */

/* Both counts of one spectrum. The sectors know a value up to the point's defects, the first route
 * up to its residuals and the gradient. */
typedef struct comparison {
    const tw_sectors *sectors;
    tw_degeneracy_result *d;
    double slack; /* between two values that are the same */
} comparison;

/* Value of the level of smallest size outside the first route's threshold; NAN: none. */
static double nearest_level(const comparison *c) {
    double nearest = (double)NAN;
    for (size_t i = 0; i < c->sectors->levels.count; i++) {
        double value = c->sectors->levels.rows[i].value;
        if (tw_zero_rule_sign(&c->d->zero, value) == 0) continue;
        if (!(fabs(value) >= fabs(nearest))) nearest = value;
    }
    return nearest;
}

static bool same_value(const comparison *c, double a, double b) {
    return (isnan(a) && isnan(b)) || fabs(fabs(a) - fabs(b)) <= c->slack;
}

static double top_of(const tw_degeneracy_result *d) {
    return d->high.count ? d->high.values[d->high.count - 1] : (double)NAN;
}

static double top_level(const tw_sectors *sectors) {
    return sectors->levels.rows[sectors->levels.count - 1].value;
}

/* Does the first route see what the sectors say, as far as it can see? Levels within the gap of its
 * threshold may have gone either way. */
static bool is_consistent(const tw_sectors *sectors, const tw_zero_rule *first) {
    const tw_levels *levels = &sectors->levels;
    double reach = first->gap * first->threshold;
    uint64_t below = tw_levels_below(levels, -reach), inside = tw_levels_within(levels, reach);
    uint64_t above = tw_levels_total(levels) - below - inside;
    return first->negative >= below && first->positive >= above;
}

tw_routes tw_routes_compare(const tw_sectors *sectors, const tw_zero_rule *first) {
    const tw_zero_rule *zero = &sectors->zero;
    bool clear = tw_zero_rule_doubt(zero) == TW_ZERO_CLEAR;
    bool same = zero->negative == first->negative && zero->zero == first->zero;
    if (!clear && !(zero->threshold <= first->threshold)) return TW_ROUTES_NOT_COMPARED;
    if (!is_consistent(sectors, first)) return TW_ROUTES_DISAGREE;
    if (!clear) return TW_ROUTES_UNRESOLVED;
    return same && tw_zero_rule_doubt(first) == TW_ZERO_CLEAR ? TW_ROUTES_AGREE
                                                              : TW_ROUTES_RESOLVED;
}

void tw_routes_settle(const tw_sectors *sectors, tw_listing *listing) {
    if (!sectors->applicable) return;
    tw_listing_label(listing, &sectors->levels, &sectors->zero);
    if (!listing->counted) return;
    tw_routes routes = tw_routes_compare(sectors, &listing->zero);
    if (routes == TW_ROUTES_RESOLVED || routes == TW_ROUTES_UNRESOLVED)
        listing->zero = sectors->zero;
    if (routes != TW_ROUTES_DISAGREE) return;
    listing->counted = listing->converged = false; /* no count is better than two */
    listing->reason = "disagrees";
}

static void describe_disagreement(const comparison *c) {
    const tw_degeneracy_result *d = c->d;
    const tw_zero_rule *zero = &c->sectors->zero;
    char text[sizeof d->doubt];
    snprintf(text, sizeof text,
             "two routes disagree: %s counts %zu negative, %zu zero, from %.6g to %.6g; sectors "
             "%" PRIu64 ", %" PRIu64 ", from %.6g to %.6g",
             d->method, d->negative_modes, d->zero_modes, fabs(d->smallest_nonzero), top_of(d),
             zero->negative, zero->zero, fabs(nearest_level(c)), top_level(c->sectors));
    tw_degeneracy_doubt(text, c->d);
}

static void describe_unresolved(const comparison *c) {
    char why[200], text[sizeof c->d->doubt];
    tw_zero_rule_explain(&c->sectors->zero, why, sizeof why);
    snprintf(text, sizeof text, "sectors: %s", why);
    tw_degeneracy_doubt(text, c->d);
}

/* Where neither route resolves a value, or where they contradict each other, in counts or extreme
 * values, the verdict is ambiguous. */
static tw_routes compare_routes(const comparison *c) {
    tw_degeneracy_result *d = c->d;
    tw_routes routes = tw_routes_compare(c->sectors, &d->zero);
    bool same = same_value(c, top_of(d), top_level(c->sectors));
    if (routes == TW_ROUTES_AGREE)
        same = same && same_value(c, d->smallest_nonzero, nearest_level(c));
    if (routes == TW_ROUTES_AGREE && d->doubt_kind != TW_DOUBT_NONE) routes = TW_ROUTES_RESOLVED;
    if (routes != TW_ROUTES_NOT_COMPARED && !same) routes = TW_ROUTES_DISAGREE;
    if (routes == TW_ROUTES_DISAGREE) describe_disagreement(c);
    if (routes == TW_ROUTES_RESOLVED || routes == TW_ROUTES_UNRESOLVED)
        tw_degeneracy_settle(&c->sectors->zero, c->sectors->levels.rows[0].value, d);
    if (routes == TW_ROUTES_UNRESOLVED) describe_unresolved(c);
    return routes;
}

/* Counts that are complete, or doubtful at the threshold alone, which sectors may settle. */
static bool is_complete(const tw_degeneracy_result *d) {
    return d->doubt_kind == TW_DOUBT_NONE || d->doubt_kind == TW_DOUBT_THRESHOLD ||
           d->doubt_kind == TW_DOUBT_INERTIA;
}

/* A ledger whose one side is uncertain settles nothing. */
static void doubt_symmetry(tw_examination *e) {
    if (e->symmetry_doubt[0] != '\0' && !tw_verdict_is_open(e->degeneracy.verdict))
        tw_degeneracy_doubt(e->symmetry_doubt, &e->degeneracy);
}

/* Count once more by the sectors where they apply; a disagreement is shown, never averaged away. */
static tw_status second_route(tw_evaluator *evaluator, const tw_examination_options *options,
                              const double *theta, tw_examination *e) {
    tw_degeneracy_result *d = &e->degeneracy;
    tw_status status =
        tw_sectors_of_point(tw_evaluator_model(evaluator), theta, &options->sectors, &e->sectors);
    if (status != TW_OK || !e->sectors.applicable || !is_complete(d)) return status;
    double slack = fmax(d->zero.threshold, e->sectors.zero.threshold);
    const comparison c = {&e->sectors, d, fmax(slack, SEARCHED * d->norm)};
    e->routes = compare_routes(&c);
    return TW_OK;
}

#define NEAR_ENOUGH 1e3 /* times the threshold of polishing: a gradient that counts can stand */

/* A point that polishing did not bring to a critical one is not called one. */
static void doubt_unfinished_polishing(tw_examination *e) {
    tw_degeneracy_result *d = &e->degeneracy;
    if (e->polish.outcome != TW_POLISH_UNFINISHED) return;
    if (e->polish.newton.gradient_norm <= NEAR_ENOUGH * e->polish.newton.threshold) return;
    d->verdict = TW_VERDICT_NOT_STATIONARY;
    d->counted = false;
    snprintf(d->doubt, sizeof d->doubt, "polishing ended (%s) at ||g|| = %.3g, asked for %.3g",
             tw_newton_reason_name(e->polish.newton.reason), e->polish.newton.gradient_norm,
             e->polish.newton.threshold);
}

/* Where phi' jumps the Hessian does not exist, and where the loss falls for ever there is no
 * critical point: whatever one branch of it says, or what underflows, the verdict must not. */
static void refuse_counts(tw_examination *e) {
    char text[sizeof e->degeneracy.doubt];
    tw_counts_refuse(&e->after.kinks, e->after.falls, text, sizeof text);
    if (text[0] == '\0') return;
    tw_degeneracy_doubt(text, &e->degeneracy);
    e->degeneracy.counted = false;
    if (e->after.falls) e->degeneracy.verdict = TW_VERDICT_NOT_STATIONARY;
}

tw_status tw_examination_begin(tw_evaluator *evaluator, const tw_examination_options *options,
                               double *theta, tw_examination *e) {
    tw_status status = TW_OK;
    const tw_examination_options defaults = TW_EXAMINATION_DEFAULTS;
    if (options == NULL) options = &defaults;
    const tw_monitor monitor = tw_budget_monitor(&options->degeneracy.budget);
    *e = (tw_examination){.polish.outcome = TW_POLISH_NOT_ASKED};
    TW_TRY(tw_point_describe(evaluator, theta, options->rank_tolerance, &monitor, &e->before));
    if (options->polish) TW_TRY(tw_point_polish(evaluator, &options->newton, theta, &e->polish));
    TW_TRY(tw_point_describe(evaluator, theta, options->rank_tolerance, &monitor, &e->after));
cleanup:
    if (status != TW_OK) tw_examination_clear(e);
    return status;
}

tw_status tw_point_examine(tw_evaluator *evaluator, const tw_examination_options *options,
                           double *theta, tw_examination *examination) {
    tw_status status = TW_OK;
    const tw_examination_options defaults = TW_EXAMINATION_DEFAULTS;
    if (options == NULL) options = &defaults;
    tw_examination e = {0};
    TW_TRY(tw_examination_begin(evaluator, options, theta, &e));
    TW_TRY(count_modes(evaluator, options, theta, &e));
    TW_TRY(second_route(evaluator, options, theta, &e));
    doubt_symmetry(&e);
    doubt_unfinished_polishing(&e);
    refuse_counts(&e);
    *examination = e;
    e = (tw_examination){0};
cleanup:
    tw_examination_clear(&e);
    return status;
}

/* The gradient; features and logits of a space with their copies. */
void tw_description_cost(const tw_dufm *model, tw_cost *cost) {
    double widest = 0.0, classes = (double)tw_dufm_classes(model);
    for (size_t l = 0; l < model->layers; l++) widest = fmax(widest, (double)model->widths[l]);
    double n = (double)tw_dufm_parameters(model);
    *cost = (tw_cost){.bytes = 8.0 * (n + (double)model->samples * (widest + 2.0 * classes))};
}

void tw_polish_cost(const tw_dufm *model, const tw_newton_options *options, tw_cost *cost) {
    tw_cost description;
    tw_description_cost(model, &description);
    tw_newton_cost(tw_dufm_parameters(model), options, cost);
    tw_cost_then(cost, &description);
}

void tw_examination_cost(const tw_dufm *model, const double *theta,
                         const tw_examination_options *options, tw_cost *cost) {
    const tw_examination_options defaults = TW_EXAMINATION_DEFAULTS;
    if (options == NULL) options = &defaults;
    size_t n = tw_dufm_parameters(model);
    double kept = 0.0;
    tw_cost counting = {0}, symmetry = {0};
    *cost = (tw_cost){0};
    if (options->polish) tw_polish_cost(model, &options->newton, cost);
    tw_symmetry_cost(model, options->polish ? NULL : theta, &kept, &symmetry);
    tw_cost_then(cost, &symmetry);
    const tw_degeneracy_options how = beside_symmetry(options, kept);
    tw_degeneracy_cost(n, &how, &counting);
    counting.bytes += kept;
    tw_cost_then(cost, &counting);
}
