/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How the work grows: the exponents of processor time in the width d, the samples N, the layers L
 * and the classes K (with rank K - 1), each doubled twice while the others stay, at collapsed
 * points of linear models. Beside them the exponents that are expected over the same sizes: those
 * of the flops for products, of the numbers that vectors hold for analyses, times their products.
 *
 * Usage: growth. Prints a Markdown table, which tests/bench/paste.py puts into
 * docs/performance.md. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <thalweg/base/random.h>
#include <thalweg/curvature/degeneracy.h>
#include <thalweg/model/evaluator.h>
#include <thalweg/operator/hessian.h>
#include <thalweg/spectrum/density.h>
#include <thalweg/symmetry/symmetry.h>

#include "bench/measure.h"

enum { WIDTH, SAMPLES, LAYERS, CLASSES, AXES, STEPS = 3, RUNS = 3 };
enum { PROBES = 2, LANCZOS_STEPS = 20 };

typedef struct growth_size {
    size_t axis[AXES];
} growth_size;

static const growth_size base = {{192, 480, 3, 8}};
static const char *const axis_names[AXES] = {"d", "N", "L", "K"};
static const growth_size first = {{128, 320, 2, 3}}; /* of the axis that is doubled */

/* A point and what measures it. */
typedef struct subject {
    growth_size size;
    tw_point point;
    tw_evaluator *evaluator;
    tw_objective objective;
    tw_hessian hessian;
    tw_linop H;
    double *v, *y;
    size_t products; /* of the last analysis */
} subject;

static void subject_init(subject *s, const growth_size *size) {
    size_t K = size->axis[CLASSES];
    s->size = *size;
    bench_collapsed(K, size->axis[SAMPLES] / K, size->axis[LAYERS], size->axis[WIDTH], &s->point);
    bench_require(tw_evaluator_create(&s->point.model, &s->evaluator) == TW_OK);
    s->objective = tw_evaluator_objective(s->evaluator);
    s->hessian = tw_hessian_at(&s->objective, s->point.theta);
    s->H = tw_hessian_linop(&s->hessian);
    s->v = bench_room(s->H.n);
    s->y = bench_room(s->H.n);
    s->products = 1;
    tw_random stream;
    tw_random_init(&stream, 1, TW_PURPOSE_TEST, 0);
    tw_random_fill_normal(&stream, s->H.n, s->v);
}

static void subject_clear(subject *s) {
    tw_evaluator_destroy(s->evaluator);
    tw_point_clear(&s->point);
    free(s->v);
    free(s->y);
}

static void do_product(subject *s) {
    bench_require(tw_linop_apply(&s->H, 1, s->v, s->H.n, s->y, s->H.n) == TW_OK);
}

static void do_draft(subject *s) {
    bench_require(tw_linop_draft(&s->H, 1, s->v, s->H.n, s->y, s->H.n) == TW_OK);
}

static void do_degeneracy(subject *s) {
    tw_symmetry *symmetry = NULL;
    tw_degeneracy_options options = TW_DEGENERACY_DEFAULTS;
    tw_degeneracy_result result;
    bench_require(tw_symmetry_create(&s->point.model, s->point.theta, TW_RANK_TOLERANCE, NULL,
                                     &symmetry) == TW_OK);
    tw_tangent tangent = tw_symmetry_tangent(symmetry);
    options.tangent = &tangent;
    bench_require(tw_degeneracy_analyse(&s->objective, s->point.theta, &options, &result) == TW_OK);
    s->products = result.products;
    if (result.verdict !=
        TW_VERDICT_MINIMUM) { /* a saddle's negative modes are listed one by one */
        fprintf(stderr, "growth: the points are to be minima, and one is not\n");
        exit(3);
    }
    tw_degeneracy_result_clear(&result);
    tw_symmetry_destroy(symmetry);
}

static void do_density(subject *s) {
    tw_density_options options = TW_DENSITY_DEFAULTS;
    options.probes = PROBES;
    options.steps = LANCZOS_STEPS;
    tw_density_result result;
    bench_require(tw_density_estimate(&s->H, &options, &result) == TW_OK);
    s->products = result.products;
    tw_density_result_clear(&result);
}

/* docs/mathematics.md, sections 2 and 2.1. */
static double product_flops(const subject *s) {
    double flops = 0.0;
    const size_t *widths = s->point.model.widths;
    for (size_t l = 1; l <= s->point.model.layers; l++)
        flops += 12.0 * (double)(s->point.model.samples * widths[l] * widths[l - 1]);
    return flops;
}

static double draft_flops(const subject *s) {
    const size_t *widths = s->point.model.widths;
    double rank = (double)s->size.axis[CLASSES] - 1.0;
    double entries = (double)(s->point.model.samples * widths[0]);
    for (size_t l = 1; l <= s->point.model.layers; l++)
        entries += (double)(widths[l] * widths[l - 1]);
    return 8.0 * rank * entries;
}

static double vector_entries(const subject *s) {
    return (double)s->H.n * (double)s->products;
}

typedef struct growth_work {
    const char *name;
    void (*job)(subject *s);
    double (*expected)(const subject *s);
} growth_work;

static const growth_work works[] = {{"product", do_product, product_flops},
                                    {"draft", do_draft, draft_flops},
                                    {"`degeneracy`", do_degeneracy, vector_entries},
                                    {"`density`, random probes", do_density, vector_entries}};
enum { WORKS = sizeof works / sizeof *works };

typedef struct growth_figure {
    double seconds, expected;
    size_t products;
} growth_figure;

static growth_figure measure(subject *s, const growth_work *work) {
    double runs[RUNS];
    /* What is made once at a point falls into the first run, and so not into the median. */
    for (int run = 0; run < RUNS; run++) {
        size_t count = 0;
        double start = bench_processor_seconds(), spent;
        do {
            work->job(s);
            count++;
            spent = bench_processor_seconds() - start;
        } while (spent < 0.05);
        runs[run] = spent / (double)count;
    }
    return (growth_figure){bench_median(runs, RUNS), work->expected(s), s->products};
}

static double exponent(double at_first, double at_last) {
    return log2(at_last / at_first) / (STEPS - 1);
}

int main(void) {
    static growth_figure figures[WORKS][AXES][STEPS];
    bench_kernel();
    for (int axis = 0; axis < AXES; axis++) {
        growth_size size = base;
        size.axis[axis] = first.axis[axis];
        for (int step = 0; step < STEPS; step++, size.axis[axis] *= 2) {
            subject s = {0};
            subject_init(&s, &size);
            for (size_t i = 0; i < WORKS; i++) figures[i][axis][step] = measure(&s, &works[i]);
            fprintf(stderr, "%s = %zu: %.1f s\n", axis_names[axis], size.axis[axis],
                    bench_processor_seconds());
            subject_clear(&s);
        }
    }
    printf("\n| work |");
    for (int axis = 0; axis < AXES; axis++)
        printf(" %s = %zu .. %zu |", axis_names[axis], first.axis[axis],
               first.axis[axis] << (STEPS - 1));
    printf("\n| --- |");
    for (int axis = 0; axis < AXES; axis++) printf(" --: |");
    for (size_t i = 0; i < WORKS; i++) {
        printf("\n| %s |", works[i].name);
        for (int axis = 0; axis < AXES; axis++) {
            const growth_figure *at = figures[i][axis], *last = &at[STEPS - 1];
            printf(" %.2f (%.2f): %.2g .. %.2g s", exponent(at->seconds, last->seconds),
                   exponent(at->expected, last->expected), at->seconds, last->seconds);
            if (last->products > 1) printf(", %zu .. %zu products", at->products, last->products);
            printf(" |");
        }
    }
    printf(
        "\n\nWhere an axis stays: d = %zu, N = %zu, L = %zu, K = %zu; density by %d probes of at "
        "most %d steps.\n",
        base.axis[WIDTH], base.axis[SAMPLES], base.axis[LAYERS], base.axis[CLASSES], PROBES,
        LANCZOS_STEPS);
    return 0;
}
