/* SPDX-License-Identifier: GPL-3.0-or-later */
/* NULL options of what knows the model. */
#include <thalweg/campaign/campaign.h>
#include <thalweg/campaign/critical.h>
#include <thalweg/campaign/replay.h>
#include <thalweg/certificate/certification.h>
#include <thalweg/claims/claims.h>
#include <thalweg/examination/free_energy.h>
#include <thalweg/examination/run.h>
#include <thalweg/examination/slice_directions.h>
#include <thalweg/optima/sectors.h>
#include <thalweg/stratum/smoothing.h>
#include <thalweg/symmetry/alignment.h>

#include "support/built.h"
#include "support/campaign.h"
#include "support/null_options.h"
#include "support/scratch.h"

static const test_case small = {"ce", "linear", 3, 1, 4, 2, 0.01};
static const test_case hard = {"ce", "relu", 2, 1, 3, 2, 0.01};

struct fixture {
    built optimum, kinked;
    size_t n;
    double *x, *v, *out; /* n each: the optimum, a direction, room */
};

static void fixture_init(fixture *f) {
    f->optimum = build(&small, "dnc", 1);
    f->kinked = build(&hard, "random:normal:0.7", 1);
    f->n = tw_dufm_parameters(&f->optimum.point.model);
    f->x = calloc(f->n, sizeof *f->x);
    f->v = calloc(f->n, sizeof *f->v);
    f->out = calloc(f->n, sizeof *f->out);
    memcpy(f->x, f->optimum.point.theta, f->n * sizeof *f->x);
    for (size_t i = 0; i < f->n; i++) f->v[i] = (double)(i % 5) - 2.0;
}

static void fixture_clear(fixture *f) {
    built_clear(&f->optimum);
    built_clear(&f->kinked);
    free(f->x);
    free(f->v);
    free(f->out);
}

/* A start beside the optimum, in f->out. */
static double *beside(fixture *f) {
    for (size_t i = 0; i < f->n; i++) f->out[i] = f->x[i] + 1e-3 * f->v[i];
    return f->out;
}

/* ---- Points of the model ---- */

static double run_smoothing(fixture *f, bool null) {
    const tw_smoothing_options options = TW_SMOOTHING_DEFAULTS;
    tw_smoothing_result r;
    double theta[64];
    const tw_dufm *model = &f->kinked.point.model;
    assert_true(tw_dufm_parameters(model) <= 64);
    memcpy(theta, f->kinked.point.theta, tw_dufm_parameters(model) * sizeof *theta);
    assert_ok(tw_smoothing_descend(model, null ? NULL : &options, theta, &r));
    return r.value;
}

static double run_align(fixture *f, bool null) {
    const tw_alignment_options options = TW_ALIGNMENT_DEFAULTS;
    tw_alignment_result r;
    beside(f);
    assert_ok(tw_align(&f->optimum.point.model, f->x, null ? NULL : &options, f->out, &r));
    return f->out[0];
}

static double run_construct(fixture *f, bool null) {
    const tw_construct_options options = TW_CONSTRUCT_DEFAULTS;
    tw_construct_result r = {0};
    tw_point point = {0};
    assert_ok(tw_construct(&f->optimum.point.model, "dnc", null ? NULL : &options, &r, &point));
    double figure = point.theta[0];
    tw_construct_result_clear(&r);
    tw_point_clear(&point);
    return figure;
}

static double take_norm(tw_sectors *sectors) {
    double norm = sectors->norm;
    assert_true(sectors->applicable);
    tw_sectors_clear(sectors);
    return norm;
}

static double run_sectors_of_point(fixture *f, bool null) {
    const tw_sector_options options = TW_SECTOR_DEFAULTS;
    tw_sectors s;
    assert_ok(tw_sectors_of_point(&f->optimum.point.model, f->x, null ? NULL : &options, &s));
    return take_norm(&s);
}

static tw_closed_form closed_form(void) {
    tw_closed_form form = {0};
    const tw_closed_case given = {.classes = small.classes,
                                  .samples = small.samples,
                                  .width = small.width,
                                  .layers = small.layers,
                                  .lambda = small.lambda,
                                  .loss = tw_loss_find(small.loss)};
    assert_ok(tw_closed_form_solve(&given, "dnc", &form));
    return form;
}

static double run_sectors_of_form(fixture *f, bool null) {
    const tw_sector_options options = TW_SECTOR_DEFAULTS;
    tw_closed_form form = closed_form();
    tw_sectors s;
    (void)f;
    assert_ok(tw_sectors_of_form(&form, null ? NULL : &options, &s));
    tw_closed_form_clear(&form);
    return take_norm(&s);
}

static double run_sectors_of_logits(fixture *f, bool null) {
    const tw_sector_options options = TW_SECTOR_DEFAULTS;
    const tw_dufm *model = &f->optimum.point.model;
    tw_closed_form form = closed_form();
    tw_sectors s;
    double Z[9];
    const double sizes[] = {1.0, 1.0, 1.0};
    const tw_class_logits logits = {.Z = Z,
                                    .class_sizes = sizes,
                                    .layers = model->layers,
                                    .widths = model->widths,
                                    .lambda_W = model->lambda_W,
                                    .lambda_H = model->lambda_H,
                                    .loss = model->loss};
    assert_ok(tw_closed_form_class_logits(&form, Z));
    assert_ok(tw_sectors_of_logits(&logits, null ? NULL : &options, &s));
    tw_closed_form_clear(&form);
    return take_norm(&s);
}

static double run_sectors_trace(fixture *f, bool null) {
    const tw_trace_options options = TW_TRACE_DEFAULTS;
    tw_sectors s;
    tw_trace_result r;
    assert_ok(tw_sectors_of_point(&f->optimum.point.model, f->x, NULL, &s));
    assert_ok(tw_sectors_trace(&s, null ? NULL : &options, &r));
    tw_sectors_clear(&s);
    return r.trace.value;
}

static double run_sectors_density(fixture *f, bool null) {
    const tw_density_options options = TW_DENSITY_DEFAULTS;
    tw_sectors s;
    tw_density_result r;
    assert_ok(tw_sectors_of_point(&f->optimum.point.model, f->x, NULL, &s));
    assert_ok(tw_sectors_density(&s, null ? NULL : &options, &r));
    double figure = r.norm;
    tw_sectors_clear(&s);
    tw_density_result_clear(&r);
    return figure;
}

static double run_polish(fixture *f, bool null) {
    const tw_newton_options options = TW_NEWTON_DEFAULTS;
    tw_polishing p;
    assert_ok(tw_point_polish(f->optimum.evaluator, null ? NULL : &options, beside(f), &p));
    return p.newton.value;
}

static double run_examine(fixture *f, bool null) {
    const tw_examination_options options = TW_EXAMINATION_DEFAULTS;
    tw_examination e;
    assert_ok(tw_point_examine(f->optimum.evaluator, null ? NULL : &options, beside(f), &e));
    double figure = e.degeneracy.norm;
    tw_examination_clear(&e);
    return figure;
}

static double run_free_energy(fixture *f, bool null) {
    const tw_free_energy_options options = TW_FREE_ENERGY_DEFAULTS;
    tw_examination e;
    tw_laplace laplace;
    assert_ok(tw_point_examine(f->optimum.evaluator, NULL, beside(f), &e));
    assert_ok(tw_free_energy_of_point(f->optimum.evaluator, f->out, &e, null ? NULL : &options,
                                      &laplace));
    tw_examination_clear(&e);
    return laplace.log_det.value;
}

static double run_direction(fixture *f, bool null) {
    const tw_direction_options options = TW_DIRECTION_DEFAULTS;
    assert_ok(
        tw_direction_make(f->optimum.evaluator, f->x, "eigen:1", null ? NULL : &options, f->out));
    return f->out[0];
}

static double run_trajectory(fixture *f, bool null) {
    const tw_trajectory_options options = TW_TRAJECTORY_DEFAULTS;
    const tw_descent_view view = {.x = f->x, .value = 1.0, .gradient_norm = 0.5};
    tw_trajectory *trajectory;
    double loss;
    assert_ok(tw_trajectory_create(&f->optimum.point.model, null ? NULL : &options, &trajectory));
    assert_ok(tw_trajectory_see(trajectory, &view));
    assert_true(tw_trajectory_read(trajectory, "loss", &loss));
    tw_trajectory_destroy(trajectory);
    return loss;
}

/* ---- Certificates and claims ---- */

static double run_prove(fixture *f, bool null) {
    const tw_certificate_options options = TW_CERTIFICATE_DEFAULTS;
    tw_certificate c;
    assert_ok(tw_certificate_prove(&f->optimum.point, f->v, null ? NULL : &options, &c));
    return c.rayleigh.value;
}

static double run_check(fixture *f, bool null) {
    const tw_certificate_options options = TW_CERTIFICATE_DEFAULTS;
    tw_certificate claim, verdict;
    assert_ok(tw_certificate_prove(&f->optimum.point, f->v, NULL, &claim));
    assert_ok(
        tw_certificate_check(&f->optimum.point, f->v, &claim, null ? NULL : &options, &verdict));
    return (double)verdict.reason;
}

static double run_certify(fixture *f, bool null) {
    const tw_certification_options options = TW_CERTIFICATION_DEFAULTS;
    tw_certification c;
    assert_ok(tw_point_certify(f->optimum.evaluator, null ? NULL : &options, beside(f), &c));
    double figure = c.examination.degeneracy.norm;
    tw_certification_clear(&c);
    return figure;
}

static double run_claim(fixture *f, bool null) {
    const tw_claim_options options = TW_CLAIM_DEFAULTS;
    tw_claim_result r;
    (void)f;
    assert_ok(tw_claim_evaluate(tw_claim_find("l"), null ? NULL : &options, &r));
    return (double)r.answer + r.figures[0].value;
}

/* ---- Campaigns ---- */

static double run_critical(fixture *f, bool null) {
    const tw_critical_options options = TW_CRITICAL_DEFAULTS;
    tw_critical_result r;
    assert_ok(tw_critical_search(&f->optimum.point.model, null ? NULL : &options, NULL, &r));
    double figure = (double)r.count;
    assert_int_equal(r.starts, options.starts);
    tw_critical_result_clear(&r);
    return figure;
}

static tw_signature signature(const built *b, const double *logits) {
    return (tw_signature){
        .state = TW_STATE_MINIMUM, .loss = b->seen.loss, .rank = 0, .class_logits = logits};
}

static double run_matcher(fixture *f, bool null) {
    const tw_match_options options = TW_MATCH_DEFAULTS;
    const size_t sizes[] = {1, 1, 1};
    const double Z[9] = {1, 0, 0, 0, 1, 0, 0, 0, 1}, near[9] = {1 + 1e-8, 0, 0, 0, 1, 0, 0, 0, 1};
    const tw_signature one = signature(&f->optimum, Z), other = signature(&f->optimum, near);
    tw_matcher *matcher;
    size_t first, second;
    assert_ok(tw_matcher_create(3, sizes, null ? NULL : &options, &matcher));
    assert_ok(tw_matcher_add(matcher, &one, &first));
    assert_ok(tw_matcher_add(matcher, &other, &second));
    tw_matcher_destroy(matcher);
    return (double)(second - first);
}

#define SETTING                                                                                    \
    "{\"classes\":3,\"samples\":1,\"width\":4,\"depth\":2,\"lambda\":0.01,"                        \
    "\"init\":\"normal-fanin:0.6\"}"

static double run_job_matcher(fixture *f, bool null) {
    const tw_match_options options = TW_MATCH_DEFAULTS;
    tw_job *job;
    tw_matcher *matcher;
    (void)f;
    assert_ok(tw_job_create(SETTING, &job));
    assert_ok(tw_job_matcher(job, null ? NULL : &options, &matcher));
    double figure = (double)tw_matcher_count(matcher);
    tw_matcher_destroy(matcher);
    tw_job_destroy(job);
    return figure;
}

static double run_replay(fixture *f, bool null) {
    char text[] = SETTING, *settings[] = {text};
    const tw_plan plan = {.restarts = 1, .count = 1, .settings = settings};
    const tw_match_options options = TW_MATCH_DEFAULTS;
    tw_replay replay = {0};
    (void)f;
    assert_ok(tw_plan_replay(&plan, 0, 2, null ? NULL : &options, NULL, NULL, &replay));
    double figure = replay.row.loss;
    tw_replay_clear(&replay);
    return figure;
}

/* The campaign, then its table. */
static double campaign(bool null_run, bool null_table) {
    const char *const settings[] = {SETTING};
    const tw_campaign_options options = TW_CAMPAIGN_DEFAULTS;
    const tw_match_options match = TW_MATCH_DEFAULTS;
    const char *path = scratch_path("null.db");
    tw_campaign_result r;
    tw_campaign_table table;
    tw_store *store = campaign_create(path, 1, settings, 3);
    assert_ok(tw_campaign_run(store, null_run ? NULL : &options, &r));
    assert_int_equal(r.finished, 3);
    assert_ok(tw_campaign_tabulate(store, 0, null_table ? NULL : &match, &table));
    double figure = (double)table.count + table.classes[0].loss;
    tw_campaign_table_clear(&table);
    tw_store_close(store);
    remove(path);
    return figure;
}

static double run_campaign(fixture *f, bool null) {
    (void)f;
    return campaign(null, false);
}

static double run_tabulate(fixture *f, bool null) {
    (void)f;
    return campaign(false, null);
}

/* ---- Costs ---- */

static double run_polish_cost(fixture *f, bool null) {
    const tw_newton_options options = TW_NEWTON_DEFAULTS;
    tw_cost cost;
    tw_polish_cost(&f->optimum.point.model, null ? NULL : &options, &cost);
    return cost.bytes + cost.products_most;
}

static double run_examination_cost(fixture *f, bool null) {
    const tw_examination_options options = TW_EXAMINATION_DEFAULTS;
    tw_cost cost;
    tw_examination_cost(&f->optimum.point.model, NULL, null ? NULL : &options, &cost);
    return cost.bytes + cost.products_most;
}

static double run_model_descent_cost(fixture *f, bool null) {
    const tw_descent_options options = TW_DESCENT_DEFAULTS;
    const tw_descent_method *sgd = tw_descent_method_find("sgd");
    tw_cost cost;
    tw_model_descent_cost(&f->optimum.point.model, sgd, null ? NULL : &options, &cost);
    return cost.bytes + cost.products_most;
}

/* ---- The table ---- */

static const null_row rows[] = {
    {"tw_smoothing_descend", run_smoothing},
    {"tw_align", run_align},
    {"tw_construct", run_construct},
    {"tw_sectors_of_point", run_sectors_of_point},
    {"tw_sectors_of_form", run_sectors_of_form},
    {"tw_sectors_of_logits", run_sectors_of_logits},
    {"tw_sectors_trace", run_sectors_trace},
    {"tw_sectors_density", run_sectors_density},
    {"tw_point_polish", run_polish},
    {"tw_point_examine", run_examine},
    {"tw_free_energy_of_point", run_free_energy},
    {"tw_direction_make", run_direction},
    {"tw_trajectory_create", run_trajectory},
    {"tw_certificate_prove", run_prove},
    {"tw_certificate_check", run_check},
    {"tw_point_certify", run_certify},
    {"tw_claim_evaluate", run_claim},
    {"tw_critical_search", run_critical},
    {"tw_matcher_create", run_matcher},
    {"tw_job_matcher", run_job_matcher},
    {"tw_plan_replay", run_replay},
    {"tw_campaign_run", run_campaign},
    {"tw_campaign_tabulate", run_tabulate},
    {"tw_polish_cost", run_polish_cost},
    {"tw_model_descent_cost", run_model_descent_cost},
    {"tw_examination_cost", run_examination_cost},
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
