/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One million parameters (d = 512, N = 1000, K = 10, L = 3): a collapsed optimum and one of rank 5,
 * made from closed forms and randomly turned. Zero modes by the projector's exact dimension,
 * confirmed by a search that finds nothing below the smallest non-zero eigenvalue that the sectors
 * predict; the 12 largest eigenvalues beside the exact ones. Products, seconds, peak memory.
 *
 * Usage: million [--check]: with --check, exit 1 when a target is missed. */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <thalweg/base/monitor.h>
#include <thalweg/curvature/degeneracy.h>
#include <thalweg/dense/blas.h>
#include <thalweg/model/evaluator.h>
#include <thalweg/optima/balanced.h>
#include <thalweg/optima/closed_form.h>
#include <thalweg/symmetry/symmetry.h>

enum { K = 10, PER_CLASS = 100, WIDTH = 512, LAYERS = 3, TOP = 12 };
#define LAMBDA 0x1p-10
#define PRODUCT_TARGET 400
#define MEMORY_TARGET 2.0 /* GB */

static void require(bool condition) {
    if (condition) return;
    fprintf(stderr, "million: %s\n", tw_last_error());
    exit(3);
}

static void make_point(const tw_closed_form *form, tw_point *point, tw_sectors *sectors) {
    double Z[K * K], sizes[K], lambda[LAYERS];
    size_t widths[LAYERS + 1];
    const tw_sector_options options = TW_SECTOR_DEFAULTS;
    for (size_t k = 0; k < K; k++) sizes[k] = PER_CLASS;
    for (size_t l = 0; l < LAYERS; l++) {
        widths[l] = WIDTH;
        lambda[l] = LAMBDA;
    }
    widths[LAYERS] = K;
    require(tw_closed_form_class_logits(form, Z) == TW_OK);
    const tw_class_logits logits = {Z, sizes, LAYERS, widths, lambda, LAMBDA, form->given.loss};
    require(tw_balanced_point(&logits, 1, point) == TW_OK);
    require(tw_sectors_of_logits(&logits, &options, sectors) == TW_OK && sectors->applicable);
}

/* Value number `index` from the top, copies counted. */
static double exact_from_top(const tw_levels *levels, uint64_t index) {
    for (size_t i = levels->count; i-- > 0;) {
        if (index < levels->rows[i].copies) return levels->rows[i].value;
        index -= levels->rows[i].copies;
    }
    return NAN;
}

static double smallest_exact(const tw_levels *levels, double threshold) {
    double smallest = INFINITY;
    for (size_t i = 0; i < levels->count; i++)
        if (fabs(levels->rows[i].value) > threshold)
            smallest = fmin(smallest, levels->rows[i].value);
    return smallest;
}

static bool report(const tw_degeneracy_result *d, const tw_sectors *sectors, double seconds) {
    double worst = 0.0, residual = 0.0;
    double smallest = smallest_exact(&sectors->levels, d->zero.threshold);
    for (size_t i = 0; i < d->high.count; i++) {
        double exact = exact_from_top(&sectors->levels, i);
        worst = fmax(worst, fabs(d->high.values[d->high.count - 1 - i] - exact) / exact);
        residual = fmax(residual, d->high.residuals[i] / d->norm);
    }
    for (size_t i = 0; i < d->low.count; i++)
        residual = fmax(residual, d->low.residuals[i] / d->norm);
    uint64_t zero = tw_levels_within(&sectors->levels, d->zero.threshold);
    printf("  zero modes %zu (exact %llu), negative %zu, verdict %s\n", d->zero_modes,
           (unsigned long long)zero, d->negative_modes, tw_verdict_name(d->verdict));
    printf("  smallest non-zero %.15g (exact %.15g)\n", d->smallest_nonzero, smallest);
    printf("  %zu largest: worst relative error %.1e (target 1e-9); worst residual %.1e ||H||\n",
           d->high.count, worst, residual);
    printf("  %zu products (target %d), %.1f s\n", d->products, PRODUCT_TARGET, seconds);
    return d->zero_modes == zero && d->verdict == TW_VERDICT_MINIMUM && worst <= 1e-9 &&
           fabs(d->smallest_nonzero - smallest) <= 1e-9 * smallest && residual <= 1e-10 &&
           d->high.count == TOP && d->products <= PRODUCT_TARGET;
}

static bool run(const char *name) {
    const tw_closed_case given = {K, PER_CLASS, WIDTH, LAYERS, LAMBDA, tw_loss_find("ce")};
    tw_closed_form form = {0};
    tw_point point = {0};
    tw_sectors sectors;
    tw_evaluator *evaluator = NULL;
    tw_symmetry *symmetry = NULL;
    tw_degeneracy_options options = TW_DEGENERACY_DEFAULTS;
    tw_degeneracy_result result;
    require(tw_closed_form_solve(&given, name, &form) == TW_OK && form.exists);
    make_point(&form, &point, &sectors);
    require(tw_evaluator_create(&point.model, &evaluator) == TW_OK);
    tw_objective objective = tw_evaluator_objective(evaluator);
    double start = tw_clock_seconds();
    require(tw_symmetry_create(&point.model, point.theta, TW_RANK_TOLERANCE, NULL, &symmetry) ==
            TW_OK);
    tw_tangent tangent = tw_symmetry_tangent(symmetry);
    options.tangent = &tangent;
    options.largest = TOP;
    require(tw_degeneracy_analyse(&objective, point.theta, &options, &result) == TW_OK);
    printf("%s: rank %zu, %zu parameters\n", name, form.rank, objective.n);
    bool kept = report(&result, &sectors, tw_clock_seconds() - start);
    tw_degeneracy_result_clear(&result);
    tw_symmetry_destroy(symmetry);
    tw_evaluator_destroy(evaluator);
    tw_sectors_clear(&sectors);
    tw_point_clear(&point);
    tw_closed_form_clear(&form);
    return kept;
}

int main(int argc, char **argv) {
    struct rusage usage;
    tw_kernel_choice choice;
    require(tw_blas_choose(&choice) == TW_OK);
    printf("kernel: %s\n", choice.after);
    bool kept = run("dnc");
    kept = run("cross-polytope") && kept;
    getrusage(RUSAGE_SELF, &usage);
    double gigabytes = (double)usage.ru_maxrss / 1e6;
    printf("peak memory %.2f GB (target %.0f)\n", gigabytes, MEMORY_TARGET);
    kept = kept && gigabytes <= MEMORY_TARGET;
    return argc > 1 && strcmp(argv[1], "--check") == 0 && !kept ? 1 : 0;
}
