/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "operator.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static tw_hessian_part part_named(const char *name) {
    size_t index = 0;
    while (tw_hessian_part_name(index) && strcmp(tw_hessian_part_name(index), name) != 0) index++;
    return (tw_hessian_part)index;
}

/* Is `name` one of the words of "W1,W2"? */
static bool listed(const char *list, const char *name) {
    size_t length = strlen(name);
    for (const char *at = list; at; at = strchr(at, ',') ? strchr(at, ',') + 1 : NULL)
        if (strncmp(at, name, length) == 0 && (at[length] == ',' || at[length] == '\0'))
            return true;
    return false;
}

static size_t count_words(const char *list) {
    size_t words = 1;
    for (const char *at = list; *at; at++) words += *at == ',';
    return words;
}

static tw_status choose_blocks(const char *list, const tw_dufm *model, cli_operator *o) {
    size_t blocks = tw_dufm_block_count(model);
    o->slices = calloc(blocks, sizeof *o->slices);
    if (o->slices == NULL) return tw_fail(TW_ERR_MEMORY, "no memory for %zu blocks", blocks);
    for (size_t i = 0; i < blocks; i++) {
        tw_block block = tw_dufm_block(model, i);
        if (listed(list, block.name))
            o->slices[o->slice_count++] = (tw_slice){block.offset, block.rows * block.cols};
    }
    if (o->slice_count != count_words(list))
        return tw_fail(TW_ERR_ARGUMENT,
                       "--blocks %s: the blocks of this point are W1 to W%zu, H%s, each named once",
                       list, model->layers, model->bias ? ", b" : "");
    return TW_OK;
}

static tw_status evaluate(const cli_subject *subject, double *gradient_norm) {
    tw_objective objective = tw_evaluator_objective(subject->evaluator);
    double value = 0.0, norm = 0.0, *gradient = calloc(objective.n, sizeof *gradient);
    if (gradient == NULL) return tw_fail(TW_ERR_MEMORY, "no memory for the gradient");
    tw_status status = objective.eval(objective.self, subject->point.theta, &value, gradient);
    for (size_t i = 0; i < objective.n; i++) norm = hypot(norm, gradient[i]);
    *gradient_norm = norm;
    free(gradient);
    return status;
}

tw_status operator_init(const spectrum_settings *settings, const cli_subject *subject,
                        cli_operator *o, double *gradient_norm) {
    tw_status status = TW_OK;
    const tw_dufm *model = &subject->point.model;
    *o = (cli_operator){
        .part = {subject->evaluator, subject->point.theta, part_named(settings->part)}};
    if (gradient_norm) TW_TRY(evaluate(subject, gradient_norm));
    o->all = (tw_linop){tw_dufm_parameters(model), tw_evaluator_part_apply, &o->part};
    o->A = o->all;
    if (settings->blocks == NULL) goto cleanup;
    TW_TRY(choose_blocks(settings->blocks, model, o));
    TW_TRY(tw_restricted_init(&o->restricted, &o->all, o->slice_count, o->slices));
    o->A = tw_restricted_linop(&o->restricted);
cleanup:
    return status;
}

void operator_clear(cli_operator *o) {
    tw_restricted_clear(&o->restricted);
    free(o->slices);
    *o = (cli_operator){0};
}

bool operator_is_whole(const spectrum_settings *settings) {
    return settings->blocks == NULL && strcmp(settings->part, "all") == 0;
}

tw_spectrum_record operator_record(const spectrum_settings *settings, const tw_listing *listing,
                                   size_t kinks) {
    return (tw_spectrum_record){.listing = listing,
                                .part = settings->part,
                                .blocks = settings->blocks,
                                .cluster_tolerance = settings->cluster_tolerance,
                                .kinks = kinks};
}
