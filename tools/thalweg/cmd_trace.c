/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdio.h>
#include <thalweg/spectrum/trace.h>

#include "estimation.h"
#include "progress.h"

static void print_estimate(const char *name, const tw_estimate *e) {
    printf("  %-28s  %20.12g", name, e->value);
    if (e->exact)
        printf("  %12s\n", "exact");
    else
        printf("  %12.3g  [%.8g, %.8g]\n", e->error, e->low, e->high);
}

static void print_trace(const cli_estimation *e, const tw_trace_result *r) {
    estimation_print(e, r->method, r->norm);
    printf("  %-28s  %20s  %12s  %s\n", "", "value", "error", "95 % interval");
    print_estimate("trace", &r->trace);
    print_estimate("Frobenius norm", &r->frobenius);
    print_estimate("log |det|, non-zero modes", &r->log_det);
    print_estimate(e->within.keep ? "further zero modes" : "zero modes", &r->zero_modes);
    printf("\nsmallest non-zero |t| met: %.6g; largest |t| counted as zero: %.2g\n",
           r->smallest_nonzero, r->largest_zero);
    if (r->few_steps > r->log_det.error)
        printf("the log-determinant changes by %.3g with half of the steps: raise --steps.\n",
               r->few_steps);
    if (r->reason != TW_ESTIMATE_COMPLETE)
        printf("\nunfinished: %s.\n", tw_estimate_reason_name(r->reason));
}

static tw_status record_trace(const cli_invocation *run, const cli_estimation *e,
                              const tw_trace_result *r) {
    tw_status status = TW_OK;
    tw_json *result = tw_json_object();
    TW_TRY(result ? TW_OK : TW_ERR_MEMORY);
    TW_TRY(estimation_record(e, r->method, r->norm, r->reason, result));
    TW_TRY(tw_json_set(result, "sketch", tw_json_integer((long long)r->sketch)));
    TW_TRY(tw_json_set(result, "probes", tw_json_integer((long long)r->probes)));
    TW_TRY(tw_json_set(result, "log_det_probes", tw_json_integer((long long)r->log_det_probes)));
    TW_TRY(tw_json_set(result, "exact_probes", tw_json_integer((long long)r->closed)));
    TW_TRY(tw_json_set(result, "trace", estimate_json(&r->trace)));
    TW_TRY(tw_json_set(result, "frobenius", estimate_json(&r->frobenius)));
    TW_TRY(tw_json_set(result, "log_det_nonzero", estimate_json(&r->log_det)));
    TW_TRY(tw_json_set(result, "few_steps", tw_json_number(r->few_steps)));
    TW_TRY(tw_json_set(result, "further_zero_modes", estimate_json(&r->zero_modes)));
    TW_TRY(tw_json_set(result, "smallest_nonzero", tw_json_number(r->smallest_nonzero)));
    TW_TRY(tw_json_set(result, "largest_zero", tw_json_number(r->largest_zero)));
    status = write_record(run, subject_input(&e->subject), result);
    result = NULL;
cleanup:
    tw_json_destroy(result);
    return status;
}

int run_trace(const cli_invocation *run) {
    tw_status status = TW_OK;
    cli_estimation e = {0};
    tw_trace_options options = TW_TRACE_DEFAULTS;
    tw_trace_result result = {0};
    tw_cost work = {0};
    progress_start(run->settings.max_seconds);
    TW_TRY(estimation_open(run, &e));
    options.probes = run->settings.probes;
    options.steps = run->settings.steps;
    options.budget = progress_budget(&run->settings);
    if (!e.dense) options.budget.dense_limit = 0;
    if (!e.sectors.applicable) tw_trace_cost(e.H.n, &options, &work);
    if (run->settings.plan) {
        status = estimation_plan(run, &e, &work);
        goto cleanup;
    }
    TW_TRY(estimation_claim(run, &e, &work));
    options.within = e.within;
    status = e.sectors.applicable ? tw_sectors_trace(&e.sectors, &options, &result)
                                  : tw_trace_estimate(&e.H, &options, &result);
    TW_TRY(status);
    progress_clear();
    estimation_warn(&e);
    if (wants_table(run)) print_trace(&e, &result);
    if (wants_record(run)) TW_TRY(record_trace(run, &e, &result));
cleanup:
    progress_clear();
    estimation_close(&e);
    if (status != TW_OK) return report_failure(status);
    return result.reason == TW_ESTIMATE_COMPLETE ? EXIT_DONE : EXIT_NOT_CONVERGED;
}
