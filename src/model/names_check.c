/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file in names of its own: refused, with the options that would read it. */
#include <stdio.h>
#include <string.h>

#include "model/names_private.h"

/* The first suspects, quoted; returns how many there are. *prefix (out): bytes of the beginning
 * that all of them share, up to a dot or slash. */
static size_t list_suspects(const tw_bundle *bundle, tw_sentence *list, size_t *prefix) {
    enum { SHOWN = 4 };
    const char *first = NULL;
    size_t count = 0;
    for (size_t i = 0; i < bundle->array_count; i++) {
        const char *name = bundle->arrays[i].name;
        if (!tw_name_is_suspect(bundle, &bundle->arrays[i])) continue;
        if (count < SHOWN) tw_say(list, "%s'%.60s'", count ? ", " : "", name);
        if (count++ == 0) {
            first = name;
            *prefix = strcspn(name, "./");
            *prefix += name[*prefix] != '\0';
        }
        if (strncmp(first, name, *prefix) != 0) *prefix = 0;
    }
    if (count > SHOWN) tw_say(list, " and %zu more", count - SHOWN);
    if (count > 0 && first[strcspn(first, "./")] == '\0') *prefix = 0;
    return count;
}

static const char *first_suspect(const tw_bundle *bundle) {
    for (size_t i = 0; i < bundle->array_count; i++)
        if (tw_name_is_suspect(bundle, &bundle->arrays[i])) return bundle->arrays[i].name;
    return "";
}

static tw_status refuse_suspects(const tw_bundle *bundle) {
    tw_sentence list = {0}, maps = {0}, warning = {0}, hidden = {0}, all = {0};
    size_t prefix = 0, count = list_suspects(bundle, &list, &prefix);
    const char *first = first_suspect(bundle);
    if (count == 0) return TW_OK;
    tw_names_offer(bundle, &maps, &warning, &hidden);
    tw_say(&all, "array%s %s look%s but %s none of the model's H, W1 .. WL, b, labels",
           count == 1 ? "" : "s", list.text, count == 1 ? "s like a parameter" : " like parameters",
           count == 1 ? "is" : "are");
    if (prefix > 0 && count > 1) tw_say(&all, " (all begin with '%.*s')", (int)prefix, first);
    if (maps.used > 0)
        tw_say(&all, ":%s names them for the model, --ignore NAME leaves one out%s", maps.text,
               warning.text);
    else if (hidden.used == 0)
        tw_say(&all, ": --map %.60s=MODEL_NAME names it, --ignore %.60s leaves it out", first,
               first);
    if (hidden.used > 0)
        tw_say(
            &all,
            "; the model has no bias in a hidden layer: %s can only be left out (--ignore NAME), "
            "which is another model unless it is 0",
            hidden.text);
    return tw_fail(TW_ERR_DATA, "%s", all.text);
}

/* What the model needs has to be saved anew; the rest can be left out. */
static tw_status refuse_omission(const tw_omission *omission, tw_role role) {
    const char *name = omission->name;
    if (role == TW_ROLE_BIAS)
        return tw_fail(omission->status, "%s; --ignore %s leaves it out", omission->reason, name);
    bool labels = strcmp(name, "labels") == 0;
    return tw_fail(omission->status, "%s%s", omission->reason,
                   labels ? "; the class of each sample is wanted, 0 .. K - 1" : "");
}

tw_status tw_names_check(const tw_bundle *bundle) {
    for (size_t i = 0; i < bundle->omission_count; i++) {
        const tw_omission *omission = &bundle->omissions[i];
        if (omission->is_metadata) continue;
        tw_role role = tw_name_role(omission->name);
        if (tw_name_is_own(omission->name) || role == TW_ROLE_WEIGHT || role == TW_ROLE_BIAS)
            return refuse_omission(omission, role);
    }
    return refuse_suspects(bundle);
}

tw_status tw_names_require(const tw_bundle *bundle, const char *name, const tw_array **array) {
    tw_sentence maps = {0}, list = {0};
    tw_status status = tw_bundle_require(bundle, name, array);
    if (status != TW_ERR_DATA || *array) return status;
    for (size_t i = 0; i < bundle->omission_count; i++)
        if (!bundle->omissions[i].is_metadata && strcmp(bundle->omissions[i].name, name) == 0)
            return status;
    tw_names_offer_missing(bundle, tw_name_role(name), name, &maps);
    if (maps.used > 0)
        return tw_fail(TW_ERR_DATA, "array '%s' is missing:%s takes another one for it", name,
                       maps.text);
    for (size_t i = 0; i < bundle->array_count && i < 8; i++)
        tw_say(&list, "%s'%.40s'", i ? ", " : "", bundle->arrays[i].name);
    return tw_fail(TW_ERR_DATA, "array '%s' is missing: the file has %s%s%s%s%s", name,
                   list.used ? list.text : "no arrays", bundle->array_count > 8 ? ", .." : "",
                   list.used ? "; --map NAME=" : "", list.used ? name : "",
                   list.used ? " takes one of them for it" : "");
}
