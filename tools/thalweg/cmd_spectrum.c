/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/hessian.h>
#include <thalweg/record.h>

#include "progress.h"
#include "rows.h"

/* What was found, in ascending order: everything, or the smallest and the largest. */
typedef struct cli_found {
    tw_eigenpairs low, high; /* high is empty when low holds the whole spectrum */
    bool low_cut, high_cut;  /* the innermost value of that end has copies that are not listed */
    double norm;
    size_t products;
    const char *method;
    bool converged;
    const char *reason;
} cli_found;

/* Clusters of both ends. */
typedef struct cli_grouped {
    tw_cluster *clusters;
    bool *cut;
    size_t count;
} cli_grouped;

static void found_clear(cli_found *f) {
    tw_eigenpairs_clear(&f->low);
    tw_eigenpairs_clear(&f->high);
}

static void grouped_clear(cli_grouped *g) {
    free(g->clusters);
    free(g->cut);
}

/* Keep `count` pairs of `pairs` from index `from`. */
static void keep_range(tw_eigenpairs *pairs, size_t from, size_t count) {
    memmove(pairs->values, pairs->values + from, count * sizeof *pairs->values);
    memmove(pairs->residuals, pairs->residuals + from, count * sizeof *pairs->residuals);
    pairs->count = count;
}

static tw_status copy_pairs(const tw_eigenpairs *source, tw_eigenpairs *copy) {
    copy->values = calloc(source->count + 1, sizeof *copy->values);
    copy->residuals = calloc(source->count + 1, sizeof *copy->residuals);
    if (copy->values == NULL || copy->residuals == NULL)
        return tw_fail(TW_ERR_MEMORY, "no memory for %zu eigenvalues", source->count);
    memcpy(copy->values, source->values, source->count * sizeof *copy->values);
    memcpy(copy->residuals, source->residuals, source->count * sizeof *copy->residuals);
    copy->n = source->n;
    copy->count = source->count;
    return TW_OK;
}

/* From the whole spectrum in f->low to the ends that were asked for. */
static tw_status keep_ends(const cli_settings *settings, cli_found *f) {
    size_t n = f->low.count, smallest = settings->smallest, largest = settings->largest;
    double slack = settings->cluster_tolerance * f->norm;
    if (smallest + largest == 0 || smallest + largest >= n) return TW_OK;
    tw_status status = copy_pairs(&f->low, &f->high);
    if (status != TW_OK) return status;
    const double *values = f->high.values;
    f->low_cut = smallest > 0 && values[smallest] - values[smallest - 1] <= slack;
    f->high_cut = largest > 0 && values[n - largest] - values[n - largest - 1] <= slack;
    keep_range(&f->low, 0, smallest);
    keep_range(&f->high, n - largest, largest);
    return TW_OK;
}

static tw_status find_dense(const cli_settings *settings, const tw_linop *H, cli_found *f) {
    tw_status status = TW_OK;
    tw_dense_options options = TW_DENSE_DEFAULTS;
    tw_dense_result dense = {0};
    options.monitor = progress_monitor();
    f->method = "dense";
    TW_TRY(tw_spectrum_dense(H, &options, &dense));
    f->converged = !dense.cancelled;
    f->reason = tw_search_reason_name(dense.cancelled ? TW_SEARCH_CANCELLED : TW_SEARCH_ALL);
    f->norm = dense.norm;
    f->products = dense.products;
    f->low = dense.pairs;
    dense.pairs = (tw_eigenpairs){0};
    if (f->converged) TW_TRY(keep_ends(settings, f));
cleanup:
    tw_dense_result_clear(&dense);
    return status;
}

static tw_status search_end(const cli_invocation *run, const tw_linop *H, tw_search_options options,
                            cli_found *f) {
    tw_status status = TW_OK;
    const cli_settings *settings = &run->settings;
    tw_search_result search = {0};
    bool low = options.end == TW_END_SMALLEST;
    if (options.count == 0) return TW_OK;
    TW_TRY(tw_spectrum_search(H, &options, &search));
    bool complete = search.reason == TW_SEARCH_COMPLETE || search.reason == TW_SEARCH_ALL;
    f->converged = f->converged && complete;
    if (!complete || f->reason == NULL) f->reason = tw_search_reason_name(search.reason);
    f->norm = fmax(f->norm, search.norm);
    f->products += search.products;
    double slack = settings->cluster_tolerance * search.norm;
    size_t inner = low ? search.pairs.count - 1 : 0;
    bool cut = search.cluster_cut ||
               (search.pairs.count > 0 && fabs(search.next - search.pairs.values[inner]) <= slack);
    *(low ? &f->low_cut : &f->high_cut) = cut;
    *(low ? &f->low : &f->high) = search.pairs;
    search.pairs = (tw_eigenpairs){0};
cleanup:
    tw_search_result_clear(&search);
    return status;
}

static tw_status find_by_products(const cli_invocation *run, const tw_linop *H, cli_found *f) {
    tw_status status = TW_OK;
    const cli_settings *settings = &run->settings;
    tw_search_options options = TW_SEARCH_DEFAULTS;
    options.engine = f->method =
        strcmp(settings->method, "auto") == 0 ? "lanczos" : settings->method;
    options.seed = settings->seed;
    options.monitor = progress_monitor();
    f->converged = true;
    options.end = TW_END_SMALLEST;
    options.count = settings->smallest;
    /* Both ends together are the whole spectrum: one search must list it, not two that overlap. */
    if (settings->smallest + settings->largest >= H->n) options.count = H->n;
    TW_TRY(search_end(run, H, options, f));
    if (options.count == H->n) goto cleanup;
    options.end = TW_END_LARGEST;
    options.count = settings->largest;
    TW_TRY(search_end(run, H, options, f));
cleanup:
    return status;
}

static tw_status find_spectrum(const cli_invocation *run, const tw_linop *H, cli_found *f) {
    const cli_settings *settings = &run->settings;
    bool automatic = strcmp(settings->method, "auto") == 0;
    bool all = settings->largest + settings->smallest == 0;
    if (strcmp(settings->method, "dense") == 0 || (automatic && H->n <= settings->dense_limit)) {
        if (H->n > settings->dense_limit)
            return tw_fail(TW_ERR_ARGUMENT,
                           "%zu parameters are above --dense-limit %zu; raise it, or ask for "
                           "--largest or --smallest eigenvalues",
                           H->n, settings->dense_limit);
        return find_dense(settings, H, f);
    }
    if (all)
        return tw_fail(TW_ERR_ARGUMENT,
                       "the whole spectrum of %zu parameters needs the dense route (--dense-limit "
                       "%zu); say how many eigenvalues with --largest or --smallest",
                       H->n, settings->dense_limit);
    return find_by_products(run, H, f);
}

static void append_clusters(const tw_eigenpairs *pairs, double tolerance, cli_grouped *g) {
    size_t added = 0;
    if (pairs->count == 0) return;
    tw_clusters_find(pairs->count, pairs->values, pairs->residuals, tolerance,
                     g->clusters + g->count, &added);
    g->count += added;
}

static tw_status group(const cli_found *f, double tolerance, cli_grouped *g) {
    size_t most = f->low.count + f->high.count + 1;
    g->clusters = calloc(most, sizeof *g->clusters);
    g->cut = calloc(most, sizeof *g->cut);
    if (g->clusters == NULL || g->cut == NULL)
        return tw_fail(TW_ERR_MEMORY, "no memory for %zu clusters", most);
    append_clusters(&f->low, tolerance * f->norm, g);
    if (g->count > 0) g->cut[g->count - 1] = f->low_cut;
    size_t first_high = g->count;
    append_clusters(&f->high, tolerance * f->norm, g);
    if (g->count > first_high) g->cut[first_high] = f->high_cut;
    return TW_OK;
}

static void print_spectrum(const cli_subject *subject, const cli_found *f, const cli_grouped *g,
                           double gradient_norm) {
    printf("%s\n%s route, %zu Hessian products, ||H|| = %.6g, ||g|| = %.3g\n\n", subject->path,
           f->method, f->products, f->norm, gradient_norm);
    printf("  %24s  %12s  %s\n", "eigenvalue", "multiplicity", "residual/||H||");
    for (size_t i = 0; i < g->count; i++)
        printf("  %24.15g  %11s%zu  %.1e\n", g->clusters[i].value, g->cut[i] ? ">= " : "",
               g->clusters[i].multiplicity,
               f->norm > 0.0 ? g->clusters[i].residual / f->norm : 0.0);
    for (size_t i = 0; i < g->count; i++)
        if (g->cut[i])
            printf("\ncluster cut: %.10g has more copies than were asked for.\n",
                   g->clusters[i].value);
    if (!f->converged) printf("\nunconverged: %s. The list may have gaps.\n", f->reason);
}

static void warn_of_kinks(const cli_subject *subject) {
    tw_kinks kinks =
        tw_evaluator_kinks(subject->evaluator, subject->point.theta, TW_KINK_TOLERANCE);
    if (kinks.on_kink > 0)
        fprintf(
            stderr,
            "thalweg: %s: %zu of %zu hidden pre-activations sit on a kink, where the Hessian does "
            "not exist; these are eigenvalues of its left branch\n",
            subject->path, kinks.on_kink, kinks.total);
}

static tw_status record_spectrum(const cli_invocation *run, const cli_subject *subject,
                                 const cli_found *f, const cli_grouped *g) {
    tw_status status = TW_OK;
    const tw_spectrum_report report = {g->clusters, g->cut, g->count, f->norm};
    tw_kinks kinks =
        tw_evaluator_kinks(subject->evaluator, subject->point.theta, TW_KINK_TOLERANCE);
    tw_json *result = tw_json_object();
    TW_TRY(result ? TW_OK : TW_ERR_MEMORY);
    TW_TRY(tw_json_set(result, "parameters",
                       tw_json_integer((long long)tw_dufm_parameters(&subject->point.model))));
    TW_TRY(tw_json_set(result, "method", tw_json_string(f->method)));
    TW_TRY(tw_json_set(result, "hessian_norm", tw_json_number(f->norm)));
    TW_TRY(
        tw_json_set(result, "cluster_tolerance", tw_json_number(run->settings.cluster_tolerance)));
    TW_TRY(tw_json_set(result, "products", tw_json_integer((long long)f->products)));
    TW_TRY(tw_json_set(result, "kinks", tw_json_integer((long long)kinks.on_kink)));
    TW_TRY(tw_json_set(result, "converged", tw_json_boolean(f->converged)));
    TW_TRY(tw_json_set(result, "reason", tw_json_string(f->reason)));
    TW_TRY(tw_json_set(result, "eigenvalues", tw_clusters_json(&report)));
    status = write_record(run, subject_input(subject), result);
    result = NULL;
cleanup:
    tw_json_destroy(result);
    return status;
}

int run_spectrum(const cli_invocation *run) {
    tw_status status = TW_OK;
    cli_subject subject = {0};
    cli_found f = {0};
    cli_grouped g = {0};
    tw_hessian hessian;
    double value = 0.0, gradient_norm = 0.0, *gradient = NULL;
    progress_start();
    TW_TRY(subject_open(&subject, run->operands[0], &run->settings));
    tw_objective objective = tw_evaluator_objective(subject.evaluator);
    gradient = calloc(objective.n, sizeof *gradient);
    TW_TRY(gradient ? TW_OK : tw_fail(TW_ERR_MEMORY, "no memory for %zu doubles", objective.n));
    TW_TRY(tw_hessian_init(&hessian, &objective, subject.point.theta, &value, gradient));
    for (size_t i = 0; i < objective.n; i++) gradient_norm = hypot(gradient_norm, gradient[i]);
    tw_linop H = tw_hessian_linop(&hessian);
    status = find_spectrum(run, &H, &f);
    progress_clear();
    TW_TRY(status);
    TW_TRY(group(&f, run->settings.cluster_tolerance, &g));
    warn_of_kinks(&subject);
    if (wants_table(run)) print_spectrum(&subject, &f, &g, gradient_norm);
    if (run->settings.json) TW_TRY(record_spectrum(run, &subject, &f, &g));
cleanup:
    free(gradient);
    grouped_clear(&g);
    found_clear(&f);
    subject_close(&subject);
    if (status != TW_OK) return report_failure(status);
    return f.converged ? EXIT_DONE : EXIT_NOT_CONVERGED;
}
