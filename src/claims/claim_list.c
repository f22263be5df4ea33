/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/claims/claim_list.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"

static bool is_word(const char *text, size_t length, const char *word) {
    return strlen(word) == length && strncmp(text, word, length) == 0;
}

static size_t count_claims(void) {
    size_t count = 0;
    while (tw_claim_at(count)) count++;
    return count;
}

/* Is the claim one of a list with commas? */
static bool is_among(const char *id, const char *ids) {
    for (size_t length = 0; ids; ids = ids[length] ? ids + length + 1 : NULL) {
        length = strcspn(ids, ",");
        if (is_word(ids, length, id)) return true;
    }
    return false;
}

static tw_status refuse_id(const char *text, size_t length) {
    char names[256] = "";
    for (size_t i = 0; tw_claim_at(i); i++) {
        size_t used = strlen(names);
        snprintf(names + used, sizeof names - used, "%s%s", i ? ", " : "", tw_claim_at(i)->id);
    }
    return tw_fail(TW_ERR_ARGUMENT, "there is no claim '%.*s': there are %s",
                   (int)(length < 40 ? length : 40), text, names);
}

static tw_status check_ids(const char *ids) {
    for (size_t length = 0; ids; ids = ids[length] ? ids + length + 1 : NULL) {
        size_t i = 0;
        length = strcspn(ids, ",");
        while (tw_claim_at(i) && !is_word(ids, length, tw_claim_at(i)->id)) i++;
        if (tw_claim_at(i) == NULL) return refuse_id(ids, length);
    }
    return TW_OK;
}

tw_status tw_claim_list_init(tw_claim_list *list, const char *ids) {
    tw_status status = TW_OK;
    tw_claim_list made = {0};
    TW_TRY(check_ids(ids));
    TW_TRY(TW_NEW(made.claims, count_claims()));
    for (size_t i = 0; tw_claim_at(i); i++) {
        const tw_claim *claim = tw_claim_at(i);
        if (ids && !is_among(claim->id, ids)) continue;
        tw_claim_verdict *row = &made.claims[made.count++];
        row->claim = claim;
        for (size_t c = 0; c < TW_CLAIM_CONSTANTS; c++)
            row->constants[c] = claim->constants[c].value;
    }
    *list = made;
cleanup:
    return status;
}

void tw_claim_list_clear(tw_claim_list *list) {
    if (list == NULL) return;
    free(list->claims);
    *list = (tw_claim_list){0};
}

/* ---- Constants ---- */

/* The place of constant NAME of claim ID in the list; NULL: there is none. */
static double *find_constant(tw_claim_list *list, const char *id, const char *name) {
    for (size_t i = 0; i < list->count; i++) {
        const tw_claim *claim = list->claims[i].claim;
        if (strcmp(claim->id, id) != 0) continue;
        for (size_t c = 0; c < tw_claim_constants(claim); c++)
            if (strcmp(claim->constants[c].name, name) == 0) return &list->claims[i].constants[c];
    }
    return NULL;
}

static tw_status set_constant(tw_claim_list *list, const char *text, size_t length) {
    char word[128], whole[128], *end = NULL;
    if (length >= sizeof word) length = sizeof word - 1;
    memcpy(word, text, length);
    word[length] = '\0';
    memcpy(whole, word, length + 1);
    char *dot = strchr(word, '.'), *equals = dot ? strchr(dot, '=') : NULL;
    if (equals == NULL)
        return tw_fail(TW_ERR_ARGUMENT, "a constant is given as ID.NAME=X, not as '%s'", whole);
    *dot = *equals = '\0';
    errno = 0;
    double value = strtod(equals + 1, &end), *place = find_constant(list, word, dot + 1);
    if (errno || end == equals + 1 || *end)
        return tw_fail(TW_ERR_ARGUMENT, "constant %s: no number behind the '='", whole);
    if (place == NULL)
        return tw_fail(TW_ERR_ARGUMENT, "constant %s: no claim that is computed has it", whole);
    *place = value;
    return TW_OK;
}

tw_status tw_claim_list_set(tw_claim_list *list, const char *constants) {
    tw_status status = TW_OK;
    while (constants && status == TW_OK) {
        size_t length = strcspn(constants, ",");
        status = set_constant(list, constants, length);
        constants = constants[length] ? constants + length + 1 : NULL;
    }
    return status;
}

/* ---- Answers ---- */

tw_status tw_claim_list_evaluate(tw_claim_list *list, const tw_claim_options *options) {
    tw_status status = TW_OK;
    for (size_t i = 0; i < list->count && status == TW_OK; i++) {
        tw_claim_verdict *row = &list->claims[i];
        tw_claim_options own = options ? *options : TW_CLAIM_DEFAULTS;
        double start = tw_clock_seconds();
        own.constants = row->constants;
        status = tw_claim_evaluate(row->claim, &own, &row->result);
        row->seconds = tw_clock_seconds() - start;
    }
    return status;
}

bool tw_claim_is_expected(const tw_claim_verdict *verdict) {
    return verdict->result.answer == verdict->claim->expected;
}
