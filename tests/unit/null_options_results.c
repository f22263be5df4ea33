/* SPDX-License-Identifier: GPL-3.0-or-later */
/* NULL options of what makes results for a record. */
#include <math.h>
#include <string.h>
#include <thalweg/campaign/summary.h>
#include <thalweg/certificate/certification.h>
#include <thalweg/claims/claim_list.h>
#include <thalweg/examination/estimation.h>
#include <thalweg/examination/point_slice.h>
#include <thalweg/record/campaign_record.h>
#include <thalweg/spectrum/inside.h>

#include "support/built.h"
#include "support/campaign.h"
#include "support/null_options.h"
#include "support/scratch.h"

static const test_case small = {"ce", "linear", 3, 1, 4, 2, 0.01};

struct fixture {
    built optimum;
    tw_estimation at;
    tw_store *store; /* a finished campaign */
};

#define SETTING                                                                                    \
    "{\"classes\":3,\"samples\":1,\"width\":4,\"depth\":2,\"lambda\":0.01,\"init\":"               \
    "\"normal-fanin:0.6\"}"

static void fixture_init(fixture *f) {
    const char *const settings[] = {SETTING};
    tw_campaign_options how = TW_CAMPAIGN_DEFAULTS;
    tw_campaign_result result;
    f->optimum = build(&small, "dnc", 1);
    assert_ok(tw_estimation_start(f->optimum.evaluator, f->optimum.point.theta, NULL, &f->at));
    assert_ok(tw_estimation_choose(&f->at));
    f->store = campaign_create(scratch_path("results.db"), 1, settings, 3);
    how.workers = 1;
    assert_ok(tw_campaign_run(f->store, &how, &result));
}

static void fixture_clear(fixture *f) {
    tw_estimation_clear(&f->at);
    tw_store_close(f->store);
    built_clear(&f->optimum);
}

static double run_listing(fixture *f, bool null) {
    const tw_listing_options options = TW_LISTING_DEFAULTS;
    tw_listing r = {0};
    assert_ok(tw_listing_find(&f->at.H, null ? NULL : &options, &r));
    assert_int_equal(tw_levels_total(&r.levels), f->at.H.n);
    double figure = r.norm;
    tw_listing_clear(&r);
    return figure;
}

static double run_listing_cost(fixture *f, bool null) {
    const tw_listing_options options = TW_LISTING_DEFAULTS;
    tw_cost cost;
    tw_listing_cost(f->at.H.n, null ? NULL : &options, &cost);
    assert_true(cost.flops > 0.0);
    return cost.bytes;
}

static double run_inside(fixture *f, bool null) {
    const tw_inside_options options = TW_INSIDE_DEFAULTS;
    tw_interior_result found = {0};
    tw_listing r = {0};
    assert_ok(tw_listing_inside(&f->at.H, null ? NULL : &options, &found, &r));
    double figure = r.norm + (double)tw_levels_total(&r.levels);
    tw_interior_result_clear(&found);
    tw_listing_clear(&r);
    return figure;
}

static double run_fit(fixture *f, bool null) {
    const tw_interior_options options = TW_INTERIOR_DEFAULTS;
    size_t pairs = tw_interior_fit(100 * f->at.H.n, null ? NULL : &options, 1e5, 0);
    assert_true(pairs < options.max_count);
    return (double)pairs;
}

static double run_count(fixture *f, bool null) {
    const tw_listing_options options = TW_LISTING_DEFAULTS;
    double values[] = {-1.0, 1e-20, 2.0}, residuals[] = {0.0, 0.0, 0.0};
    const tw_eigenpairs pairs = {3, 3, values, NULL, residuals};
    tw_listing r = {.parameters = 3, .norm = 2.0};
    (void)f;
    tw_listing_count(&r, null ? NULL : &options, &pairs);
    assert_int_equal(r.zero.negative, 1);
    return r.zero.threshold;
}

static double run_closed_list(fixture *f, bool null) {
    const tw_sector_options options = TW_SECTOR_DEFAULTS;
    const tw_closed_case given = {4, 2, 5, 2, 0.01, tw_loss_find("ce")};
    tw_closed_form form = {0};
    tw_listing r = {0};
    (void)f;
    assert_ok(tw_closed_form_solve(&given, "blocks:2,2", &form));
    assert_int_equal(form.stability, TW_CLOSED_UNKNOWN);
    assert_ok(tw_closed_form_list(&form, null ? NULL : &options, 0, 0, &r));
    assert_true(r.converged && r.counted && form.stability != TW_CLOSED_UNKNOWN);
    assert_string_equal(r.method, "sectors");
    double figure = r.levels.rows[0].value;
    tw_listing_clear(&r);
    tw_closed_form_clear(&form);
    return figure;
}

/* Polished, and nothing counted. */
static double run_begin(fixture *f, bool null) {
    const tw_examination_options options = TW_EXAMINATION_DEFAULTS;
    tw_examination e;
    double *theta = calloc(f->at.H.n, sizeof *theta);
    assert_non_null(theta);
    memcpy(theta, f->optimum.point.theta, f->at.H.n * sizeof *theta);
    theta[0] += 1e-3;
    assert_ok(tw_examination_begin(f->optimum.evaluator, null ? NULL : &options, theta, &e));
    assert_int_equal(e.polish.outcome, TW_POLISH_CONVERGED);
    assert_true(e.after.gradient_norm < 1e-6 * e.before.gradient_norm);
    assert_true(e.degeneracy.parameters == 0 && e.spaces == NULL);
    double figure = e.before.loss + e.after.loss;
    tw_examination_clear(&e);
    free(theta);
    return figure;
}

static double run_certification_cost(fixture *f, bool null) {
    const tw_certification_options options = TW_CERTIFICATION_DEFAULTS;
    const tw_dufm *model = &f->optimum.point.model;
    tw_cost cost, examination, balls;
    tw_certification_cost(model, NULL, null ? NULL : &options, &cost);
    tw_examination_cost(model, NULL, NULL, &examination);
    tw_certificate_cost(model, &balls);
    assert_true(cost.bytes == fmax(examination.bytes, balls.bytes));
    assert_true(cost.products_most == examination.products_most);
    return cost.bytes;
}

static double run_critical_plan(fixture *f, bool null) {
    const tw_critical_options options = TW_CRITICAL_DEFAULTS;
    char *text = NULL;
    tw_json *plan = NULL;
    double tolerance = 0.0;
    assert_ok(tw_critical_plan(&f->optimum.point.model, null ? NULL : &options, &text));
    assert_ok(tw_json_parse(text, strlen(text), &plan));
    assert_true(tw_json_as_number(tw_json_get(plan, "match_tolerance"), &tolerance));
    assert_true(tolerance == options.match.tolerance);
    assert_non_null(tw_json_get(tw_json_get(plan, "model"), "loss"));
    tw_json_destroy(plan);
    free(text);
    return tolerance;
}

static double run_start(fixture *f, bool null) {
    const tw_estimation_options options = TW_ESTIMATION_DEFAULTS;
    tw_estimation e = {0};
    assert_ok(tw_estimation_start(f->optimum.evaluator, f->optimum.point.theta,
                                  null ? NULL : &options, &e));
    assert_ok(tw_estimation_choose(&e));
    assert_ok(tw_estimation_try_orbit(&e));
    assert_int_equal(e.route, TW_ROUTE_DENSE);
    assert_true(e.stationary);
    assert_int_equal(e.within.removed, 0);
    assert_int_equal(e.zero.explained, e.tangent.dimension);
    double figure = (double)e.tangent.dimension;
    tw_estimation_clear(&e);
    return figure;
}

static double run_density(fixture *f, bool null) {
    const tw_density_options options = TW_DENSITY_DEFAULTS;
    tw_density_result r;
    assert_ok(tw_estimation_density(&f->at, null ? NULL : &options, &r));
    assert_string_equal(r.method, "dense");
    double figure = r.norm;
    tw_density_result_clear(&r);
    return figure;
}

static double run_density_cost(fixture *f, bool null) {
    const tw_density_options options = TW_DENSITY_DEFAULTS;
    tw_cost cost;
    tw_estimation_density_cost(&f->at, null ? NULL : &options, &cost);
    assert_true(cost.flops > 0.0);
    return cost.bytes;
}

static double run_trace(fixture *f, bool null) {
    const tw_trace_options options = TW_TRACE_DEFAULTS;
    tw_trace_result r;
    assert_ok(tw_estimation_trace(&f->at, null ? NULL : &options, &r));
    assert_true(r.trace.exact);
    return r.trace.value;
}

static double run_trace_cost(fixture *f, bool null) {
    const tw_trace_options options = TW_TRACE_DEFAULTS;
    tw_cost cost;
    tw_estimation_trace_cost(&f->at, null ? NULL : &options, &cost);
    assert_true(cost.flops > 0.0);
    return cost.bytes;
}

static double run_flatness(fixture *f, bool null) {
    const tw_flatness_options options = TW_FLATNESS_DEFAULTS;
    tw_flatness r;
    assert_ok(tw_estimation_flatness(&f->at, null ? NULL : &options, &r));
    assert_true(r.whole.trace.exact && r.off_orbit.trace.exact);
    double figure = r.whole.log_det.value;
    tw_flatness_clear(&r);
    return figure;
}

static double run_flatness_cost(fixture *f, bool null) {
    const tw_flatness_options options = TW_FLATNESS_DEFAULTS;
    tw_cost cost;
    assert_ok(tw_estimation_flatness_cost(&f->at, null ? NULL : &options, &cost));
    assert_true(cost.flops > 0.0);
    return cost.flops;
}

static double run_slice(fixture *f, bool null) {
    const tw_point_slice_options options = TW_POINT_SLICE_DEFAULTS;
    tw_point_slice slice = {0};
    assert_ok(tw_point_slice_read("random,eigen:1", false, 3, &slice));
    assert_ok(tw_point_slice_make(f->optimum.evaluator, f->optimum.point.theta,
                                  null ? NULL : &options, &slice));
    assert_true(tw_point_slice_is_whole(&slice) && slice.axes[1].count == options.grid);
    double sum = slice.center + slice.directions[1].curvature.hessian;
    for (size_t i = 0; i < options.grid * options.grid; i++) sum += slice.values[i];
    tw_point_slice_clear(&slice);
    return sum;
}

static double run_claims(fixture *f, bool null) {
    const tw_claim_options options = TW_CLAIM_DEFAULTS;
    tw_claim_list list = {0};
    (void)f;
    assert_ok(tw_claim_list_init(&list, "l"));
    assert_ok(tw_claim_list_evaluate(&list, null ? NULL : &options));
    double figure = list.claims[0].result.figures[0].value;
    tw_claim_list_clear(&list);
    return figure;
}

static double run_summary(fixture *f, bool null) {
    const tw_match_options options = TW_MATCH_DEFAULTS;
    tw_summary r = {0};
    assert_ok(tw_summarise(f->store, null ? NULL : &options, true, &r));
    assert_int_equal(r.tables[0].done, 3);
    double figure = r.tables[0].classes[0].loss + (double)r.scan[TW_SCANNED - 1];
    tw_summary_clear(&r);
    return figure;
}

static double run_store_classes(fixture *f, bool null) {
    const tw_match_options options = TW_MATCH_DEFAULTS;
    assert_ok(tw_summary_store_classes(f->store, null ? NULL : &options));
    return 1.0;
}

static const null_row rows[] = {
    {"tw_listing_find", run_listing},
    {"tw_listing_cost", run_listing_cost},
    {"tw_listing_inside", run_inside},
    {"tw_interior_fit", run_fit},
    {"tw_listing_count", run_count},
    {"tw_closed_form_list", run_closed_list},
    {"tw_critical_plan", run_critical_plan},
    {"tw_examination_begin", run_begin},
    {"tw_certification_cost", run_certification_cost},
    {"tw_estimation_start", run_start},
    {"tw_estimation_density", run_density},
    {"tw_estimation_density_cost", run_density_cost},
    {"tw_estimation_trace", run_trace},
    {"tw_estimation_trace_cost", run_trace_cost},
    {"tw_estimation_flatness", run_flatness},
    {"tw_estimation_flatness_cost", run_flatness_cost},
    {"tw_point_slice_make", run_slice},
    {"tw_claim_list_evaluate", run_claims},
    {"tw_summarise", run_summary},
    {"tw_summary_store_classes", run_store_classes},
};

static void null_means_the_defaults(void **state) {
    (void)state;
    fixture f;
    fixture_init(&f);
    null_rows_check(sizeof rows / sizeof *rows, rows, &f);
    fixture_clear(&f);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(null_means_the_defaults)};
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
