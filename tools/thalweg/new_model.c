/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "new_model.h"

#include "plan.h"

static tw_status read_members(const cli_invocation *run, const cli_new *given, tw_json **json) {
    *json = tw_json_object();
    return *json ? given_members(run, given, sizeof *given, false, *json) : TW_ERR_MEMORY;
}

static tw_status set_default(tw_json *json, const char *key, const char *text) {
    if (text == NULL || tw_json_get(json, key)) return TW_OK;
    return tw_json_set(json, key, tw_json_string(text));
}

/* Options have other names than members, and a missing one is named. */
static tw_status check_given(const cli_new *s) {
    const struct {
        bool given;
        const char *names;
    } needed[] = {{s->shape.classes > 0, "--classes"},
                  {s->samples.count > 0, "--samples"},
                  {s->widths.count > 0 || s->shape.width > 0, "--width or --widths"},
                  {s->widths.count > 0 || s->shape.depth > 0, "--depth"},
                  {s->lambda || (s->model.lambda_W && s->model.lambda_H),
                   "--lambda, or --lambda-W and --lambda-H"}};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (!needed[i].given)
            return tw_fail(TW_ERR_ARGUMENT, "a new point needs %s", needed[i].names);
    if (s->model.lambda_b && !s->bias)
        return tw_fail(TW_ERR_ARGUMENT, "--lambda-b goes with --bias");
    return TW_OK;
}

/* What is wrong with a model that the options make is wrong with the options. */
static tw_status as_usage(tw_status status) {
    return status == TW_ERR_DATA ? tw_fail_in(TW_ERR_ARGUMENT, "the model: ") : status;
}

tw_status new_model_read(const cli_invocation *run, const cli_new *given,
                         const cli_model *otherwise, tw_dufm *model) {
    tw_status status = TW_OK;
    tw_json *json = NULL;
    tw_dufm_size size;
    *model = (tw_dufm){0};
    TW_TRY(check_given(given));
    TW_TRY(read_members(run, given, &json));
    if (otherwise) TW_TRY(set_default(json, "loss", otherwise->loss));
    if (otherwise) TW_TRY(set_default(json, "activation", otherwise->activation));
    TW_TRY(as_usage(tw_dufm_size_from_json(json, &size)));
    TW_TRY(memory_claim(run->common, memory_of_size(&size), "the point"));
    TW_TRY(as_usage(tw_dufm_from_json(json, model)));
cleanup:
    tw_json_destroy(json);
    return status;
}

tw_status new_model_widen(const cli_invocation *run, const cli_new *given, const tw_dufm *narrow,
                          tw_dufm *model) {
    static const cli_meaning said[] = {{"classes", 0, ""}, {"samples", 0, ""}, {"depth", 0, ""},
                                       {"lambda", 0, ""},  {"bias", 0, ""},    {0}};
    tw_status status = TW_OK;
    tw_json *json = NULL;
    TW_TRY(refuse_meanings(run, said, 0, ": the file says that, only widths can change"));
    if (given->shape.width == 0 && given->widths.count == 0)
        TW_TRY(tw_fail(TW_ERR_ARGUMENT, "a new point needs --width or --widths"));
    TW_TRY(read_members(run, given, &json));
    TW_TRY(as_usage(tw_dufm_widen(narrow, json, model)));
    TW_TRY(memory_claim(run->common, memory_of(model, NULL), "the point"));
cleanup:
    tw_json_destroy(json);
    return status;
}

tw_status closed_form_refuse(const cli_invocation *run, bool closed, const char *why) {
    enum { FILES = 1, FORMS = 2 };
    static const cli_meaning rows[] = {
        {"activation", FILES, ": closed forms are linear"},
        {"lambda-W", FILES, ": its ridge is --lambda"},
        {"lambda-H", FILES, ": its ridge is --lambda"},
        {"lambda-b", FILES, ": it has no bias"},
        {"rank-tolerance", FILES, ": its rank is known"},
        {"tolerance", FILES, ": it needs no polishing"},
        {"max-iterations", FILES, ": it needs no polishing"},
        {"no-polish", FILES, ": it needs no polishing"},
        {"classes", FORMS, ": it belongs to --closed-form"},
        {"samples", FORMS, ": it belongs to --closed-form"},
        {"depth", FORMS, ": it belongs to --closed-form"},
        {"width", FORMS, ": it belongs to --closed-form"},
        {"widths", FORMS, ": it belongs to --closed-form"},
        {"lambda", FORMS, ": ridges in place of the file's are --lambda-W and --lambda-H"},
        {0}};
    return refuse_meanings(run, rows, closed ? FORMS : FILES, why);
}

tw_status closed_case_read(const cli_invocation *run, const cli_closed *closed, const char *loss,
                           const char *const *needed, tw_closed_case *given) {
    for (; *needed; needed++)
        if (!is_given(run, *needed))
            return tw_fail(TW_ERR_ARGUMENT, "--closed-form needs --%s", *needed);
    *given = (tw_closed_case){.classes = closed->shape.classes,
                              .samples = closed->samples,
                              .width = closed->shape.width,
                              .layers = closed->shape.depth,
                              .lambda = closed->lambda,
                              .loss = tw_loss_find(loss ? loss : "ce")};
    return TW_OK;
}
