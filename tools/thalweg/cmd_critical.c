/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <thalweg/record/campaign_record.h>
#include <thalweg/record/point_record.h>

#include "new_model.h"
#include "progress.h"
#include "subject.h"

typedef struct critical_settings {
    cli_common common;
    cli_new new;
    size_t starts, max_iterations;
    double match_tolerance, rank_tolerance;
    const char *output, *points; /* NULL: not written */
} critical_settings;

/* One search under way. */
typedef struct cli_critical {
    tw_dufm model;
    tw_findings *findings; /* NULL: nothing is kept */
    tw_critical_result result;
} cli_critical;

/* ---- Search ---- */

static tw_status open_findings(const char *path, const tw_critical_options *options,
                               cli_critical *c) {
    tw_status status = TW_OK;
    char *plan = NULL;
    TW_TRY(tw_critical_plan(&c->model, options, &plan));
    TW_TRY(tw_findings_open(path, TW_STORE_CREATE, &c->findings));
    TW_TRY(tw_findings_begin(c->findings, plan));
cleanup:
    free(plan);
    return status;
}

static tw_status search(const cli_invocation *run, cli_critical *c) {
    tw_status status = TW_OK;
    const critical_settings *s = run->settings;
    tw_critical_options options = TW_CRITICAL_DEFAULTS;
    options.starts = s->starts;
    options.seed = s->common.seed;
    options.max_iterations = s->max_iterations;
    options.rank_tolerance = s->rank_tolerance;
    options.match.tolerance = s->match_tolerance;
    options.monitor = progress_monitor();
    TW_TRY(new_model_read(run, &s->new, NULL, &c->model));
    if (s->output) TW_TRY(open_findings(s->output, &options, c));
    TW_TRY(tw_critical_search(&c->model, &options, c->findings, &c->result));
cleanup:
    return status;
}

/* ---- Results ---- */

static tw_status record(const cli_invocation *run, const cli_critical *c) {
    const tw_input input = {NULL, "", &c->model};
    const critical_settings *s = run->settings;
    const tw_critical_record made = {&c->result, s->output};
    return show_result(run, tw_fields_json(&tw_input_fields, &input), &tw_critical_fields, &made);
}

/* ---- Points as files ---- */

/* PREFIX-NAME.h5 */
static tw_status write_point(const cli_invocation *run, const cli_critical *c,
                             const tw_finding *p) {
    tw_status status = TW_OK;
    const critical_settings *s = run->settings;
    char path[4096], name[sizeof p->name];
    tw_bundle bundle = {0};
    const tw_point point = {c->model, p->theta};
    snprintf(name, sizeof name, "%s", p->name);
    for (char *at = name; *at; at++)
        if (*at == ':' || *at == ',') *at = '-';
    int length = snprintf(path, sizeof path, "%s-%s.h5", s->points, name);
    if (length < 0 || (size_t)length >= sizeof path)
        return tw_fail(TW_ERR_ARGUMENT, "--points: a name of %d bytes", length);
    TW_TRY(tw_point_to_bundle(&point, &bundle));
    const cli_origin origin = {.key = "critical", .fields = &tw_finding_fields, .made = p};
    TW_TRY(write_bundle(run, path, &bundle, &origin));
cleanup:
    tw_bundle_clear(&bundle);
    return status;
}

static tw_status write_points(const cli_invocation *run, const cli_critical *c) {
    tw_status status = TW_OK;
    const critical_settings *s = run->settings;
    for (size_t i = 0; s->points && i < c->result.count; i++)
        TW_TRY(write_point(run, c, &c->result.points[i]));
cleanup:
    return status;
}

static tw_status run_critical(const cli_invocation *run) {
    tw_status status = TW_OK;
    cli_critical c = {0};
    TW_TRY(search(run, &c));
    TW_TRY(write_points(run, &c));
    TW_TRY(record(run, &c));
    if (c.result.cancelled) *run->code = EXIT_NOT_CONVERGED;
cleanup:
    tw_findings_close(c.findings);
    tw_critical_result_clear(&c.result);
    tw_dufm_clear(&c.model);
    return status;
}

static const cli_option options[] = {
    TABLE(result_options, 0),
    EMBED(limit_options, critical_settings, common),
    EMBED(store_options, critical_settings, output),
    EMBED(new_options, critical_settings, new),
    RANGED(OPTION_COUNT, critical_settings, starts, "starts", "N", 1, 1e9, "100",
           "starts in all, those that FILE holds already included"),
    RANGED(OPTION_COUNT, critical_settings, max_iterations, "max-iterations", "N", 1, ANY_COUNT,
           "300", "steps allowed from one start, each with a spectrum of the Hessian"),
    PLAIN(OPTION_TEXT, critical_settings, points, "points", "PREFIX",
          "write every point to PREFIX-NAME.h5, its names' colons and commas as dashes"),
    RANGED(OPTION_NUMBER, critical_settings, match_tolerance, "match-tolerance", "X", 0, 1, "1e-9",
           "points within it (and what their gradient norms allow) are one"),
    RANGED(OPTION_NUMBER, critical_settings, rank_tolerance, "rank-tolerance", "X", 0, 1, "1e-6",
           "a singular value counts towards a rank when it exceeds X times the largest"),
    {0},
};

const cli_command critical_command = {
    "critical",
    "",
    "critical points of any index, from many starts",
    "Searches with Newton's method on the gradient and along the Hessian's eigenvectors, from "
    "random, narrow and perturbed starts; merges what is equal up to symmetry; counts modes; and "
    "proves each negative one with a certificate in ball arithmetic. Lists every point with its "
    "index, its rank, and how many starts found it. With --output everything is kept in an SQLite "
    "file, and the same command goes on with it. Exit code 4 when it was ended before its starts "
    "were done.",
    {0, 0},
    {options, sizeof(critical_settings)},
    run_critical};
