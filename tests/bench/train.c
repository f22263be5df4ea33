/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Optima a second: small models by L-BFGS from random normal starts to ||g|| <= 1e-10, on one core.
 *
 * Usage: train [--check]: with --check, exit 1 when a target is missed. Seconds are those of the
 * processor, so that a busy machine says the same. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/base/random.h>
#include <thalweg/dense/threads.h>
#include <thalweg/model/evaluator.h>
#include <thalweg/training/descent.h>
#include <time.h>

enum { CLASSES = 4, LAYERS = 3, WIDTH = 6, STARTS = 1000 };

#define TOLERANCE 1e-10
#define TARGET 500.0 /* optima a second */

typedef struct tally {
    size_t converged, steps, evaluations;
    double worst, seconds;
} tally;

static void require(bool condition) {
    if (condition) return;
    fprintf(stderr, "train: %s\n", tw_last_error());
    exit(3);
}

static void model_init(tw_dufm *model, double lambda) {
    require(tw_dufm_init(model, LAYERS, CLASSES) == TW_OK);
    for (size_t l = 0; l < LAYERS; l++) {
        model->widths[l] = WIDTH;
        model->lambda_W[l] = lambda;
    }
    model->widths[LAYERS] = CLASSES;
    model->lambda_H = lambda;
    for (int i = 0; i < CLASSES; i++) model->labels[i] = i;
    model->loss = tw_loss_find("ce");
    model->activation = tw_activation_find("linear");
}

static void train_once(const tw_objective *objective, uint64_t index, double *x, tally *t) {
    const tw_descent_method *method = tw_descent_method_find("lbfgs");
    const tw_descent_problem problem = {objective, NULL};
    tw_descent_options options = TW_DESCENT_DEFAULTS;
    tw_descent_state state;
    tw_descent_result result;
    tw_random stream;
    options.tolerance = TOLERANCE;
    tw_random_init(&stream, 1, TW_PURPOSE_POINT, index);
    tw_random_fill_normal(&stream, objective->n, x);
    require(tw_descent_state_init(&state, method, objective->n, x) == TW_OK);
    require(tw_descend(method, &problem, &options, &state, x, &result) == TW_OK);
    t->converged += tw_descent_is_converged(result.reason);
    t->steps += result.step;
    t->evaluations += result.evaluations;
    if (result.gradient_norm > t->worst) t->worst = result.gradient_norm;
    tw_descent_state_clear(&state);
}

static bool run_case(double lambda) {
    tw_dufm model;
    tw_evaluator *evaluator = NULL;
    tally t = {0};
    model_init(&model, lambda);
    require(tw_evaluator_create(&model, &evaluator) == TW_OK);
    tw_objective objective = tw_evaluator_objective(evaluator);
    double *x = calloc(objective.n, sizeof *x);
    if (x == NULL) exit(3);
    clock_t start = clock();
    for (uint64_t i = 0; i < STARTS; i++) train_once(&objective, i, x, &t);
    t.seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
    double rate = (double)t.converged / t.seconds;
    bool kept = rate >= TARGET && t.converged == STARTS;
    printf("%8g %9.0f %7.1f %11.1f %8.2f %6zu/%d %9.2g (target %.0f%s)\n", lambda, rate,
           (double)t.steps / STARTS, (double)t.evaluations / STARTS,
           t.seconds / (double)t.evaluations * 1e6, t.converged, STARTS, t.worst, TARGET,
           kept ? "" : ", MISSED");
    free(x);
    tw_evaluator_destroy(evaluator);
    tw_dufm_clear(&model);
    return kept;
}

int main(int argc, char **argv) {
    bool check = argc > 1 && strcmp(argv[1], "--check") == 0, kept = true;
    tw_threads_set(1);
    printf("K = %d, L = %d, d = %d, n = 1, cross entropy, to ||g|| <= %g\n", CLASSES, LAYERS, WIDTH,
           TOLERANCE);
    printf("%8s %9s %7s %11s %8s %11s %9s\n", "lambda", "optima/s", "steps", "evaluations",
           "us/eval", "converged", "worst");
    kept = run_case(1e-2) && kept;
    kept = run_case(1e-3) && kept;
    return check && !kept ? 1 : 0;
}
