/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/model/dufm_json.h>

#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "files/members_private.h"

enum { MOST_CLASSES = 1000000, MOST_LAYERS = 1000 };

/* What is said about sizes, before anything of these sizes is allocated. */
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

static tw_status missing(const char *members) {
    return tw_fail(TW_ERR_DATA, "%s missing", members);
}

static tw_status read_classes(const tw_json *json, shape *s) {
    tw_status status = TW_OK;
    TW_TRY(tw_member_count(json, "classes", &s->classes));
    if (tw_json_get(json, "classes") == NULL) return missing("'classes' is");
    if (tw_json_get(json, "samples") == NULL) return missing("'samples' is");
    if (s->classes < 2 || s->classes > MOST_CLASSES)
        return tw_fail(TW_ERR_DATA, "'classes' is %zu, not from 2 to %d", s->classes, MOST_CLASSES);
    TW_TRY(TW_NEW(s->class_sizes, s->classes));
    TW_TRY(tw_member_sizes(json, "samples", s->classes, s->class_sizes));
    for (size_t k = 0; k < s->classes; k++) s->samples += s->class_sizes[k];
cleanup:
    return status;
}

static tw_status read_depth(const tw_json *json, const tw_json *listed, shape *s) {
    tw_status status = TW_OK;
    TW_TRY(tw_member_count(json, "depth", &s->depth));
    if (s->depth == 0 && tw_json_is_array(listed)) s->depth = tw_json_size(listed);
    if (s->depth == 0) return missing("'depth' is");
    if (s->depth > MOST_LAYERS)
        return tw_fail(TW_ERR_DATA, "'depth' is %zu, above %d", s->depth, MOST_LAYERS);
    if (tw_json_is_array(listed) && tw_json_size(listed) != s->depth)
        return tw_fail(TW_ERR_DATA, "'widths' lists %zu widths, but the depth is %zu",
                       tw_json_size(listed), s->depth);
cleanup:
    return status;
}

/* classes is known; so is the depth of a model that exists already. */
static tw_status read_widths(const tw_json *json, shape *s) {
    tw_status status = TW_OK;
    const tw_json *listed = tw_json_get(json, "widths");
    if (listed && tw_json_get(json, "width"))
        return tw_fail(TW_ERR_DATA, "'width' and 'widths' exclude each other");
    if (!listed && !tw_json_get(json, "width")) return missing("'width' or 'widths' is");
    TW_TRY(read_depth(json, listed, s));
    TW_TRY(TW_NEW(s->widths, s->depth + 1));
    TW_TRY(tw_member_sizes(json, listed ? "widths" : "width", s->depth, s->widths));
    s->widths[s->depth] = s->classes;
cleanup:
    return status;
}

static tw_status check_size(shape *s, bool bias) {
    tw_status status = tw_dufm_size_check(s->depth, s->widths, s->samples, bias, &s->size);
    return status == TW_OK ? TW_OK : tw_fail_in(TW_ERR_DATA, "");
}

static tw_status read_shape(const tw_json *json, shape *s) {
    tw_status status = TW_OK;
    bool bias = false;
    TW_TRY(read_classes(json, s));
    TW_TRY(read_widths(json, s));
    TW_TRY(tw_member_flag(json, "bias", &bias));
    TW_TRY(check_size(s, bias));
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
    TW_TRY(tw_member_text(json, "loss", "ce", &loss));
    TW_TRY(tw_member_text(json, "activation", "linear", &activation));
    model->loss = tw_loss_find(loss);
    model->activation = tw_activation_find(activation);
    if (model->loss == NULL) return tw_fail(TW_ERR_DATA, "no loss '%.40s'", loss);
    if (model->activation == NULL) return tw_fail(TW_ERR_DATA, "no activation '%.40s'", activation);
cleanup:
    return status;
}

static tw_status read_ridges(const tw_json *json, tw_dufm *model) {
    tw_status status = TW_OK;
    if (!tw_json_get(json, "lambda") &&
        !(tw_json_get(json, "lambda_W") && tw_json_get(json, "lambda_H")))
        return missing("'lambda', or 'lambda_W' and 'lambda_H', is");
    TW_TRY(tw_member_numbers(json, "lambda", model->layers, model->lambda_W));
    TW_TRY(tw_member_number(json, "lambda", &model->lambda_H));
    TW_TRY(tw_member_numbers(json, "lambda_W", model->layers, model->lambda_W));
    TW_TRY(tw_member_number(json, "lambda_H", &model->lambda_H));
    TW_TRY(tw_member_number(json, "lambda_b", &model->lambda_b));
cleanup:
    return status;
}

tw_status tw_dufm_from_json(const tw_json *json, tw_dufm *model) {
    tw_status status = TW_OK;
    tw_dufm made = {0};
    TW_TRY(make_shape(json, &made));
    TW_TRY(read_names(json, &made));
    TW_TRY(read_ridges(json, &made));
    TW_TRY(tw_member_flag(json, "bias", &made.bias));
    TW_TRY(tw_dufm_check(&made));
    *model = made;
    made = (tw_dufm){0};
cleanup:
    tw_dufm_clear(&made);
    return status;
}

tw_status tw_dufm_size_from_json(const tw_json *json, tw_dufm_size *size) {
    shape s = {0};
    tw_status status = read_shape(json, &s);
    if (status == TW_OK) *size = s.size;
    shape_clear(&s);
    return status;
}

tw_status tw_dufm_widen(const tw_dufm *narrow, const tw_json *json, tw_dufm *wide) {
    tw_status status = TW_OK;
    tw_dufm made = {0};
    shape s = {
        .classes = tw_dufm_classes(narrow), .depth = narrow->layers, .samples = narrow->samples};
    TW_TRY(read_widths(json, &s));
    TW_TRY(check_size(&s, narrow->bias));
    TW_TRY(tw_dufm_copy(&made, narrow));
    memcpy(made.widths, s.widths, s.depth * sizeof *s.widths);
    *wide = made;
cleanup:
    shape_clear(&s);
    return status;
}
