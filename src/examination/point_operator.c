/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/examination/point_operator.h>

#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"

static tw_status find_part(const char *name, tw_hessian_part *part) {
    const char *known;
    for (size_t i = 0; (known = tw_hessian_part_name(i)); i++)
        if (strcmp(known, name) == 0) {
            *part = (tw_hessian_part)i;
            return TW_OK;
        }
    return tw_fail(TW_ERR_ARGUMENT, "there is no part '%.40s' of a Hessian", name);
}

/* Is `name` one of the words of "W1,W2"? */
static bool is_listed(const char *list, const char *name) {
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

static tw_status choose_blocks(const tw_dufm *model, const char *list, tw_slice **slices,
                               size_t *count) {
    size_t blocks = tw_dufm_block_count(model);
    tw_status status = TW_NEW(*slices, blocks);
    for (size_t i = 0; status == TW_OK && i < blocks; i++) {
        tw_block block = tw_dufm_block(model, i);
        if (is_listed(list, block.name))
            (*slices)[(*count)++] = (tw_slice){block.offset, block.rows * block.cols};
    }
    if (status != TW_OK || *count == count_words(list)) return status;
    return tw_fail(TW_ERR_ARGUMENT,
                   "blocks %.80s: the blocks of this point are W1 to W%zu, H%s, each named once",
                   list, model->layers, model->bias ? ", b" : "");
}

tw_status tw_point_operator_init(tw_point_operator *at, tw_evaluator *evaluator,
                                 const double *theta, const char *part, const char *blocks) {
    tw_status status = TW_OK;
    const tw_dufm *model = tw_evaluator_model(evaluator);
    size_t count = 0;
    *at = (tw_point_operator){.part = {evaluator, theta, TW_PART_ALL}};
    TW_TRY(find_part(part, &at->part.part));
    at->whole = blocks == NULL && at->part.part == TW_PART_ALL;
    at->all = (tw_linop){.n = tw_dufm_parameters(model),
                         .apply = tw_evaluator_part_apply,
                         .self = &at->part,
                         .draft = tw_evaluator_part_draft};
    at->A = at->all;
    if (blocks == NULL) return TW_OK;
    TW_TRY(choose_blocks(model, blocks, &at->slices, &count));
    TW_TRY(tw_restricted_init(&at->restricted, &at->all, count, at->slices));
    at->A = tw_restricted_linop(&at->restricted);
cleanup:
    if (status != TW_OK) tw_point_operator_clear(at);
    return status;
}

void tw_point_operator_clear(tw_point_operator *at) {
    if (at == NULL) return;
    tw_restricted_clear(&at->restricted);
    free(at->slices);
    *at = (tw_point_operator){0};
}
