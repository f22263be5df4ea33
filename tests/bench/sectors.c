/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The whole spectrum of a collapsed optimum with more than 2.5e8 parameters (K = 10, L = 4, d =
 * 4096, n = 5000) by sectors, from the point in memory and from its class logits alone, beside the
 * closed form's own spectrum. Takes 3 GB.
 *
 * Usage: sectors [--check]: with --check, exit 1 when a target is missed. */
#include <inttypes.h>
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/base/monitor.h>
#include <thalweg/optima/balanced.h>
#include <thalweg/optima/closed_form.h>

enum { K = 10, PER_CLASS = 5000, WIDTH = 4096, LAYERS = 4 };
#define LAMBDA 1e-6
#define TARGET_SECONDS 1.0

static void require(bool condition) {
    if (condition) return;
    fprintf(stderr, "sectors: %s\n", tw_last_error());
    exit(3);
}

static double value_at(const tw_levels *levels, uint64_t index) {
    for (size_t i = 0; i < levels->count; i++) {
        if (index < levels->rows[i].copies) return levels->rows[i].value;
        index -= levels->rows[i].copies;
    }
    return NAN;
}

/* Worst difference at the borders of all levels, over the norm. */
static double distance(const tw_levels *a, const tw_levels *b, double norm) {
    double worst = tw_levels_total(a) == tw_levels_total(b) ? 0.0 : NAN;
    uint64_t at = 0;
    for (size_t i = 0; i < a->count; i++) {
        uint64_t last = at + a->rows[i].copies - 1;
        worst = fmax(worst, fabs(a->rows[i].value - value_at(b, at)));
        worst = fmax(worst, fabs(a->rows[i].value - value_at(b, last)));
        at = last + 1;
    }
    return worst / norm;
}

int main(int argc, char **argv) {
    const tw_closed_case given = {K, PER_CLASS, WIDTH, LAYERS, LAMBDA, tw_loss_find("ce")};
    const size_t widths[LAYERS + 1] = {WIDTH, WIDTH, WIDTH, WIDTH, K};
    const double lambda[LAYERS] = {LAMBDA, LAMBDA, LAMBDA, LAMBDA};
    const tw_sector_options options = TW_SECTOR_DEFAULTS;
    double Z[K * K], sizes[K];
    tw_closed_form form = {0};
    tw_point point = {0};
    tw_sectors of_point, of_logits;
    for (size_t k = 0; k < K; k++) sizes[k] = PER_CLASS;
    require(tw_closed_form_solve(&given, "dnc", &form) == TW_OK && form.exists);
    require(tw_closed_form_class_logits(&form, Z) == TW_OK);
    const tw_class_logits logits = {Z, sizes, LAYERS, widths, lambda, LAMBDA, given.loss};
    require(tw_balanced_point(&logits, 1, &point) == TW_OK);
    double start = tw_clock_seconds();
    require(tw_sectors_of_point(&point.model, point.theta, &options, &of_point) == TW_OK);
    double point_seconds = tw_clock_seconds() - start;
    require(of_point.applicable);
    start = tw_clock_seconds();
    require(tw_sectors_of_logits(&logits, &options, &of_logits) == TW_OK && of_logits.applicable);
    double logit_seconds = tw_clock_seconds() - start;
    double point_error = distance(&form.levels, &of_point.levels, of_point.norm);
    double logit_error = distance(&form.levels, &of_logits.levels, of_point.norm);
    printf("%" PRIu64 " parameters, %zu levels\n", form.parameters, of_point.levels.count);
    printf("from the point in memory: %.2f s (target %.0f), off the closed form by %.1e ||H||\n",
           point_seconds, TARGET_SECONDS, point_error);
    printf("from the class logits:    %.2f s, off by %.1e ||H||\n", logit_seconds, logit_error);
    bool kept = point_seconds <= TARGET_SECONDS && point_error <= 1e-12 && logit_error <= 1e-12;
    tw_sectors_clear(&of_point);
    tw_sectors_clear(&of_logits);
    tw_point_clear(&point);
    tw_closed_form_clear(&form);
    return argc > 1 && strcmp(argv[1], "--check") == 0 && !kept ? 1 : 0;
}
