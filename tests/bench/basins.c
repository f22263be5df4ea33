/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Restarts a second on one core, from the draw to the named class: L-BFGS, polish, modes,
 * identification. And how much of that time is spent outside the model's own products: the
 * gradients and Hessian products that were counted, each at the price that it has in a loop of its
 * own.
 *
 * Usage: basins [--check]: with --check, exit 1 when a target is missed. Seconds are those of the
 * processor, so that a busy machine says the same. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/campaign/job.h>
#include <thalweg/campaign/setting.h>
#include <thalweg/model/evaluator.h>

#include "bench/measure.h"

typedef struct bench_case {
    const char *name, *setting;
    size_t restarts;
    double rate;    /* target, restarts a second; 0: none */
    double outside; /* target, share of time outside products; 1: none */
    bool told;      /* of the share: a miss is told and fails nothing */
} bench_case;

static const bench_case cases[] = {
    {"K=4 L=3 d=6 n=1",
     "{\"classes\":4,\"samples\":1,\"width\":6,\"depth\":3,\"lambda\":0.002,"
     "\"init\":\"normal-fanin:0.6\",\"method\":\"lbfgs\",\"seed\":1}",
     2000, 300.0, 1.0, true},
    {"K=10 L=2 d=70 n=5, gradient descent",
     "{\"classes\":10,\"samples\":5,\"width\":70,\"depth\":2,\"lambda\":0.0009765625,"
     "\"method\":\"gd\",\"lr\":0.5,\"steps\":30000,\"seed\":1}",
     2, 0.0, 0.3, false},
    {"K=10 L=2 d=70 n=5, flow",
     "{\"classes\":10,\"samples\":5,\"width\":70,\"depth\":2,\"lambda\":0.0009765625,"
     "\"method\":\"flow\",\"seed\":1}",
     4, 0.0, 0.3, true},
    {"K=10 L=2 d=70 n=5, L-BFGS",
     "{\"classes\":10,\"samples\":5,\"width\":70,\"depth\":2,\"lambda\":0.0009765625,"
     "\"method\":\"lbfgs\",\"seed\":1}",
     40, 0.0, 0.3, true},
};

typedef struct tally {
    size_t minima, evaluations, products;
    double seconds;
} tally;

static void run_restarts(const bench_case *c, tally *t) {
    const tw_match_options match = TW_MATCH_DEFAULTS;
    tw_job *job = NULL;
    tw_matcher *matcher = NULL;
    bench_require(tw_job_create(c->setting, &job) == TW_OK);
    bench_require(tw_job_matcher(job, &match, &matcher) == TW_OK);
    double start = bench_processor_seconds();
    for (size_t i = 0; i < c->restarts; i++) {
        tw_store_row row;
        bool finished;
        size_t class;
        bench_require(tw_job_run(job, i, NULL, &row, &finished) == TW_OK && finished);
        tw_signature signature = tw_job_signature(&row);
        bench_require(tw_matcher_add(matcher, &signature, &class) == TW_OK);
        t->minima += signature.state == TW_STATE_MINIMUM;
        t->evaluations += row.evaluations;
        t->products += row.products;
    }
    t->seconds = bench_processor_seconds() - start;
    printf("%s:", c->name);
    for (size_t i = 0; i < tw_matcher_count(matcher); i++) {
        tw_match_class class = tw_matcher_class(matcher, i);
        if (class.count > 0) printf(" %s %zu", class.name, class.count);
    }
    printf("\n");
    tw_matcher_destroy(matcher);
    tw_job_destroy(job);
}

/* Seconds of one gradient and of one Hessian product at a point of the setting's law. */
static void measure_prices(const bench_case *c, double *gradient, double *product) {
    tw_setting setting = {0};
    tw_evaluator *evaluator = NULL;
    double value, seconds[2];
    bench_require(tw_setting_parse(c->setting, &setting) == TW_OK);
    bench_require(tw_evaluator_create(&setting.model, &evaluator) == TW_OK);
    tw_objective f = tw_evaluator_objective(evaluator);
    double *x = calloc(f.n, sizeof *x), *g = calloc(f.n, sizeof *g), *y = calloc(f.n, sizeof *y);
    if (x == NULL || g == NULL || y == NULL) exit(3);
    bench_require(tw_initialise(&setting.model, &setting.init, 1, 0, x) == TW_OK);
    for (int kind = 0; kind < 2; kind++) {
        double start = bench_processor_seconds();
        size_t count = 0;
        for (; count % 16 || bench_processor_seconds() - start < 0.3; count++)
            bench_require((kind ? f.hessian(f.self, x, 1, g, f.n, y, f.n)
                                : f.eval(f.self, x, &value, g)) == TW_OK);
        seconds[kind] = (bench_processor_seconds() - start) / (double)count;
    }
    *gradient = seconds[0];
    *product = seconds[1];
    free(x);
    free(g);
    free(y);
    tw_evaluator_destroy(evaluator);
    tw_setting_clear(&setting);
}

static bool run_case(const bench_case *c) {
    tally t = {0};
    double gradient, product, restarts = (double)c->restarts;
    run_restarts(c, &t);
    measure_prices(c, &gradient, &product);
    double inside = gradient * (double)t.evaluations + product * (double)t.products;
    double rate = restarts / t.seconds, outside = 1.0 - inside / t.seconds;
    bool within = outside <= c->outside;
    bool kept = t.minima == c->restarts && rate >= c->rate && (within || c->told);
    printf("  %.4g restarts a second", rate);
    if (c->rate > 0.0) printf(" (target %.0f)", c->rate);
    printf("; %.1f gradients of %.3g us, %.1f Hessian products of %.3g us a restart\n",
           (double)t.evaluations / restarts, 1e6 * gradient, (double)t.products / restarts,
           1e6 * product);
    printf("  %.0f %% of the time outside them", 100.0 * outside);
    if (c->outside < 1.0)
        printf(" (target %.0f %%%s)", 100.0 * c->outside, within ? "" : ": missed");
    printf("; %zu of %zu are minima%s\n", t.minima, c->restarts, kept ? "" : "; CHECK FAILED");
    return kept;
}

int main(int argc, char **argv) {
    bool check = argc > 1 && strcmp(argv[1], "--check") == 0, kept = true;
    bench_kernel();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) kept = run_case(&cases[i]) && kept;
    return check && !kept ? 1 : 0;
}
