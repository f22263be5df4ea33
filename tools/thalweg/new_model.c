/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "new_model.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "plan.h"

/* ---- Options as members ---- */

/* Numbers as people write them, ".01" or "[.01,.02]"; any other text as a string. */
static tw_json *lenient(const char *text) {
    double *values = NULL;
    bool list = false;
    size_t count = 0;
    if (tw_json_parse_numbers(text, &list, &count, &values) != TW_OK) return tw_json_string(text);
    tw_json *value = list ? tw_json_numbers(count, values) : tw_json_number(values[0]);
    free(values);
    return value;
}

static tw_json *value_of(const char *text, bool axes) {
    tw_json *value = NULL, *axis = NULL;
    char buffer[4096];
    snprintf(buffer, sizeof buffer,
             strchr("0123456789.", text[0]) && strchr(text, ',') ? "[%s]" : "%s", text);
    if (tw_json_parse(buffer, strlen(buffer), &value) != TW_OK) value = lenient(buffer);
    if (!axes || !tw_json_is_array(value)) return value;
    axis = tw_json_array();
    if (tw_json_append(axis, value) == TW_OK) return axis;
    tw_json_destroy(axis);
    return NULL;
}

tw_status member_text(tw_json *json, const char *key, const char *text, bool axes) {
    return text ? tw_json_set(json, key, value_of(text, axes)) : TW_OK;
}

tw_status member_count(tw_json *json, const char *key, size_t count) {
    return count > 0 ? tw_json_set(json, key, tw_json_integer((long long)count)) : TW_OK;
}

tw_status member_number(tw_json *json, const char *key, double number) {
    return number > 0.0 ? tw_json_set(json, key, tw_json_number(number)) : TW_OK;
}

tw_status new_model_members(const cli_settings *s, bool axes, tw_json *json) {
    tw_status status = TW_OK;
    TW_TRY(member_text(json, "loss", s->loss, axes));
    TW_TRY(member_text(json, "activation", s->activation, axes));
    TW_TRY(member_count(json, "classes", s->classes));
    TW_TRY(member_text(json, "samples", s->class_samples, axes));
    TW_TRY(member_count(json, "width", s->width));
    TW_TRY(member_text(json, "widths", s->widths, axes));
    TW_TRY(member_count(json, "depth", s->depth));
    TW_TRY(member_text(json, "lambda", s->lambda_all, axes));
    TW_TRY(member_text(json, "lambda_W", s->lambda_W, axes));
    TW_TRY(member_text(json, "lambda_H", s->lambda_H, axes));
    TW_TRY(member_text(json, "lambda_b", s->lambda_b, axes));
    if (s->bias) TW_TRY(tw_json_set(json, "bias", tw_json_boolean(true)));
cleanup:
    return status;
}

static tw_status given_members(const cli_settings *settings, tw_json **json) {
    *json = tw_json_object();
    return *json ? new_model_members(settings, false, *json) : TW_ERR_MEMORY;
}

/* ---- Models ---- */

/* Options have other names than members, and a missing one is named. */
static tw_status check_given(const cli_settings *s) {
    const struct {
        bool given;
        const char *names;
    } needed[] = {
        {s->classes > 0, "--classes"},
        {s->class_samples != NULL, "--samples"},
        {s->widths || s->width > 0, "--width or --widths"},
        {s->widths || s->depth > 0, "--depth"},
        {s->lambda_all || (s->lambda_W && s->lambda_H), "--lambda, or --lambda-W and --lambda-H"}};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (!needed[i].given)
            return tw_fail(TW_ERR_ARGUMENT, "a new point needs %s", needed[i].names);
    if (s->lambda_b && !s->bias) return tw_fail(TW_ERR_ARGUMENT, "--lambda-b goes with --bias");
    return TW_OK;
}

/* What is wrong with a model that the options make is wrong with the options. */
static tw_status as_usage(tw_status status) {
    return status == TW_ERR_DATA ? tw_fail_in(TW_ERR_ARGUMENT, "the model: ") : status;
}

tw_status new_model_read(const cli_settings *settings, tw_dufm *model) {
    tw_status status = TW_OK;
    tw_json *json = NULL;
    tw_dufm_size size;
    *model = (tw_dufm){0};
    TW_TRY(check_given(settings));
    TW_TRY(given_members(settings, &json));
    TW_TRY(as_usage(tw_dufm_size_from_json(json, &size)));
    TW_TRY(memory_claim(settings, memory_of_size(&size), "the point"));
    TW_TRY(as_usage(tw_dufm_from_json(json, model)));
cleanup:
    tw_json_destroy(json);
    return status;
}

static tw_status refuse_repetition(const cli_settings *settings) {
    const struct {
        bool given;
        const char *name;
    } options[] = {{settings->classes > 0, "classes"},
                   {settings->class_samples != NULL, "samples"},
                   {settings->depth > 0, "depth"},
                   {settings->lambda_all != NULL, "lambda"},
                   {settings->bias, "bias"}};
    for (size_t i = 0; i < sizeof options / sizeof *options; i++)
        if (options[i].given)
            return tw_fail(TW_ERR_ARGUMENT, "--%s: the file says that, only widths can change",
                           options[i].name);
    if (settings->width == 0 && settings->widths == NULL)
        return tw_fail(TW_ERR_ARGUMENT, "a new point needs --width or --widths");
    return TW_OK;
}

tw_status new_model_widen(const cli_settings *settings, const tw_dufm *narrow, tw_dufm *model) {
    tw_status status = TW_OK;
    tw_json *json = NULL;
    TW_TRY(refuse_repetition(settings));
    TW_TRY(given_members(settings, &json));
    TW_TRY(as_usage(tw_dufm_widen(narrow, json, model)));
    TW_TRY(memory_claim(settings, memory_of(model, NULL), "the point"));
cleanup:
    tw_json_destroy(json);
    return status;
}
