/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of constructions, what they ask of a model, and those that need no mathematics. */
#include "optima/construction_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/model/initialisation.h>

#include "base/alloc_private.h"

static tw_status construct_zero(const tw_construct_task *task, tw_construct_result *result,
                                tw_point *point) {
    tw_status status = TW_OK;
    (void)result;
    TW_TRY(tw_dufm_copy(&point->model, task->model));
    TW_TRY(TW_NEW(point->theta, tw_dufm_parameters(&point->model)));
cleanup:
    return status;
}

static tw_status construct_random(const tw_construct_task *task, tw_construct_result *result,
                                  tw_point *point) {
    tw_status status = TW_OK;
    tw_point drawn = {0};
    tw_initialisation law = {0};
    const char *text = task->argument ? task->argument : TW_CONSTRUCT_LAW;
    TW_TRY(construct_zero(task, result, &drawn));
    TW_TRY(tw_initialisation_parse(&drawn.model, text, &law));
    TW_TRY(tw_initialise(&drawn.model, &law, task->options->seed, 0, drawn.theta));
    TW_TRY(tw_point_embed(&drawn, drawn.model.widths, task->options->gauge_seed, point));
cleanup:
    tw_initialisation_clear(&law);
    tw_point_clear(&drawn);
    return status;
}

static tw_status construct_padded(const tw_construct_task *task, tw_construct_result *result,
                                  tw_point *point) {
    (void)result;
    const tw_point *narrow = task->options->narrow;
    if (narrow->model.layers != task->model->layers)
        return tw_fail(TW_ERR_ARGUMENT, "padding keeps the depth: %zu is not %zu",
                       task->model->layers, narrow->model.layers);
    return tw_point_embed(narrow, task->model->widths, task->options->gauge_seed, point);
}

/* A row with what stays inside. */
typedef struct row {
    tw_construction row;
    tw_construct_fn construct;
} row;

#define CLOSED (TW_CONSTRUCTION_BALANCED | TW_CONSTRUCTION_RIDGES | TW_CONSTRUCTION_NO_BIAS)

static const row rows[] = {
    {{"zero", NULL, "every parameter 0", {NULL}, NULL, 0}, construct_zero},
    {{"dnc", NULL, "deep neural collapse", {"ce", "mse"}, "linear", CLOSED}, tw_construct_closed},
    {{"cross-polytope", NULL, "classes in opposite pairs", {"ce"}, "linear", CLOSED},
     tw_construct_closed},
    {{"blocks",
      "K1,K2,..",
      "blocks of classes, each collapsed for itself",
      {"ce"},
      "linear",
      CLOSED},
     tw_construct_closed},
    {{"projector", "R", "R of the classes learned", {"mse"}, "linear", CLOSED},
     tw_construct_closed},
    {{"srg",
      "R",
      "classes as edges of the complete graph on R vertices",
      {"mse"},
      "relu",
      TW_CONSTRUCTION_RIDGES | TW_CONSTRUCTION_NO_BIAS},
     tw_construct_graph},
    {{"padded", "FILE", "a narrower point with zeros", {NULL}, NULL, TW_CONSTRUCTION_NARROW},
     construct_padded},
    {{"random",
      "LAW",
      "independent entries by a law of initialisation",
      {NULL},
      NULL,
      TW_CONSTRUCTION_OPTIONAL},
     construct_random},
};

enum { ROWS = sizeof rows / sizeof *rows };

const tw_construction *tw_construction_at(size_t index) {
    return index < ROWS ? &rows[index].row : NULL;
}

static tw_status fail_unknown(const char *text) {
    char names[256] = "";
    for (size_t i = 0; i < ROWS; i++) {
        const tw_construction *c = &rows[i].row;
        bool optional = c->needs & TW_CONSTRUCTION_OPTIONAL;
        size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s%s%s%s%s%s", i ? ", " : "", c->name,
                 optional ? "[" : "", c->argument ? ":" : "", c->argument ? c->argument : "",
                 optional ? "]" : "");
    }
    return tw_fail(TW_ERR_ARGUMENT, "'%s' is no construction: there are %s", text, names);
}

tw_status tw_construction_read(const char *text, const tw_construction **construction,
                               const char **argument) {
    const tw_construction *found = NULL;
    size_t length = strcspn(text, ":");
    for (size_t i = 0; i < ROWS; i++)
        if (strlen(rows[i].row.name) == length && strncmp(rows[i].row.name, text, length) == 0)
            found = &rows[i].row;
    if (found == NULL) return fail_unknown(text);
    *argument = text[length] == ':' ? text + length + 1 : NULL;
    if (*argument && found->argument == NULL)
        return tw_fail(TW_ERR_ARGUMENT, "%s takes no argument, not '%s'", found->name, *argument);
    bool empty = *argument && **argument == '\0' && !(found->needs & TW_CONSTRUCTION_NARROW);
    bool left_out = !*argument && !(found->needs & TW_CONSTRUCTION_OPTIONAL);
    if (found->argument && (empty || left_out))
        return tw_fail(TW_ERR_ARGUMENT, "%s needs an argument: %s:%s", found->name, found->name,
                       found->argument);
    *construction = found;
    return TW_OK;
}

static bool takes_loss(const tw_construction *c, const tw_loss *loss) {
    bool takes = c->losses[0] == NULL;
    for (size_t i = 0; i < 3 && c->losses[i]; i++)
        takes = takes || strcmp(c->losses[i], loss->name) == 0;
    return takes;
}

/* Closed forms know their features class by class, in ascending order. */
static tw_status check_classes(const tw_construction *c, const tw_dufm *model) {
    tw_status status = TW_OK;
    size_t K = tw_dufm_classes(model), *sizes = NULL;
    for (size_t i = 1; i < model->samples; i++)
        if (model->labels[i] < model->labels[i - 1])
            return tw_fail(TW_ERR_ARGUMENT, "labels have to ascend: sample %zu has %d after %d", i,
                           model->labels[i], model->labels[i - 1]);
    TW_TRY(TW_NEW(sizes, K));
    tw_dufm_class_sizes(model, sizes);
    for (size_t k = 1; k < K; k++)
        if (sizes[k] != sizes[0])
            TW_TRY(tw_fail(TW_ERR_ARGUMENT,
                           "%s is known only for classes of one size: class 0 has %zu samples, "
                           "class %zu has %zu",
                           c->name, sizes[0], k, sizes[k]));
cleanup:
    free(sizes);
    return status;
}

static tw_status check_ridges(const tw_construction *c, const tw_dufm *model) {
    for (size_t l = 0; l <= model->layers; l++)
        if (!(tw_dufm_factor(model, l).lambda > 0.0))
            return tw_fail(TW_ERR_ARGUMENT, "%s needs ridges > 0, that of %s is %g", c->name,
                           tw_dufm_factor(model, l).name, tw_dufm_factor(model, l).lambda);
    return TW_OK;
}

static tw_status check_model(const tw_construction *c, const tw_dufm *model,
                             const tw_construct_options *options) {
    tw_status status = TW_OK;
    if (!takes_loss(c, model->loss))
        return tw_fail(TW_ERR_ARGUMENT, "%s is for the loss %s, not for %s", c->name, c->losses[0],
                       model->loss->name);
    if (c->activation && strcmp(c->activation, model->activation->name) != 0)
        return tw_fail(TW_ERR_ARGUMENT, "%s is for the activation %s, not for %s", c->name,
                       c->activation, model->activation->name);
    if (c->needs & TW_CONSTRUCTION_NO_BIAS && model->bias)
        return tw_fail(TW_ERR_ARGUMENT, "%s is known only without a bias", c->name);
    if (c->needs & TW_CONSTRUCTION_NARROW && options->narrow == NULL)
        return tw_fail(TW_ERR_ARGUMENT, "%s needs a point", c->name);
    if (c->needs & TW_CONSTRUCTION_RIDGES) TW_TRY(check_ridges(c, model));
    if (c->needs & TW_CONSTRUCTION_BALANCED) TW_TRY(check_classes(c, model));
cleanup:
    return status;
}

double tw_construct_lambda(const tw_dufm *model) {
    bool equal = true;
    double logs = log(model->lambda_H);
    for (size_t l = 0; l < model->layers; l++) {
        equal = equal && model->lambda_W[l] == model->lambda_H;
        logs += log(model->lambda_W[l]);
    }
    return equal ? model->lambda_H : exp(logs / (double)(model->layers + 1));
}

tw_status tw_construct_scales(tw_construct_result *result, const char *symbol, size_t count) {
    tw_status status = TW_NEW(result->scales, count);
    if (status != TW_OK) return status;
    result->symbol = symbol;
    result->scale_count = count;
    for (size_t i = 0; i < count; i++) result->scales[i] = NAN;
    return TW_OK;
}

static const row *row_of(const tw_construction *construction) {
    size_t i = 0;
    while (&rows[i].row != construction) i++;
    return &rows[i];
}

tw_status tw_construct(const tw_dufm *model, const char *text, const tw_construct_options *options,
                       tw_construct_result *result, tw_point *point) {
    tw_status status = TW_OK;
    const tw_construct_options defaults = TW_CONSTRUCT_DEFAULTS;
    if (options == NULL) options = &defaults;
    const tw_construction *construction = NULL;
    tw_construct_task task = {.model = model, .text = text, .options = options};
    tw_construct_result made = {.exists = true, .lambda = NAN, .fold_lambda = NAN, .symbol = ""};
    tw_point there = {0};
    TW_TRY(tw_construction_read(text, &construction, &task.argument));
    TW_TRY(check_model(construction, model, options));
    TW_TRY(row_of(construction)->construct(&task, &made, &there));
    if (made.exists) *point = there;
    *result = made;
    return TW_OK;
cleanup:
    tw_construct_result_clear(&made);
    tw_point_clear(&there);
    return status;
}

void tw_construct_result_clear(tw_construct_result *result) {
    if (result == NULL) return;
    free(result->scales);
    *result = (tw_construct_result){0};
}
