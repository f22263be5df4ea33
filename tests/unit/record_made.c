/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every record by the library alone, from small results, and a page that is made of them. */
#include <stdio.h>
#include <thalweg/thalweg.h>

#include "support/built.h"
#include "support/scratch.h"
#include "support/test.h"

enum { RECORDS = 32, ORDER = 256 };

/* Records as they are made, and which kinds there are. */
typedef struct shelf {
    tw_json *records[RECORDS];
    const tw_fields *results[RECORDS];
    size_t count;
} shelf;

static void keep(shelf *s, const char *command, tw_json *input, const tw_fields *fields,
                 const void *result) {
    char *words[] = {(char[]){"own"}, (char[]){"program"}};
    const tw_provenance provenance = {.command = command, .argc = 2, .argv = words, .seed = 1};
    assert_true(s->count < RECORDS);
    s->results[s->count] = fields;
    s->records[s->count] = tw_record(&provenance, input, tw_fields_json(fields, result));
    assert_non_null(s->records[s->count]);
    s->count++;
}

/* The point that most of them are about. */
typedef struct subject {
    built at, other; /* an optimum, and a saddle */
    tw_objective objective;
    tw_hessian hessian;
    tw_linop H;
    tw_examination examinations[2];
} subject;

static tw_json *input_of(const built *b, const char *path) {
    const tw_input input = {path, path, &b->point.model};
    return tw_fields_json(&tw_input_fields, &input);
}

static void subject_init(subject *s) {
    static const test_case c = {"ce", "linear", 4, 1, 5, 1, 0.02};
    double value, gradient[ORDER];
    tw_examination_options how = TW_EXAMINATION_DEFAULTS;
    s->at = build(&c, "dnc", 1);
    s->other = build(&c, "zero", 2);
    s->objective = tw_evaluator_objective(s->at.evaluator);
    assert_true(s->objective.n <= ORDER);
    assert_ok(tw_point_examine(s->at.evaluator, &how, s->at.point.theta, &s->examinations[0]));
    assert_ok(
        tw_point_examine(s->other.evaluator, &how, s->other.point.theta, &s->examinations[1]));
    assert_ok(s->objective.eval(s->objective.self, s->at.point.theta, &value, gradient));
    s->hessian = tw_hessian_at(&s->objective, s->at.point.theta);
    s->H = tw_hessian_linop(&s->hessian);
}

static void subject_clear(subject *s) {
    tw_examination_clear(&s->examinations[0]);
    tw_examination_clear(&s->examinations[1]);
    built_clear(&s->at);
    built_clear(&s->other);
}

/* ---- Points ---- */

static void keep_points(const subject *s, shelf *shelf_) {
    const tw_examination *e = s->examinations;
    tw_compared points[] = {{&e[0], "a.h5"}, {&e[1], "b.h5"}};
    const tw_compare_record both = {2, points};
    const tw_construct_record made = {"dnc", 1, &s->at.result, &s->at.seen, "a.h5"};
    const tw_convert_record converted = {"a.npz", 4};
    tw_json *inputs = tw_json_array();
    assert_ok(tw_json_append(inputs, input_of(&s->at, "a.h5")));
    assert_ok(tw_json_append(inputs, input_of(&s->other, "b.h5")));
    keep(shelf_, "compare", inputs, &tw_compare_fields, &both);
    keep(shelf_, "info", input_of(&s->at, "a.h5"), &tw_description_fields, &s->at.seen);
    keep(shelf_, "polish", input_of(&s->at, "a.h5"), &tw_polished_fields, &e[0]);
    keep(shelf_, "degeneracy", input_of(&s->at, "a.h5"), &tw_examination_fields, &e[0]);
    keep(shelf_, "construct", input_of(&s->at, NULL), &tw_construct_fields, &made);
    keep(shelf_, "convert", input_of(&s->at, "a.h5"), &tw_convert_fields, &converted);
}

static void keep_certificates(const subject *s, shelf *shelf_) {
    tw_certification_options how = TW_CERTIFICATION_DEFAULTS;
    tw_certification c = {0};
    tw_certificate again;
    assert_ok(tw_point_certify(s->other.evaluator, &how, s->other.point.theta, &c));
    assert_true(c.certificate.proved);
    const tw_certify_record made = {&c, "b.h5", NULL};
    keep(shelf_, "certify", input_of(&s->other, "b.h5"), &tw_certify_fields, &made);
    assert_ok(tw_certificate_check(&s->other.point, c.direction, &c.certificate, NULL, &again));
    const tw_check_record check = {"c.h5", &c.certificate, &again};
    keep(shelf_, "certify", input_of(&s->other, "c.h5"), &tw_check_fields, &check);
    tw_certification_clear(&c);
}

/* ---- Spectra and estimates ---- */

static void keep_lists(const subject *s, shelf *shelf_) {
    tw_listing_options how = TW_LISTING_DEFAULTS;
    tw_interior_options inside = TW_INTERIOR_DEFAULTS;
    tw_listing list = {0}, near = {.method = "krylov", .reason = "complete", .converged = true};
    tw_interior_result found = {0};
    const tw_orbit_record orbit = {3, false, true, 1e-12};
    const tw_plan_record plan = {"dense", s->H.n, 2 * s->H.n, 2 * s->H.n, 1e9, 0.1, 1e-6, 1.0, 1.0};
    assert_ok(tw_listing_find(&s->H, &how, &list));
    assert_int_equal(tw_levels_total(&list.levels), s->H.n);
    tw_listing_label(&list, &s->examinations[0].sectors.levels, &s->examinations[0].sectors.zero);
    assert_non_null(list.levels.rows[0].label);
    const tw_spectrum_record all = {
        &list, "all", NULL, how.cluster_tolerance, {&s->examinations[0].after.kinks, ""}};
    keep(shelf_, "spectrum", input_of(&s->at, "a.h5"), &tw_spectrum_fields, &all);
    assert_ok(tw_spectrum_interval(&s->H, 0.5 * list.norm, INFINITY, &inside, &found));
    near.slack = 1e-9 * found.norm;
    assert_ok(tw_listing_add(&near, &found.pairs, 0, found.pairs.count));
    const tw_inside_record part = {
        {&near, "all", NULL, 1e-9, {&s->examinations[0].after.kinks, ""}},
        0.0,
        false,
        &orbit,
        &found,
        200};
    keep(shelf_, "spectrum", input_of(&s->at, "a.h5"), &tw_inside_fields, &part);
    keep(shelf_, "spectrum", input_of(&s->at, "a.h5"), &tw_plan_fields, &plan);
    tw_listing_clear(&list);
    tw_listing_clear(&near);
    tw_interior_result_clear(&found);
}

static void keep_estimates(const subject *s, shelf *shelf_) {
    tw_estimation_record common = {.parameters = s->H.n,
                                   .method = "dense",
                                   .norm = 1.0,
                                   .standing = {&s->examinations[0].after.kinks, ""}};
    tw_density_options density = TW_DENSITY_DEFAULTS;
    tw_trace_options trace = TW_TRACE_DEFAULTS;
    tw_flatness_options flatness = TW_FLATNESS_DEFAULTS;
    tw_density_result d;
    tw_trace_result t;
    tw_flatness f;
    const double radius = 0.1, sigma = 0.01;
    density.steps = 3;
    flatness.sharpness.radius_count = flatness.rise.deviation_count = 1;
    flatness.sharpness.radii = &radius;
    flatness.rise.deviations = &sigma;
    flatness.rise.pairs = 4;
    assert_ok(tw_density_estimate(&s->H, &density, &d));
    assert_ok(tw_trace_estimate(&s->H, &trace, &t));
    assert_ok(tw_flatness_measure(&s->objective, s->at.point.theta, &flatness, &f));
    const tw_density_record a = {common, &d};
    const tw_trace_record b = {common, &t};
    const tw_flatness_record c = {"a.h5", common, &f};
    keep(shelf_, "density", input_of(&s->at, "a.h5"), &tw_density_fields, &a);
    keep(shelf_, "trace", input_of(&s->at, "a.h5"), &tw_trace_fields, &b);
    keep(shelf_, "flatness", input_of(&s->at, "a.h5"), &tw_flatness_fields, &c);
    tw_density_result_clear(&d);
    tw_flatness_clear(&f);
}

static void keep_closed_forms(const subject *s, shelf *shelf_) {
    const tw_closed_case given = {4, 2, 5, 2, 0.01, tw_loss_find("ce")};
    static const char *const names[] = {"dnc", "blocks:2,2"};
    const tw_closed_input input = {"dnc/blocks:2,2", &given};
    const double betas[] = {10.0, 1000.0};
    tw_closed_form forms[2] = {0};
    tw_listing list = {.method = "closed-form"};
    tw_weights weights = {0};
    assert_ok(tw_weights_init(2, 1, 2, betas, &weights));
    weights.scales[0].width = given.width;
    for (size_t i = 0; i < 2; i++) {
        assert_ok(tw_closed_form_solve(&given, names[i], &forms[i]));
        weights.scales[0].optima[i].name = names[i];
        assert_ok(tw_free_energy_of_form(&forms[i], &weights.scales[0].optima[i].laplace));
    }
    tw_weights_compare(&weights);
    assert_ok(tw_listing_take(&forms[0].levels, &forms[0].zero, 0, 0, &list));
    const tw_closed_record made = {&forms[0], &list};
    tw_json *inputs = tw_json_array(), *files = tw_json_array();
    assert_ok(tw_json_append(inputs, tw_fields_json(&tw_closed_input_fields, &input)));
    assert_ok(tw_json_append(files, input_of(&s->at, "a.h5")));
    assert_ok(tw_json_append(files, input_of(&s->other, "b.h5")));
    keep(shelf_, "spectrum", tw_fields_json(&tw_closed_input_fields, &input), &tw_closed_fields,
         &made);
    keep(shelf_, "free-energy", inputs, &tw_sweep_fields, &weights);
    keep(shelf_, "free-energy", files, &tw_weights_fields, &weights);
    tw_closed_form_clear(&forms[0]);
    tw_closed_form_clear(&forms[1]);
    tw_listing_clear(&list);
    tw_weights_clear(&weights);
}

/* ---- Runs ---- */

static void keep_slice(const subject *s, shelf *shelf_) {
    double u[ORDER], values[5];
    tw_direction_options how = TW_DIRECTION_DEFAULTS;
    tw_barrier barrier;
    tw_point_slice made = {.axis_count = 1,
                           .made = 1,
                           .directions = {{"eigen", "eigen:-1", 1, {0}, NULL}},
                           .axes = {{u, -1.0, 1.0, 5}},
                           .values = values};
    assert_ok(tw_direction_make(s->at.evaluator, s->at.point.theta, "eigen:-1", &how, u));
    assert_ok(
        tw_slice_sample(&s->objective, s->at.point.theta, 1, made.axes, NULL, values, &made.done));
    assert_ok(tw_slice_compare(&s->objective, s->at.point.theta, u, 0.5, NULL,
                               &made.directions[0].curvature));
    assert_true(tw_point_slice_is_whole(&made));
    assert_ok(tw_slice_barrier(&s->objective, s->at.point.theta, u, 5, NULL, &barrier));
    made.barrier = &barrier;
    keep(shelf_, "slice", input_of(&s->at, "a.h5"), &tw_slice_fields, &made);
}

static void keep_training(const subject *s, shelf *shelf_) {
    const tw_descent_method *method = tw_descent_method_at(0);
    tw_descent_options how = TW_DESCENT_DEFAULTS;
    const tw_descent_problem problem = {&s->objective, NULL};
    tw_descent_state state = {0};
    tw_descent_result result;
    double theta[ORDER];
    for (size_t i = 0; i < s->objective.n; i++) theta[i] = 0.9 * s->at.point.theta[i];
    assert_ok(tw_descent_state_init(&state, method, s->objective.n, theta));
    assert_ok(tw_descend(method, &problem, &how, &state, theta, &result));
    const tw_training_record made = {.description = &s->at.seen,
                                     .method = tw_descent_method_name(method),
                                     .descent = &result,
                                     .polish = &s->examinations[0].polish};
    keep(shelf_, "train", input_of(&s->at, NULL), &tw_training_fields, &made);
    const tw_descent_plan plan = {"newton", s->H.n, 1.0, INFINITY, 1e-3, 0.1,     1e-3,
                                  INFINITY, 3,      2,   0.2,      2e-3, INFINITY};
    keep(shelf_, "train", input_of(&s->at, NULL), &tw_descent_plan_fields, &plan);
    tw_descent_state_clear(&state);
}

static void keep_critical(shelf *shelf_) {
    static const test_case c = {"ce", "linear", 3, 1, 3, 1, 0.03};
    tw_dufm model = test_model(&c);
    tw_critical_options how = TW_CRITICAL_DEFAULTS;
    tw_critical_result found;
    const tw_input input = {NULL, "", &model};
    how.starts = 6;
    assert_ok(tw_critical_search(&model, &how, NULL, &found));
    const tw_critical_record made = {&found, NULL};
    keep(shelf_, "critical", tw_fields_json(&tw_input_fields, &input), &tw_critical_fields, &made);
    tw_critical_result_clear(&found);
    tw_dufm_clear(&model);
}

static const char *const small_plan =
    "{\"classes\":3,\"samples\":1,\"width\":[4,5],\"depth\":2,\"lambda\":0.01,"
    "\"init\":\"normal-fanin:0.6\",\"restarts\":6}";

static void keep_campaign(shelf *shelf_) {
    tw_json *json = NULL;
    tw_plan plan = {0};
    tw_store *store = NULL;
    tw_campaign_options how = TW_CAMPAIGN_DEFAULTS;
    tw_campaign_result result;
    tw_summary summary = {0};
    tw_job *job = NULL;
    tw_store_row row;
    bool finished;
    assert_ok(tw_json_parse(small_plan, strlen(small_plan), &json));
    assert_ok(tw_plan_from_json(json, &plan));
    assert_ok(tw_store_open(scratch_path("campaign.db"), TW_STORE_CREATE, &store));
    assert_ok(tw_campaign_begin(store, &plan));
    how.workers = 1;
    assert_ok(tw_campaign_run(store, &how, &result));
    assert_ok(tw_summarise(store, &how.match, true, &summary));
    assert_int_equal(summary.count, 2);
    assert_int_equal(summary.tables[0].done, 6);
    keep(shelf_, "basins", json, &tw_summary_fields, &summary);
    assert_ok(tw_job_create(plan.settings[0], &job));
    assert_ok(tw_job_run(job, 2, NULL, &row, &finished));
    const tw_restart_record made = {&row, "dnc", true, true};
    keep(shelf_, "basins", tw_json_object(), &tw_restart_fields, &made);
    tw_job_destroy(job);
    tw_summary_clear(&summary);
    tw_store_close(store);
    tw_plan_clear(&plan);
}

/* ---- Claims, checks, pages ---- */

static void keep_claims(shelf *shelf_) {
    static tw_claim_verdict verdict;
    tw_claim_options how = TW_CLAIM_DEFAULTS;
    how.quick = true;
    verdict.claim = tw_claim_find("a");
    assert_non_null(verdict.claim);
    assert_ok(tw_claim_evaluate(verdict.claim, &how, &verdict.result));
    assert_true(tw_claim_is_expected(&verdict));
    const tw_claim_list claims = {1, &verdict};
    static const tw_selftest_result checks = {.checks = {{"gradient", 1e-16, 1e-12}}, .count = 1};
    const tw_page_source source = {"r.json", "compare/1"};
    const tw_page_record page = {1, &source};
    keep(shelf_, "verify", tw_json_object(), &tw_verify_fields, &claims);
    keep(shelf_, "selftest", tw_json_object(), &tw_selftest_fields, &checks);
    keep(shelf_, "report", tw_json_null(), &tw_page_fields, &page);
}

static shelf fill_shelf(void) {
    shelf s = {.count = 0};
    subject of = {0};
    subject_init(&of);
    keep_points(&of, &s);
    keep_certificates(&of, &s);
    keep_lists(&of, &s);
    keep_estimates(&of, &s);
    keep_closed_forms(&of, &s);
    keep_slice(&of, &s);
    keep_training(&of, &s);
    keep_critical(&s);
    keep_campaign(&s);
    keep_claims(&s);
    subject_clear(&of);
    return s;
}

/* A kind of record that is not made here would be one that a C program may not be able to make. */
static void assert_all_kinds(const shelf *s) {
    const tw_schema *schema;
    for (size_t i = 0; (schema = tw_schema_at(i)) != NULL; i++) {
        bool made = false;
        for (size_t j = 0; j < s->count; j++) made |= s->results[j] == schema->result;
        if (!made) fail_msg("no record of %s %s", schema->command, schema->variant);
    }
}

static char *read_all(const char *path) {
    FILE *file = fopen(path, "rb");
    static char text[1 << 21];
    assert_non_null(file);
    size_t size = fread(text, 1, sizeof text - 1, file);
    text[size] = '\0';
    fclose(file);
    return text;
}

/* What the page says of each: a title, a number, a name. */
static void every_record_makes_a_page(void **state) {
    (void)state;
    static const char *const said[] = {
        "strict saddle", "minimum",           "Spectrum of A",   "Figures of claim a",
        "Flatness",      "Crossings",         "Critical points", "blocks:2,2",
        "a barrier of",  "density/1",         "trace/1",         "certify/1",
        "train/1",       "basins/1",          "construct/1",     "selftest/1",
        "own program",   "Parts of the free", "convert/1"};
    shelf s = fill_shelf();
    const tw_json *records[RECORDS];
    assert_all_kinds(&s);
    for (size_t i = 0; i < s.count; i++) records[i] = s.records[i];
    assert_ok(tw_report_markdown(s.count, records, scratch_path("page.md")));
    const char *page = read_all(scratch_path("page.md"));
    for (size_t i = 0; i < sizeof said / sizeof *said; i++)
        if (strstr(page, said[i]) == NULL) fail_msg("the page does not say '%s'", said[i]);
    assert_ok(tw_report_write(1, records, scratch_path("page.html"), NULL, NULL));
    for (size_t i = 0; i < s.count; i++) tw_json_destroy(s.records[i]);
}

/* And each a text for people, which shows its input first. */
static void every_record_makes_a_text(void **state) {
    (void)state;
    static const char *const said[] = {"strict saddle", "beta*",      "Rayleigh quotient",
                                       "NC1 NC2 NC3",   "what moves", "ended by"};
    bool met[sizeof said / sizeof *said] = {false};
    shelf s = fill_shelf();
    for (size_t i = 0; i < s.count; i++) {
        char *text = NULL;
        const tw_json *input = tw_json_get(s.records[i], "input");
        assert_ok(tw_record_text(s.results[i], input, tw_json_get(s.records[i], "result"), &text));
        bool of_file = tw_json_get(input, "file") != NULL;
        if (of_file) assert_true(strncmp(text, "  file ", 7) == 0);
        for (size_t j = 0; j < sizeof said / sizeof *said; j++)
            met[j] = met[j] || strstr(text, said[j]);
        free(text);
    }
    for (size_t j = 0; j < sizeof said / sizeof *said; j++)
        if (!met[j]) fail_msg("no text says '%s'", said[j]);
    for (size_t i = 0; i < s.count; i++) tw_json_destroy(s.records[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_record_makes_a_page),
        cmocka_unit_test(every_record_makes_a_text),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
