/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run of `train` is asked: by the command line, by the file it is taken up from, by default;
 * all of it stands in the file, so that --resume needs no option a second time. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "training.h"

#define DEFAULT_LAW "H:normal:1,W:uniform-fanin" /* as PyTorch draws linear layers and features */

/* ---- Numbers ---- */

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

/* Without a ridge the gradient of cross entropy falls like 1/t for ever: a small one says nothing
 * about the direction, and must not end a run that was asked for up to a time. */
static bool runs_to_its_time(const cli_training *t) {
    bool timed = t->run->settings.end_time > 0.0 || tw_json_get(t->settings, "t_end") != NULL;
    return timed && !tw_dufm_has_ridge(&t->point.model) &&
           t->point.model.loss == tw_loss_find("ce");
}

static tw_status settle_numbers(cli_training *t, tw_trajectory_options *rows) {
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
    if (runs_to_its_time(t)) o->tolerance = 0.0;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        TW_TRY(settle(&numbers[i], t->settings));
cleanup:
    return status;
}

/* ---- What a run that has begun cannot change ---- */

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

static tw_status settle_seed(cli_training *t, const char *key, size_t given, uint64_t *seed) {
    long long stored;
    *seed = given;
    if (!tw_json_as_integer(tw_json_get(t->settings, key), &stored))
        return tw_json_set(t->settings, key, tw_json_integer((long long)given));
    *seed = (uint64_t)stored;
    if (*seed != given && settings_given(&t->run->settings, key))
        return tw_fail(TW_ERR_ARGUMENT, "--%s: the run was begun with %lld", key, stored);
    return TW_OK;
}

static tw_status settle_method(cli_training *t) {
    tw_status status = TW_OK;
    const char *name;
    TW_TRY(settle_text(t->settings, "method", t->run->settings.descent, "lbfgs", &name));
    t->method = tw_descent_method_find(name);
    if (t->method == NULL)
        status = tw_fail(TW_ERR_ARGUMENT, "there is no descent method '%.40s'", name);
cleanup:
    return status;
}

static tw_status refuse_model_options(const cli_training *t) {
    static const char *const options[] = {"classes",  "samples", "width",    "widths",
                                          "depth",    "lambda",  "lambda-W", "lambda-H",
                                          "lambda-b", "bias",    "loss",     "activation"};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (settings_given(&t->run->settings, options[i]))
            return tw_fail(TW_ERR_ARGUMENT, "--%s: %s says that, a run keeps its model", options[i],
                           t->run->settings.resume);
    return TW_OK;
}

tw_status training_settle_start(cli_training *t) {
    tw_status status = TW_OK;
    const cli_settings *s = &t->run->settings;
    if (s->resume) TW_TRY(refuse_model_options(t));
    TW_TRY(settle_text(t->settings, "init", s->init, DEFAULT_LAW, &t->law));
    TW_TRY(settle_seed(t, "seed", s->seed, &t->options.seed));
    TW_TRY(settle_seed(t, "restart", s->restart, &t->restart));
cleanup:
    return status;
}

/* ---- What is done beside the descent ---- */

/* Asked for now or when the run began. */
static tw_status settle_flag(tw_json *file, const char *key, bool given, bool *flag) {
    bool stored = false;
    *flag = given || (tw_json_as_boolean(tw_json_get(file, key), &stored) && stored);
    return *flag ? tw_json_set(file, key, tw_json_boolean(true)) : TW_OK;
}

static tw_status settle_rows(cli_training *t, tw_trajectory_options *rows) {
    tw_status status = TW_OK;
    const cli_settings *s = &t->run->settings;
    if (s->trajectory)
        TW_TRY(tw_json_set(t->settings, "trajectory", tw_json_string(s->trajectory)));
    t->rows = tw_json_as_string(tw_json_get(t->settings, "trajectory"));
    TW_TRY(settle_flag(t->settings, "lambda_min", s->lambda_min, &rows->smallest));
    if (t->rows == NULL && s->lambda_min)
        TW_TRY(tw_fail(TW_ERR_ARGUMENT, "--lambda-min goes with --trajectory"));
    if (t->rows == NULL && s->every > 0 && tw_dufm_has_ridge(&t->point.model))
        TW_TRY(tw_fail(TW_ERR_ARGUMENT, "--every goes with --trajectory"));
    rows->seed = t->options.seed;
    rows->rank_tolerance = s->rank_tolerance;
cleanup:
    return status;
}

static tw_status settle_finish(cli_training *t) {
    tw_status status = TW_OK;
    const cli_settings *s = &t->run->settings;
    const char *activation = t->point.model.activation->name;
    TW_TRY(settle_flag(t->settings, "polish", s->polish_after, &t->polish));
    TW_TRY(settle_flag(t->settings, "smooth", s->smooth, &t->smooth));
    if (t->smooth && t->polish)
        TW_TRY(tw_fail(TW_ERR_ARGUMENT, "--smooth and --polish exclude each other"));
    if (t->smooth && strcmp(activation, "relu") != 0)
        TW_TRY(tw_fail(TW_ERR_ARGUMENT, "--smooth is for the activation relu, not for %s",
                       activation));
cleanup:
    return status;
}

/* Is the name one of a list with commas? */
static bool listed(const char *list, const char *name) {
    size_t length = strlen(name);
    for (const char *at = list; at; at = strchr(at, ','), at = at ? at + 2 : NULL)
        if (strncmp(at, name, length) == 0 && (at[length] == ',' || at[length] == '\0'))
            return true;
    return false;
}

/* An option that the method would not look at is a mistake of whoever gave it. */
static tw_status refuse_idle_options(const cli_training *t) {
    static const struct {
        const char *option, *methods;
    } rows[] = {{"lr", "gd, momentum, sgd, adam"},
                {"momentum", "momentum, sgd, adam"},
                {"batch", "sgd, adam"},
                {"t-end", "gd, momentum, sgd, adam, flow"},
                {"accuracy", "flow"}};
    const char *name = tw_descent_method_name(t->method);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (settings_given(&t->run->settings, rows[i].option) && !listed(rows[i].methods, name))
            return tw_fail(TW_ERR_ARGUMENT, "--%s goes with --method %s; this is %s",
                           rows[i].option, rows[i].methods, name);
    return TW_OK;
}

tw_status training_settle(cli_training *t, tw_trajectory_options *rows) {
    tw_status status = TW_OK;
    TW_TRY(settle_method(t));
    TW_TRY(refuse_idle_options(t));
    TW_TRY(settle_numbers(t, rows));
    TW_TRY(settle_rows(t, rows));
    TW_TRY(settle_finish(t));
cleanup:
    return status;
}
