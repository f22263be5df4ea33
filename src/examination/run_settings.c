/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a run is asked: now, by the file it is taken up from, by default; all of it is kept in the
 * file, so that a run that is taken up needs nothing a second time. */
#include "examination/run_private.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* ---- Numbers ---- */

/* A number of the run and its member. */
typedef struct number {
    const char *key;
    double *field; /* NULL: a count */
    size_t *count;
} number;

/* What is asked for now wins over the file, the file over the defaults. */
static tw_status settle(const number *one, const tw_json *given, tw_json *file) {
    double value = one->field ? *one->field : (double)*one->count, said;
    if (tw_json_as_number(tw_json_get(file, one->key), &said)) value = said;
    if (tw_json_as_number(tw_json_get(given, one->key), &said)) value = said;
    if (one->field)
        *one->field = value;
    else
        *one->count = (size_t)value;
    return isinf(value) ? TW_OK : tw_json_set(file, one->key, tw_json_number(value));
}

/* Without a ridge a loss that no point attains has a gradient that falls like 1/t for ever: a small
 * one says nothing about the direction, and must not end a run that was asked for up to a time. */
static bool runs_to_its_time(const tw_run *run, const tw_json *given) {
    bool timed = tw_json_get(given, "t_end") || tw_json_get(run->settings, "t_end");
    return timed && !tw_dufm_has_ridge(&run->point.model) && run->point.model.loss->separates;
}

static tw_status settle_numbers(tw_run *run, const tw_json *given, tw_trajectory_options *rows) {
    tw_status status = TW_OK;
    tw_descent_options *o = &run->options;
    const number numbers[] = {
        {"tolerance", &o->tolerance, NULL}, {"steps", NULL, &o->max_steps},
        {"checkpoint", NULL, &o->segment},  {"lr", &o->rate, NULL},
        {"momentum", &o->momentum, NULL},   {"batch", NULL, &o->batch},
        {"t_end", &o->end_time, NULL},      {"accuracy", &o->accuracy, NULL},
        {"every", NULL, &rows->every},
    };
    if (runs_to_its_time(run, given)) o->tolerance = 0.0;
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        TW_TRY(settle(&numbers[i], given, run->settings));
cleanup:
    return status;
}

/* ---- What a run that has begun cannot change ---- */

/* *text (out) is borrowed from the file. */
static tw_status settle_text(tw_json *file, const char *key, const char *given,
                             const char *fallback, const char **text) {
    tw_status status = TW_OK;
    const char *stored = tw_json_as_string(tw_json_get(file, key));
    if (stored && given && strcmp(stored, given) != 0)
        return tw_fail(TW_ERR_ARGUMENT, "%s: the run was begun with '%.80s'", key, stored);
    if (stored == NULL) TW_TRY(tw_json_set(file, key, tw_json_string(given ? given : fallback)));
    *text = tw_json_as_string(tw_json_get(file, key));
cleanup:
    return status;
}

static tw_status settle_seed(tw_json *file, const char *key, const tw_json *given,
                             long long fallback, uint64_t *seed) {
    long long stored, now = fallback;
    bool asked = tw_json_as_integer(tw_json_get(given, key), &now);
    if (!tw_json_as_integer(tw_json_get(file, key), &stored)) {
        *seed = (uint64_t)now;
        return tw_json_set(file, key, tw_json_integer(now));
    }
    *seed = (uint64_t)stored;
    if (asked && now != stored)
        return tw_fail(TW_ERR_ARGUMENT, "%s: the run was begun with %lld", key, stored);
    return TW_OK;
}

static const char *said(const tw_json *given, const char *key) {
    return tw_json_as_string(tw_json_get(given, key));
}

tw_status tw_run_settle_start(tw_run *run, const tw_json *given) {
    tw_status status = TW_OK;
    TW_TRY(settle_text(run->settings, "init", said(given, "init"), TW_RUN_LAW, &run->law));
    TW_TRY(settle_seed(run->settings, "seed", given, 1, &run->options.seed));
    TW_TRY(settle_seed(run->settings, "restart", given, 0, &run->restart));
cleanup:
    return status;
}

static tw_status settle_method(tw_run *run, const tw_json *given) {
    tw_status status = TW_OK;
    const char *name;
    TW_TRY(settle_text(run->settings, "method", said(given, "method"), "lbfgs", &name));
    run->method = tw_descent_method_find(name);
    if (run->method == NULL)
        status = tw_fail(TW_ERR_ARGUMENT, "there is no descent method '%.40s'", name);
cleanup:
    return status;
}

static void append(char *names, size_t room, const char *name) {
    size_t length = strlen(names);
    snprintf(names + length, room - length, "%s%s", length ? ", " : "", name);
}

/* A number that the method would not look at is a mistake of whoever gave it. */
static tw_status refuse_idle(const tw_run *run, const tw_json *given) {
    const char *key = NULL;
    char names[128] = "";
    while (tw_json_next(given, &key) != NULL) {
        if (tw_descent_method_takes(run->method, key)) continue;
        for (size_t i = 0; tw_descent_method_at(i); i++)
            if (tw_descent_method_takes(tw_descent_method_at(i), key))
                append(names, sizeof names, tw_descent_method_name(tw_descent_method_at(i)));
        return tw_fail(TW_ERR_ARGUMENT, "%s goes with method %s; this is %s", key, names,
                       tw_descent_method_name(run->method));
    }
    return TW_OK;
}

/* ---- What is done beside the descent ---- */

/* Asked for now or when the run began. */
static tw_status settle_flag(tw_json *file, const char *key, const tw_json *given, bool *flag) {
    bool now = false, stored = false;
    tw_json_as_boolean(tw_json_get(given, key), &now);
    tw_json_as_boolean(tw_json_get(file, key), &stored);
    *flag = now || stored;
    return *flag ? tw_json_set(file, key, tw_json_boolean(true)) : TW_OK;
}

static tw_status settle_rows(tw_run *run, const tw_json *given, tw_trajectory_options *rows) {
    tw_status status = TW_OK;
    const char *path = said(given, "trajectory");
    if (path) TW_TRY(tw_json_set(run->settings, "trajectory", tw_json_string(path)));
    run->rows = said(run->settings, "trajectory");
    TW_TRY(settle_flag(run->settings, "lambda_min", given, &rows->smallest));
    if (run->rows == NULL && tw_json_get(given, "lambda_min"))
        return tw_fail(TW_ERR_ARGUMENT, "lambda_min goes with a trajectory");
    if (run->rows == NULL && tw_json_get(given, "every") && tw_dufm_has_ridge(&run->point.model))
        return tw_fail(TW_ERR_ARGUMENT, "every goes with a trajectory");
    rows->seed = run->options.seed;
    rows->rank_tolerance = run->rank_tolerance;
    rows->monitor = run->monitor;
cleanup:
    return status;
}

static tw_status settle_finish(tw_run *run, const tw_json *given) {
    tw_status status = TW_OK;
    const tw_activation *activation = run->point.model.activation;
    TW_TRY(settle_flag(run->settings, "polish", given, &run->polish));
    TW_TRY(settle_flag(run->settings, "smooth", given, &run->smooth));
    if (run->smooth && run->polish)
        return tw_fail(TW_ERR_ARGUMENT, "smooth and polish exclude each other");
    if (run->smooth && activation->smooth == NULL)
        return tw_fail(TW_ERR_ARGUMENT, "smooth is for the activation relu, not for %s",
                       activation->name);
cleanup:
    return status;
}

tw_status tw_run_settle(tw_run *run, const tw_json *given, tw_trajectory_options *rows) {
    tw_status status = TW_OK;
    TW_TRY(settle_method(run, given));
    TW_TRY(refuse_idle(run, given));
    TW_TRY(settle_numbers(run, given, rows));
    TW_TRY(settle_rows(run, given, rows));
    TW_TRY(settle_finish(run, given));
cleanup:
    return status;
}
