/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "training.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/initialisation.h>

#include "new_model.h"
#include "plan.h"
#include "progress.h"

#define DEFAULT_LAW "H:normal:1,W:uniform-fanin" /* as PyTorch draws linear layers and features */

/* ---- Settings ---- */

/* A number of the run: its key in the file, what the command line says (NAN: nothing). */
typedef struct number {
    const char *key;
    double given;
    double *field; /* of the options; NULL: a count */
    size_t *count;
} number;

static double or_nothing(size_t count) {
    return count > 0 ? (double)count : (double)NAN;
}

static double positive_or_nothing(double value) {
    return value > 0.0 ? value : (double)NAN;
}

/* The command line wins over the file, the file over the defaults. */
static tw_status settle(const number *one, tw_json *file) {
    double value = one->field ? *one->field : (double)*one->count, stored;
    if (tw_json_as_number(tw_json_get(file, one->key), &stored)) value = stored;
    if (!isnan(one->given)) value = one->given;
    if (one->field)
        *one->field = value;
    else
        *one->count = (size_t)value;
    return isinf(value) ? TW_OK : tw_json_set(file, one->key, tw_json_number(value));
}

static tw_status read_numbers(cli_training *t, tw_trajectory_options *rows) {
    tw_status status = TW_OK;
    const cli_settings *s = &t->run->settings;
    tw_descent_options *o = &t->options;
    double momentum = s->momentum ? strtod(s->momentum, NULL) : (double)NAN;
    const number numbers[] = {
        {"tolerance", positive_or_nothing(s->goal), &o->tolerance, NULL},
        {"steps", or_nothing(s->descent_steps), NULL, &o->max_steps},
        {"checkpoint", or_nothing(s->checkpoint), NULL, &o->segment},
        {"rate", positive_or_nothing(s->rate), &o->rate, NULL},
        {"momentum", momentum, &o->momentum, NULL},
        {"batch", or_nothing(s->batch), NULL, &o->batch},
        {"t_end", positive_or_nothing(s->end_time), &o->end_time, NULL},
        {"accuracy", positive_or_nothing(s->accuracy), &o->accuracy, NULL},
        {"every", or_nothing(s->every), NULL, &rows->every},
    };
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        TW_TRY(settle(&numbers[i], t->settings));
cleanup:
    return status;
}

/* What a run cannot change once it has begun: the file's text when there is one. */
static tw_status settle_text(tw_json *file, const char *key, const char *given,
                             const char *fallback, const char **text) {
    const char *stored = tw_json_as_string(tw_json_get(file, key));
    if (stored && given && strcmp(stored, given) != 0)
        return tw_fail(TW_ERR_ARGUMENT, "--%s: the run was begun with '%.80s'", key, stored);
    if (stored == NULL)
        return tw_json_set(file, key, tw_json_string(*text = given ? given : fallback));
    *text = stored;
    return TW_OK;
}

static tw_status read_method(cli_training *t) {
    tw_status status = TW_OK;
    const char *name;
    TW_TRY(settle_text(t->settings, "method", t->run->settings.descent, "lbfgs", &name));
    t->method = tw_descent_method_find(name);
    if (t->method == NULL)
        status = tw_fail(TW_ERR_ARGUMENT, "there is no descent method '%.40s'", name);
cleanup:
    return status;
}

/* Seeds of a run stay what they were. */
static tw_status read_seed(cli_training *t, const char *key, size_t given, uint64_t *seed) {
    long long stored;
    *seed = given;
    if (!tw_json_as_integer(tw_json_get(t->settings, key), &stored))
        return tw_json_set(t->settings, key, tw_json_integer((long long)given));
    *seed = (uint64_t)stored;
    return TW_OK;
}

bool training_is_unregularised(const cli_training *t) {
    const tw_dufm *model = &t->point.model;
    bool ridge = model->lambda_H > 0.0 || (model->bias && model->lambda_b > 0.0);
    for (size_t l = 0; l < model->layers; l++) ridge = ridge || model->lambda_W[l] > 0.0;
    return !ridge;
}

/* ---- Opening ---- */

static tw_status draw_start(cli_training *t) {
    tw_status status = TW_OK;
    const cli_settings *s = &t->run->settings;
    tw_initialisation init = {0};
    const char *law;
    uint64_t seed, restart;
    TW_TRY(settle_text(t->settings, "init", s->init, DEFAULT_LAW, &law));
    TW_TRY(read_seed(t, "seed", s->seed, &seed));
    TW_TRY(read_seed(t, "restart", s->restart, &restart));
    TW_TRY(tw_initialisation_parse(&t->point.model, law, &init));
    TW_TRY(tw_initialise(&t->point.model, &init, seed, restart, t->point.theta));
cleanup:
    tw_initialisation_clear(&init);
    return status;
}

static tw_status open_fresh(cli_training *t) {
    tw_status status = TW_OK;
    const cli_settings *s = &t->run->settings;
    TW_TRY(new_model_read(s, &t->point.model));
    TW_TRY(memory_claim(s, gigabytes_of_point(&t->point.model), "training"));
    t->point.theta = calloc(tw_dufm_parameters(&t->point.model), sizeof(double));
    t->settings = tw_json_object();
    TW_TRY(t->point.theta && t->settings ? TW_OK : tw_fail(TW_ERR_MEMORY, "no memory to train"));
    TW_TRY(draw_start(t));
cleanup:
    return status;
}

static tw_status open_tools(cli_training *t) {
    tw_status status = TW_OK;
    const tw_dufm *model = &t->point.model;
    TW_TRY(tw_evaluator_create(model, &t->evaluator));
    t->objective = tw_evaluator_objective(t->evaluator);
    t->gradient = calloc(t->objective.n, sizeof *t->gradient);
    if (t->gradient == NULL) return tw_fail(TW_ERR_MEMORY, "no memory to train");
    if (t->options.batch >= model->samples) return TW_OK;
    TW_TRY(tw_batch_create(model, t->options.batch, &t->batch));
    t->minibatch = (tw_minibatch){model->samples, tw_batch_gradient, t->batch};
cleanup:
    return status;
}

static tw_status open_trajectory(cli_training *t, const tw_trajectory_options *options) {
    tw_status status = TW_OK;
    if (t->run->settings.trajectory == NULL && !training_is_unregularised(t)) return TW_OK;
    TW_TRY(tw_trajectory_create(&t->point.model, options, &t->trajectory));
    TW_TRY(training_read_rows(t));
cleanup:
    return status;
}

tw_status training_open(cli_training *t, const cli_invocation *run) {
    tw_status status = TW_OK;
    const cli_settings *s = &run->settings;
    tw_trajectory_options rows = TW_TRAJECTORY_DEFAULTS;
    *t = (cli_training){.run = run, .options = TW_DESCENT_DEFAULTS};
    t->output = s->output ? s->output : s->resume;
    TW_TRY(training_check_outputs(t));
    if (s->smooth && s->polish_after)
        TW_TRY(tw_fail(TW_ERR_ARGUMENT, "--smooth and --polish exclude each other"));
    TW_TRY(s->resume ? training_read(t) : open_fresh(t));
    TW_TRY(read_method(t));
    TW_TRY(read_numbers(t, &rows));
    TW_TRY(read_seed(t, "seed", s->seed, &t->options.seed));
    rows.seed = t->options.seed;
    rows.smallest = s->lambda_min;
    rows.rank_tolerance = s->rank_tolerance;
    TW_TRY(open_tools(t));
    if (s->resume)
        TW_TRY(training_read_state(t));
    else
        TW_TRY(tw_descent_state_init(&t->state, t->method, t->objective.n, t->point.theta));
    TW_TRY(open_trajectory(t, &rows));
    t->last_kept = tw_clock_seconds();
cleanup:
    return status;
}

void training_close(cli_training *t) {
    tw_trajectory_destroy(t->trajectory);
    tw_batch_destroy(t->batch);
    tw_evaluator_destroy(t->evaluator);
    free(t->gradient);
    tw_descent_state_clear(&t->state);
    tw_json_destroy(t->settings);
    tw_bundle_clear(&t->bundle);
    tw_point_clear(&t->point);
    *t = (cli_training){0};
}

/* ---- Running ---- */

static tw_status see(void *self, const tw_descent_view *view) {
    cli_training *t = self;
    return t->trajectory ? tw_trajectory_see(t->trajectory, view) : TW_OK;
}

static tw_status polish(cli_training *t) {
    tw_status status = TW_OK;
    tw_newton_options options = TW_NEWTON_DEFAULTS;
    tw_newton_result newton;
    tw_polish_outcome outcome;
    options.monitor = progress_monitor();
    options.curvature_cap = 1.0;
    TW_TRY(tw_point_polish(t->evaluator, &options, t->point.theta, &newton, &outcome));
    if (outcome == TW_POLISH_KINKED) return TW_OK;
    t->result.value = newton.value;
    t->result.gradient_norm = newton.gradient_norm;
    t->result.evaluations += newton.evaluations;
    t->result.products += newton.products;
cleanup:
    return status;
}

/* --smooth: from where the descent ended to a first-order optimal point beside it, kinks or none.
 */
static tw_status smooth(cli_training *t) {
    tw_smoothing_options options = TW_SMOOTHING_DEFAULTS;
    options.monitor = progress_monitor();
    tw_status status =
        tw_smoothing_descend(&t->point.model, &options, t->point.theta, &t->smoothing);
    t->result.evaluations += t->smoothing.evaluations;
    t->result.products += t->smoothing.products;
    t->result.seconds += t->smoothing.seconds;
    return status;
}

tw_status training_run(cli_training *t) {
    tw_status status = TW_OK;
    const tw_descent_problem problem = {&t->objective, t->batch ? &t->minibatch : NULL};
    const tw_observer observer = {see, training_keep, t};
    t->options.monitor = progress_monitor();
    t->options.observer = &observer;
    TW_TRY(tw_descend(t->method, &problem, &t->options, &t->state, t->point.theta, &t->result));
    if (t->run->settings.smooth && t->result.reason != TW_DESCENT_CANCELLED)
        TW_TRY(smooth(t));
    else if (t->run->settings.polish_after && t->result.reason != TW_DESCENT_CANCELLED)
        TW_TRY(polish(t));
cleanup:
    progress_clear();
    t->options.observer = NULL;
    return status;
}
