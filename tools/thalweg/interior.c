/* SPDX-License-Identifier: GPL-3.0-or-later */
/* spectrum --near-zero, --below, --interval: eigenvalues inside the spectrum, with the symmetry
 * orbit set aside where the point is stationary enough for it to be flat. */
#include <thalweg/interior.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "estimation.h"
#include "operator.h"
#include "plan.h"
#include "progress.h"
#include "spectrum.h"

/* The operator that the options describe: the Hessian, with what is known of it, or a part. */
typedef struct inside {
    cli_estimation e;
    cli_operator operator;
    const tw_linop *A; /* the one or the other */
} inside;

size_t interior_pairs(const cli_settings *settings, double order) {
    size_t pairs = TW_INTERIOR_DEFAULTS.max_count, needed = settings->near_zero;
    if (settings->max_count > 0) pairs = needed = settings->max_count;
    while (pairs > needed + 1 && gigabytes_inside(order, (double)pairs) > memory_limit(settings))
        pairs--;
    return pairs > needed ? pairs : needed;
}

/* The orbit is flat for the whole Hessian only. */
static tw_status open_operator(const cli_invocation *run, inside *in) {
    tw_status status = TW_OK;
    TW_TRY(estimation_start(run, &in->e));
    in->A = &in->e.H;
    if (!operator_is_whole(&run->settings)) {
        TW_TRY(operator_init(&run->settings, &in->e.subject, &in->operator, NULL));
        in->A = &in->operator.A;
    }
    double n = (double)in->A->n;
    TW_TRY(memory_claim(&run->settings,
                        gigabytes_inside(n, (double)interior_pairs(&run->settings, n)),
                        "the search"));
    if (in->A == &in->e.H) TW_TRY(estimation_try_orbit(run, &in->e));
cleanup:
    return status;
}

static void close_operator(inside *in) {
    operator_clear(&in->operator);
    estimation_close(&in->e);
}

static tw_status search(const cli_settings *settings, const inside *in,
                        tw_interior_result *result) {
    tw_interior_options options = TW_INTERIOR_DEFAULTS;
    bool below = !isnan(settings->below);
    options.seed = settings->seed;
    options.max_products = settings->max_products;
    options.keep = in->e.keep;
    options.keep_rank = in->e.keep_rank;
    options.monitor = progress_monitor();
    options.max_count = interior_pairs(settings, (double)in->A->n);
    if (settings->near_zero > 0)
        return tw_spectrum_nearest(in->A, 0.0, settings->near_zero, &options, result);
    return tw_spectrum_interval(in->A, below ? -INFINITY : settings->interval[0],
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

static tw_status collect(const cli_settings *settings, const inside *in,
                         const tw_interior_result *result, cli_spectrum *s) {
    tw_status status = TW_OK;
    const cli_estimation *e = &in->e;
    s->parameters = in->A->n;
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

static tw_status record(const cli_invocation *run, const inside *in,
                        const tw_interior_result *interior, const cli_spectrum *s) {
    tw_status status = TW_OK;
    const cli_estimation *e = &in->e;
    tw_json *result = tw_json_object();
    TW_TRY(result ? TW_OK : TW_ERR_MEMORY);
    TW_TRY(spectrum_to_json(s, result));
    TW_TRY(operator_record(&run->settings, result));
    TW_TRY(tw_json_set(result, "kinks", tw_json_integer((long long)e->kinks.on_kink)));
    TW_TRY(tw_json_set(result, "gradient_norm", tw_json_number(e->gradient_norm)));
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
    inside in = {0};
    tw_interior_result result = {0};
    cli_spectrum s = {0};
    int code = EXIT_DONE;
    progress_start(run->settings.max_seconds);
    TW_TRY(open_operator(run, &in));
    status = search(&run->settings, &in, &result);
    progress_clear();
    TW_TRY(status);
    TW_TRY(collect(&run->settings, &in, &result, &s));
    TW_TRY(spectrum_name(run, &in.e.subject, &s));
    estimation_warn(&in.e);
    if (wants_table(run)) {
        printf("%s\n", in.e.subject.path);
        spectrum_print(&s);
        print_evidence(&result);
    }
    if (wants_record(run)) TW_TRY(record(run, &in, &result, &s));
    if (!s.converged) code = EXIT_NOT_CONVERGED;
cleanup:
    tw_interior_result_clear(&result);
    spectrum_clear(&s);
    close_operator(&in);
    return status == TW_OK ? code : report_failure(status);
}
