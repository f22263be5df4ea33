/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <thalweg/record/campaign_record.h>
#include <thalweg/record/point_record.h>

#include "new_model.h"
#include "progress.h"
#include "subject.h"

/* One search under way. */
typedef struct cli_critical {
    tw_dufm model;
    tw_findings *findings; /* NULL: nothing is kept */
    tw_critical_result result;
} cli_critical;

/* ---- Search ---- */

/* What a file has to agree with to be gone on with: a JSON text. */
static tw_status plan_text(const cli_invocation *run, const tw_dufm *model, char **text) {
    tw_status status = TW_OK;
    const cli_settings *s = &run->settings;
    const tw_input input = {NULL, "", model};
    tw_json *plan = tw_json_object();
    TW_TRY(plan ? TW_OK : TW_ERR_MEMORY);
    TW_TRY(tw_json_set(plan, "model", tw_fields_json(&tw_input_fields, &input)));
    TW_TRY(tw_json_set(plan, "seed", tw_json_integer((long long)s->seed)));
    TW_TRY(tw_json_set(plan, "max_iterations", tw_json_integer((long long)s->search_iterations)));
    TW_TRY(tw_json_set(plan, "match_tolerance", tw_json_number(s->match_tolerance)));
    TW_TRY(tw_json_set(plan, "rank_tolerance", tw_json_number(s->rank_tolerance)));
    *text = tw_json_text(plan, 0);
    status = *text ? TW_OK : TW_ERR_MEMORY;
cleanup:
    tw_json_destroy(plan);
    return status;
}

static tw_status open_findings(const cli_invocation *run, cli_critical *c) {
    tw_status status = TW_OK;
    char *plan = NULL;
    if (run->settings.output == NULL) return TW_OK;
    TW_TRY(plan_text(run, &c->model, &plan));
    TW_TRY(tw_findings_open(run->settings.output, TW_STORE_CREATE, &c->findings));
    TW_TRY(tw_findings_begin(c->findings, plan));
cleanup:
    free(plan);
    return status;
}

static tw_status search(const cli_invocation *run, cli_critical *c) {
    tw_status status = TW_OK;
    const cli_settings *s = &run->settings;
    tw_critical_options options = TW_CRITICAL_DEFAULTS;
    options.starts = s->starts;
    options.seed = s->seed;
    options.max_iterations = s->search_iterations;
    options.rank_tolerance = s->rank_tolerance;
    options.match.tolerance = s->match_tolerance;
    options.monitor = progress_monitor();
    TW_TRY(new_model_read(s, &c->model));
    TW_TRY(open_findings(run, c));
    TW_TRY(tw_critical_search(&c->model, &options, c->findings, &c->result));
cleanup:
    progress_clear();
    return status;
}

/* ---- Results ---- */

static int by_loss(const void *a, const void *b) {
    double x = ((const tw_finding *)a)->loss, y = ((const tw_finding *)b)->loss;
    return (x > y) - (x < y);
}

static tw_status record(const cli_invocation *run, const cli_critical *c) {
    const tw_input input = {NULL, "", &c->model};
    const tw_critical_record made = {&c->result, run->settings.output};
    return show_result(run, tw_fields_json(&tw_input_fields, &input), &tw_critical_fields, &made);
}

/* ---- Points as files ---- */

/* PREFIX-NAME.h5 */
static tw_status write_point(const cli_invocation *run, const cli_critical *c,
                             const tw_finding *p) {
    tw_status status = TW_OK;
    char path[4096], name[sizeof p->name];
    tw_bundle bundle = {0};
    const tw_point point = {c->model, p->theta};
    snprintf(name, sizeof name, "%s", p->name);
    for (char *at = name; *at; at++)
        if (*at == ':' || *at == ',') *at = '-';
    int length = snprintf(path, sizeof path, "%s-%s.h5", run->settings.points, name);
    if (length < 0 || (size_t)length >= sizeof path)
        return tw_fail(TW_ERR_ARGUMENT, "--points: a name of %d bytes", length);
    tw_json *json = run_provenance(run);
    TW_TRY(json ? TW_OK : TW_ERR_MEMORY);
    TW_TRY(tw_json_set(json, "critical", tw_fields_json(&tw_finding_fields, p)));
    TW_TRY(tw_point_to_bundle(&point, &bundle));
    status = keep_provenance(&bundle, json);
    json = NULL;
    TW_TRY(status);
    TW_TRY(tw_bundle_write(path, &bundle));
cleanup:
    tw_json_destroy(json);
    tw_bundle_clear(&bundle);
    return status;
}

static tw_status write_points(const cli_invocation *run, const cli_critical *c) {
    tw_status status = TW_OK;
    for (size_t i = 0; run->settings.points && i < c->result.count; i++)
        TW_TRY(write_point(run, c, &c->result.points[i]));
cleanup:
    return status;
}

int run_critical(const cli_invocation *run) {
    tw_status status = TW_OK;
    cli_critical c = {0};
    int code = EXIT_DONE;
    TW_TRY(search(run, &c));
    if (c.result.count > 0)
        qsort(c.result.points, c.result.count, sizeof *c.result.points, by_loss);
    TW_TRY(write_points(run, &c));
    TW_TRY(record(run, &c));
    if (c.result.cancelled) code = EXIT_NOT_CONVERGED;
cleanup:
    tw_findings_close(c.findings);
    tw_critical_result_clear(&c.result);
    tw_dufm_clear(&c.model);
    return status == TW_OK ? code : report_failure(status);
}
