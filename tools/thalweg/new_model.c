/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "new_model.h"

#include <stdlib.h>
#include <string.h>
#include <thalweg/files/json.h>

#include "plan.h"

/* What the options say, before anything large is allocated. */
typedef struct shape {
    size_t layers, classes;
    size_t *widths;      /* L + 1 with K as the last, owned */
    size_t *class_sizes; /* K, owned */
} shape;

static tw_status fail_missing(const char *options) {
    return tw_fail(TW_ERR_ARGUMENT, "a new point needs %s", options);
}

static size_t list_length(const char *list) {
    size_t length = 1;
    for (; *list; list++) length += *list == ',';
    return length;
}

/* A list that settings_set accepted, `count` numbers or one for all; without it `value` for all. */
static tw_status spread(const char *list, size_t value, size_t count, size_t **values) {
    *values = calloc(count, sizeof **values);
    if (*values == NULL) return tw_fail(TW_ERR_MEMORY, "no memory for %zu numbers", count);
    for (size_t i = 0; i < count; i++) {
        if (list) count_list_next(&list, &value);
        (*values)[i] = value;
    }
    return TW_OK;
}

static tw_status read_widths(const cli_settings *settings, shape *s) {
    if (settings->widths && settings->width > 0)
        return tw_fail(TW_ERR_ARGUMENT, "--width and --widths exclude each other");
    if (settings->widths == NULL && settings->width == 0)
        return fail_missing("--width or --widths");
    if (settings->widths == NULL && settings->depth == 0) return fail_missing("--depth");
    s->layers = settings->widths ? list_length(settings->widths) : settings->depth;
    if (settings->depth > 0 && settings->depth != s->layers)
        return tw_fail(TW_ERR_ARGUMENT, "--widths lists %zu widths, but the depth is %zu",
                       s->layers, settings->depth);
    tw_status status = spread(settings->widths, settings->width, s->layers + 1, &s->widths);
    if (status == TW_OK) s->widths[s->layers] = s->classes;
    return status;
}

static tw_status read_classes(const cli_settings *settings, shape *s) {
    if (settings->classes == 0) return fail_missing("--classes");
    if (settings->class_samples == NULL) return fail_missing("--samples");
    size_t listed = list_length(settings->class_samples);
    if (listed > 1 && listed != settings->classes)
        return tw_fail(TW_ERR_ARGUMENT, "--samples lists %zu classes, but --classes is %zu", listed,
                       settings->classes);
    s->classes = settings->classes;
    return spread(settings->class_samples, 0, s->classes, &s->class_sizes);
}

static tw_status check_ridges(const cli_settings *settings) {
    if (settings->lambda_all == NULL && !(settings->lambda_W && settings->lambda_H))
        return fail_missing("--lambda, or --lambda-W and --lambda-H");
    if (settings->lambda_b && !settings->bias)
        return tw_fail(TW_ERR_ARGUMENT, "--lambda-b goes with --bias");
    return TW_OK;
}

/* Refuse what does not fit before labels and weights are allocated. samples: out. */
static tw_status check_size(const cli_settings *settings, const shape *s, size_t *samples) {
    tw_dufm_size size;
    *samples = 0;
    for (size_t k = 0; k < s->classes; k++) *samples += s->class_sizes[k];
    if (tw_dufm_size_check(s->layers, s->widths, *samples, settings->bias, &size) != TW_OK)
        return tw_fail_in(TW_ERR_ARGUMENT, "the model: ");
    return memory_claim(settings, memory_of_size(&size), "the point");
}

/* A ridge that settings_set accepted: one number for all `count`, or a list of that many. */
static tw_status set_ridges(const char *text, const char *name, size_t count, double *out) {
    tw_status status = TW_OK;
    tw_json *json = NULL;
    char *end;
    double value = strtod(text, &end);
    if (*end != '\0') TW_TRY(tw_json_parse(text, strlen(text), &json));
    if (json && tw_json_size(json) != count)
        TW_TRY(tw_fail(TW_ERR_ARGUMENT, "--%s lists %zu ridges, but there are %zu weight matrices",
                       name, tw_json_size(json), count));
    for (size_t i = 0; i < count; i++) {
        if (json) tw_json_as_number(tw_json_at(json, i), &value);
        out[i] = value;
    }
cleanup:
    tw_json_destroy(json);
    return status;
}

static tw_status set_lambdas(const cli_settings *settings, tw_dufm *model) {
    tw_status status = TW_OK;
    const char *weights = settings->lambda_W ? settings->lambda_W : settings->lambda_all;
    const char *features = settings->lambda_H ? settings->lambda_H : settings->lambda_all;
    TW_TRY(set_ridges(weights, "lambda-W", model->layers, model->lambda_W));
    TW_TRY(set_ridges(features, "lambda-H", 1, &model->lambda_H));
    if (settings->lambda_b) TW_TRY(set_ridges(settings->lambda_b, "lambda-b", 1, &model->lambda_b));
cleanup:
    return status;
}

static tw_status fill_model(const cli_settings *settings, const shape *s, tw_dufm *model) {
    tw_status status = TW_OK;
    size_t filled = 0;
    memcpy(model->widths, s->widths, (s->layers + 1) * sizeof *s->widths);
    for (size_t k = 0; k < s->classes; k++)
        for (size_t i = 0; i < s->class_sizes[k]; i++) model->labels[filled++] = (int)k;
    model->bias = settings->bias;
    model->loss = tw_loss_find(settings->loss ? settings->loss : "ce");
    model->activation = tw_activation_find(settings->activation ? settings->activation : "linear");
    TW_TRY(set_lambdas(settings, model));
    TW_TRY(tw_dufm_check(model));
cleanup:
    return status;
}

tw_status new_model_read(const cli_settings *settings, tw_dufm *model) {
    tw_status status = TW_OK;
    size_t samples = 0;
    shape s = {0};
    *model = (tw_dufm){0};
    TW_TRY(read_classes(settings, &s));
    TW_TRY(read_widths(settings, &s));
    TW_TRY(check_ridges(settings));
    TW_TRY(check_size(settings, &s, &samples));
    TW_TRY(tw_dufm_init(model, s.layers, samples));
    TW_TRY(fill_model(settings, &s, model));
cleanup:
    free(s.widths);
    free(s.class_sizes);
    if (status != TW_OK) tw_dufm_clear(model);
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
    return TW_OK;
}

tw_status new_model_widen(const cli_settings *settings, const tw_dufm *narrow, tw_dufm *model) {
    tw_status status = TW_OK;
    cli_settings given = *settings;
    shape s = {.classes = tw_dufm_classes(narrow)};
    size_t samples = 0;
    *model = (tw_dufm){0};
    TW_TRY(refuse_repetition(settings));
    given.depth = narrow->layers;
    TW_TRY(read_widths(&given, &s));
    TW_TRY(spread(NULL, 0, s.classes, &s.class_sizes));
    tw_dufm_class_sizes(narrow, s.class_sizes);
    TW_TRY(check_size(settings, &s, &samples));
    TW_TRY(tw_dufm_copy(model, narrow));
    memcpy(model->widths, s.widths, s.layers * sizeof *s.widths);
cleanup:
    free(s.widths);
    free(s.class_sizes);
    return status;
}
