/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Members are read from a table of names, so that an unknown or misspelt one is refused: a campaign
 * of days should not run on a default that nobody wanted. */
#include <thalweg/campaign/setting.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/files/json.h>

#include "base/alloc_private.h"
#include "dense/vector_private.h"
#include "files/text_private.h"

#define DEFAULT_LAW "H:normal:1,W:uniform-fanin"

static const char *const members[] = {
    "loss",   "activation", "classes",     "samples",  "width",     "widths",    "depth",
    "lambda", "lambda_W",   "lambda_H",    "lambda_b", "bias",      "init",      "method",
    "lr",     "momentum",   "batch",       "steps",    "tolerance", "t_end",     "accuracy",
    "seed",   "polish",     "count_limit", "around",   "radius",    "direction", "title",
};

static tw_status check_members(const tw_json *json) {
    const char *key = NULL;
    while (tw_json_next(json, &key) != NULL) {
        bool known = false;
        for (size_t i = 0; i < sizeof members / sizeof *members; i++)
            known = known || strcmp(members[i], key) == 0;
        if (!known) return tw_fail(TW_ERR_DATA, "plan: there is no member '%.60s'", key);
    }
    return TW_OK;
}

/* ---- Single values; what is absent stays as it is ---- */

static tw_status get_number(const tw_json *json, const char *key, double *value) {
    const tw_json *member = tw_json_get(json, key);
    if (member && (!tw_json_as_number(member, value) || !isfinite(*value) || *value < 0.0))
        return tw_fail(TW_ERR_DATA, "plan: '%s' is not a number >= 0", key);
    return TW_OK;
}

static tw_status get_count(const tw_json *json, const char *key, size_t *value) {
    const tw_json *member = tw_json_get(json, key);
    long long read;
    if (member == NULL) return TW_OK;
    if (!tw_json_as_integer(member, &read) || read < 0)
        return tw_fail(TW_ERR_DATA, "plan: '%s' is not a whole number >= 0", key);
    *value = (size_t)read;
    return TW_OK;
}

static tw_status get_flag(const tw_json *json, const char *key, bool *value) {
    const tw_json *member = tw_json_get(json, key);
    if (member && !tw_json_as_boolean(member, value))
        return tw_fail(TW_ERR_DATA, "plan: '%s' is neither true nor false", key);
    return TW_OK;
}

static tw_status get_text(const tw_json *json, const char *key, const char *fallback,
                          const char **text) {
    const tw_json *member = tw_json_get(json, key);
    *text = member ? tw_json_as_string(member) : fallback;
    return *text || member == NULL ? TW_OK : tw_fail(TW_ERR_DATA, "plan: '%s' is no text", key);
}

/* `count` numbers, or one for all of them. */
static tw_status get_numbers(const tw_json *json, const char *key, size_t count, double *out) {
    const tw_json *member = tw_json_get(json, key);
    bool list = tw_json_is_array(member);
    if (member == NULL) return TW_OK;
    if (list && tw_json_size(member) != count)
        return tw_fail(TW_ERR_DATA, "plan: '%s' lists %zu numbers where the model needs %zu", key,
                       tw_json_size(member), count);
    for (size_t i = 0; i < count; i++)
        if (!tw_json_as_number(list ? tw_json_at(member, i) : member, &out[i]) || !(out[i] >= 0.0))
            return tw_fail(TW_ERR_DATA, "plan: '%s' holds something that is no number >= 0", key);
    return TW_OK;
}

/* ---- The model ---- */

static tw_status get_sizes(const tw_json *json, const char *key, size_t count, size_t *sizes) {
    tw_status status = TW_OK;
    double *numbers = NULL;
    TW_TRY(TW_NEW(numbers, count));
    TW_TRY(get_numbers(json, key, count, numbers));
    for (size_t i = 0; i < count; i++) {
        if (!(numbers[i] >= 1.0 && numbers[i] <= 1e9) || numbers[i] != floor(numbers[i]))
            TW_TRY(tw_fail(TW_ERR_DATA, "plan: '%s' needs whole numbers from 1 on", key));
        sizes[i] = (size_t)numbers[i];
    }
cleanup:
    free(numbers);
    return status;
}

/* What a plan says about sizes, before anything of these sizes is allocated. */
typedef struct shape {
    size_t classes, depth, samples;
    size_t *class_sizes; /* K, owned */
    size_t *widths;      /* L + 1, owned */
    tw_dufm_size size;
} shape;

static void shape_clear(shape *s) {
    free(s->class_sizes);
    free(s->widths);
}

static tw_status read_shape(const tw_json *json, shape *s) {
    tw_status status = TW_OK;
    bool listed = tw_json_get(json, "widths") != NULL, bias = false;
    TW_TRY(get_count(json, "classes", &s->classes));
    TW_TRY(get_count(json, "depth", &s->depth));
    TW_TRY(get_flag(json, "bias", &bias));
    if (listed && s->depth == 0) s->depth = tw_json_size(tw_json_get(json, "widths"));
    if (s->classes < 2 || s->classes > 1000000 || s->depth == 0 || s->depth > 1000)
        return tw_fail(TW_ERR_DATA, "plan: 'classes' (from 2 on) or 'depth' is missing or wrong");
    TW_TRY(TW_NEW(s->class_sizes, s->classes));
    TW_TRY(TW_NEW(s->widths, s->depth + 1));
    TW_TRY(get_sizes(json, "samples", s->classes, s->class_sizes));
    TW_TRY(get_sizes(json, listed ? "widths" : "width", s->depth, s->widths));
    s->widths[s->depth] = s->classes;
    for (size_t k = 0; k < s->classes; k++) s->samples += s->class_sizes[k];
    status = tw_dufm_size_check(s->depth, s->widths, s->samples, bias, &s->size);
    if (status != TW_OK) status = tw_fail_in(TW_ERR_DATA, "plan: ");
cleanup:
    return status;
}

static tw_status make_shape(const tw_json *json, tw_dufm *model) {
    tw_status status = TW_OK;
    shape s = {0};
    size_t at = 0;
    TW_TRY(read_shape(json, &s));
    TW_TRY(tw_dufm_init(model, s.depth, s.samples));
    memcpy(model->widths, s.widths, (s.depth + 1) * sizeof *s.widths);
    for (size_t k = 0; k < s.classes; k++)
        for (size_t i = 0; i < s.class_sizes[k]; i++) model->labels[at++] = (int)k;
cleanup:
    shape_clear(&s);
    return status;
}

static tw_status read_names(const tw_json *json, tw_dufm *model) {
    tw_status status = TW_OK;
    const char *loss, *activation;
    TW_TRY(get_text(json, "loss", "ce", &loss));
    TW_TRY(get_text(json, "activation", "linear", &activation));
    model->loss = tw_loss_find(loss);
    model->activation = tw_activation_find(activation);
    if (model->loss == NULL) return tw_fail(TW_ERR_DATA, "plan: no loss '%.40s'", loss);
    if (model->activation == NULL)
        return tw_fail(TW_ERR_DATA, "plan: no activation '%.40s'", activation);
cleanup:
    return status;
}

static tw_status read_ridges(const tw_json *json, tw_dufm *model) {
    tw_status status = TW_OK;
    if (!tw_json_get(json, "lambda") &&
        !(tw_json_get(json, "lambda_W") && tw_json_get(json, "lambda_H")))
        return tw_fail(TW_ERR_DATA, "plan: 'lambda' is missing");
    TW_TRY(get_numbers(json, "lambda", model->layers, model->lambda_W));
    TW_TRY(get_number(json, "lambda", &model->lambda_H));
    TW_TRY(get_numbers(json, "lambda_W", model->layers, model->lambda_W));
    TW_TRY(get_number(json, "lambda_H", &model->lambda_H));
    TW_TRY(get_number(json, "lambda_b", &model->lambda_b));
cleanup:
    return status;
}

static tw_status read_model(const tw_json *json, tw_dufm *model) {
    tw_status status = TW_OK;
    TW_TRY(make_shape(json, model));
    TW_TRY(read_names(json, model));
    TW_TRY(read_ridges(json, model));
    TW_TRY(get_flag(json, "bias", &model->bias));
    TW_TRY(tw_dufm_check(model));
cleanup:
    return status;
}

/* ---- Starts ---- */

static tw_status read_centre(const char *path, tw_setting *s) {
    tw_status status = TW_OK;
    tw_bundle bundle = {0};
    tw_point point = {0};
    TW_TRY(tw_bundle_read(path, &bundle));
    TW_TRY(tw_fail_in_file(tw_point_from_bundle(&bundle, &point), path));
    s->model = point.model;
    s->centre = point.theta;
    point = (tw_point){0};
cleanup:
    tw_point_clear(&point);
    tw_bundle_clear(&bundle);
    return status;
}

static tw_status read_around(const tw_json *json, tw_setting *s) {
    tw_status status = TW_OK;
    static const char *const names[] = {"", "whole", "off-orbit", "along-orbit"};
    const char *path, *direction;
    TW_TRY(get_text(json, "around", NULL, &path));
    TW_TRY(get_text(json, "direction", "whole", &direction));
    TW_TRY(get_number(json, "radius", &s->radius));
    for (size_t i = TW_START_WHOLE; i <= TW_START_ALONG; i++)
        if (strcmp(names[i], direction) == 0) s->start = (tw_start)i;
    if (s->start == TW_START_LAW)
        return tw_fail(TW_ERR_DATA,
                       "plan: 'direction' is \"%.40s\", not whole, off-orbit or along-orbit",
                       direction);
    if (!(s->radius > 0.0)) return tw_fail(TW_ERR_DATA, "plan: 'around' needs a 'radius' above 0");
    TW_TRY(read_centre(path, s));
cleanup:
    return status;
}

static tw_status read_start(const tw_json *json, tw_setting *s) {
    tw_status status = TW_OK;
    const char *law;
    if (tw_json_get(json, "around")) return read_around(json, s);
    TW_TRY(read_model(json, &s->model));
    TW_TRY(get_text(json, "init", DEFAULT_LAW, &law));
    TW_TRY(tw_initialisation_parse(&s->model, law, &s->init));
cleanup:
    return status;
}

/* ---- The descent ---- */

static tw_status read_descent(const tw_json *json, tw_setting *s) {
    tw_status status = TW_OK;
    tw_descent_options *o = &s->descent;
    const char *method;
    size_t seed = 1;
    *o = TW_DESCENT_DEFAULTS;
    TW_TRY(get_text(json, "method", "lbfgs", &method));
    s->method = tw_descent_method_find(method);
    if (s->method == NULL) return tw_fail(TW_ERR_DATA, "plan: no method '%.40s'", method);
    TW_TRY(get_number(json, "lr", &o->rate));
    TW_TRY(get_number(json, "momentum", &o->momentum));
    TW_TRY(get_count(json, "batch", &o->batch));
    TW_TRY(get_count(json, "steps", &o->max_steps));
    TW_TRY(get_number(json, "tolerance", &o->tolerance));
    TW_TRY(get_number(json, "t_end", &o->end_time));
    TW_TRY(get_number(json, "accuracy", &o->accuracy));
    TW_TRY(get_count(json, "seed", &seed));
    TW_TRY(get_flag(json, "polish", &s->polish));
    TW_TRY(get_count(json, "count_limit", &s->count_limit));
    if (s->count_limit > TW_SETTING_MAX_DENSE)
        return tw_fail(TW_ERR_DATA, "plan: 'count_limit' is above %d", TW_SETTING_MAX_DENSE);
    o->seed = seed;
cleanup:
    return status;
}

tw_status tw_setting_size(const char *text, tw_dufm_size *size) {
    tw_status status = TW_OK;
    tw_json *json = NULL;
    shape s = {0};
    TW_TRY(tw_json_parse(text, strlen(text), &json));
    if (tw_json_get(json, "around") == NULL) TW_TRY(read_shape(json, &s));
    *size = s.size;
cleanup:
    shape_clear(&s);
    tw_json_destroy(json);
    return status;
}

tw_status tw_setting_parse(const char *text, tw_setting *setting) {
    tw_status status = TW_OK;
    tw_setting made = {.polish = true, .count_limit = 600};
    tw_json *json = NULL;
    TW_TRY(tw_json_parse(text, strlen(text), &json));
    TW_TRY(check_members(json));
    TW_TRY(read_start(json, &made));
    TW_TRY(read_descent(json, &made));
    *setting = made;
    made = (tw_setting){0};
cleanup:
    tw_json_destroy(json);
    tw_setting_clear(&made);
    return status;
}

void tw_setting_clear(tw_setting *setting) {
    if (setting == NULL) return;
    tw_dufm_clear(&setting->model);
    tw_initialisation_clear(&setting->init);
    free(setting->centre);
    *setting = (tw_setting){0};
}
