/* SPDX-License-Identifier: GPL-3.0-or-later */
/* spectrum --near-zero, --below, --interval: eigenvalues inside the spectrum, with the symmetry
 * orbit set aside where the point is stationary enough for it to be flat. */
#include <thalweg/interior.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "estimation.h"
#include "progress.h"
#include "spectrum.h"

bool wants_interior(const cli_settings *settings) {
    return settings->near_zero > 0 || !isnan(settings->below) || settings->interval_bounds == 2;
}

static tw_status search(const cli_settings *settings, const cli_estimation *e,
                        tw_interior_result *result) {
    tw_interior_options options = TW_INTERIOR_DEFAULTS;
    bool below = !isnan(settings->below);
    options.seed = settings->seed;
    options.max_products = settings->max_products;
    options.keep = e->keep;
    options.keep_rank = e->keep_rank;
    options.monitor = progress_monitor();
    if (settings->near_zero > options.max_count) options.max_count = settings->near_zero;
    if (settings->near_zero > 0)
        return tw_spectrum_nearest(&e->H, 0.0, settings->near_zero, &options, result);
    return tw_spectrum_interval(&e->H, below ? -INFINITY : settings->interval[0],
                                below ? settings->below : settings->interval[1], &options, result);
}

/* Does the range that was asked for hold the orbit's zeros? */
static bool spans_zero(const cli_settings *settings) {
    if (settings->near_zero > 0) return true;
    if (!isnan(settings->below)) return settings->below >= 0.0;
    return settings->interval[0] <= 0.0 && settings->interval[1] >= 0.0;
}

static int ascending(const void *a, const void *b) {
    const tw_entry *x = a, *y = b;
    return (x->value > y->value) - (x->value < y->value);
}

static tw_status collect(const cli_settings *settings, const cli_estimation *e,
                         const tw_interior_result *result, cli_spectrum *s) {
    tw_status status = TW_OK;
    s->parameters = e->H.n;
    s->norm = result->norm;
    s->slack = settings->cluster_tolerance * result->norm;
    s->products = result->products;
    s->method = result->method;
    s->reason = tw_interior_reason_name(result->reason);
    s->converged = result->reason == TW_INTERIOR_COMPLETE;
    TW_TRY(spectrum_add_pairs(s, &result->pairs, 0, result->pairs.count));
    if (s->count > 0) {
        bool near = settings->near_zero > 0;
        size_t far =
            fabs(s->entries[0].value) > fabs(s->entries[s->count - 1].value) ? 0 : s->count - 1;
        s->entries[0].cut = result->low_cut;
        s->entries[s->count - 1].cut = s->entries[s->count - 1].cut || result->high_cut;
        if (near) s->entries[far].cut = result->cluster_cut;
    }
    if (e->keep && spans_zero(settings)) /* room: spectrum_add_pairs leaves one entry */
        s->entries[s->count++] = (tw_entry){.multiplicity = e->H.n - e->keep_rank,
                                            .residual = e->tangent_residual * result->norm,
                                            .label = "symmetry orbit"};
    if (s->count > 0) qsort(s->entries, s->count, sizeof *s->entries, ascending);
cleanup:
    return status;
}

static tw_status record(const cli_invocation *run, const cli_estimation *e,
                        const tw_interior_result *interior, const cli_spectrum *s) {
    tw_status status = TW_OK;
    tw_json *result = tw_json_object();
    TW_TRY(result ? TW_OK : TW_ERR_MEMORY);
    TW_TRY(spectrum_to_json(s, result));
    TW_TRY(tw_json_set(result, "deflated", tw_json_boolean(e->keep != NULL)));
    TW_TRY(tw_json_set(result, "rounds", tw_json_integer((long long)interior->rounds)));
    TW_TRY(tw_json_set(result, "filter_degree", tw_json_integer((long long)interior->degree)));
    TW_TRY(tw_json_set(result, "inertia_checked", tw_json_boolean(interior->inertia_checked)));
    TW_TRY(tw_json_set(result, "inertia_count",
                       interior->inertia_checked
                           ? tw_json_integer((long long)interior->inertia_count)
                           : tw_json_null()));
    status = write_record(run, subject_input(&e->subject), result);
    result = NULL;
cleanup:
    tw_json_destroy(result);
    return status;
}

static void print_evidence(const tw_interior_result *result) {
    printf("\n%zu pairs after %zu rounds: %s", result->pairs.count, result->rounds,
           tw_interior_reason_name(result->reason));
    if (result->inertia_checked) printf(", and the inertia counts as many");
    printf(".\n");
}

int run_interior(const cli_invocation *run) {
    tw_status status = TW_OK;
    cli_invocation deflating = *run;
    cli_estimation e = {0};
    tw_interior_result result = {0};
    cli_spectrum s = {0};
    int code = EXIT_DONE;
    deflating.settings.dense_limit = 0; /* try the orbit at any size */
    progress_start(run->settings.max_seconds);
    TW_TRY(estimation_open(&deflating, &e));
    status = search(&run->settings, &e, &result);
    progress_clear();
    TW_TRY(status);
    TW_TRY(collect(&run->settings, &e, &result, &s));
    estimation_warn(&e);
    if (wants_table(run)) {
        printf("%s\n", e.subject.path);
        spectrum_print(&s);
        print_evidence(&result);
    }
    if (run->settings.json) TW_TRY(record(run, &e, &result, &s));
    if (!s.converged) code = EXIT_NOT_CONVERGED;
cleanup:
    tw_interior_result_clear(&result);
    spectrum_clear(&s);
    estimation_close(&e);
    return status == TW_OK ? code : report_failure(status);
}
