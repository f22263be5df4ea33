/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A file in names of its own: refused, with the options that would read it.
 *
 * What is offered has to fit: weights in the order of their names whose shapes form a chain become
 * W1 .. WL, the bias of the last of them b, and where H or labels are missing, the array that is
 * called like one. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "model/names_private.h"

enum { ROOM = 760, MOST = 64 };

/* A sentence that grows; what does not fit is cut. */
typedef struct sentence {
    char text[ROOM];
    size_t used;
} sentence;

__attribute__((format(printf, 2, 3))) static void say(sentence *s, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int bytes = vsnprintf(s->text + s->used, sizeof s->text - s->used, format, arguments);
    va_end(arguments);
    if (bytes > 0) s->used += (size_t)bytes;
    if (s->used >= sizeof s->text) s->used = sizeof s->text - 1;
}

/* Arrays of one role and rank, in the order of layers. */
typedef struct group {
    size_t count;
    const tw_array *arrays[MOST];
} group;

static int by_name(const void *a, const void *b) {
    const tw_array *const *left = a, *const *right = b;
    return tw_name_compare((*left)->name, (*right)->name);
}

/* Is it a copy, like ema.W1 beside W1? */
static bool is_copy(const tw_bundle *bundle, const char *name) {
    const char *last = name + tw_name_prefix(name);
    return last != name && tw_name_is_own(last) && tw_bundle_find(bundle, last) != NULL;
}

static bool is_suspect(const tw_bundle *bundle, const char *name) {
    tw_role role = tw_name_role(name);
    if (role != TW_ROLE_WEIGHT && role != TW_ROLE_BIAS) return false;
    return !tw_name_is_own(name) && !is_copy(bundle, name);
}

static group collect(const tw_bundle *bundle, tw_role role, size_t rank) {
    group g = {0};
    for (size_t i = 0; i < bundle->array_count && g.count < MOST; i++) {
        const tw_array *array = &bundle->arrays[i];
        if (tw_name_role(array->name) == role && array->rank == rank &&
            !is_copy(bundle, array->name))
            g.arrays[g.count++] = array;
    }
    qsort(g.arrays, g.count, sizeof *g.arrays, by_name);
    return g;
}

static bool is_chain(const group *weights) {
    for (size_t l = 1; l < weights->count; l++)
        if (weights->arrays[l]->shape[1] != weights->arrays[l - 1]->shape[0]) return false;
    return weights->count > 0;
}

/* Do two names mean one layer: fc.weight and fc.bias, W2 and b2? */
static bool same_layer(const char *a, const char *b) {
    size_t prefix = tw_name_prefix(a);
    if (prefix != tw_name_prefix(b) || strncmp(a, b, prefix) != 0) return false;
    const char *digits = "0123456789";
    const char *left = strpbrk(a + prefix, digits), *right = strpbrk(b + prefix, digits);
    return left && right ? strcmp(left, right) == 0 : !left && !right;
}

/* ---- Offers ---- */

static void offer(sentence *maps, const char *from, const char *to) {
    if (strcmp(from, to) != 0) say(maps, " --map %.60s=%s", from, to);
}

static void offer_weights(const group *weights, sentence *maps) {
    for (size_t l = 0; l < weights->count; l++) {
        char to[24];
        snprintf(to, sizeof to, "W%zu", l + 1);
        offer(maps, weights->arrays[l]->name, to);
    }
}

/* The bias of the last layer becomes b; those of other layers are named in `hidden`. */
static void offer_biases(const tw_bundle *bundle, const group *weights, const group *biases,
                         sentence *maps, sentence *hidden) {
    const tw_array *top = weights->arrays[weights->count - 1];
    for (size_t i = 0; i < biases->count; i++) {
        const tw_array *bias = biases->arrays[i];
        bool below = tw_bundle_find(bundle, "b") != NULL;
        for (size_t l = 0; l + 1 < weights->count; l++)
            below = below || same_layer(bias->name, weights->arrays[l]->name);
        if (tw_name_is_own(bias->name)) continue;
        if (below)
            say(hidden, "%s'%.60s'", hidden->used ? ", " : "", bias->name);
        else if (bias->shape[0] == top->shape[0] &&
                 (biases->count == 1 || same_layer(bias->name, top->name)))
            offer(maps, bias->name, "b");
    }
}

/* One array of a role, when the model's own is missing. */
static void offer_missing(const tw_bundle *bundle, tw_role role, const char *to, sentence *maps) {
    if (tw_bundle_find(bundle, to)) return;
    for (size_t rank = 2; rank > 0; rank--) {
        group g = collect(bundle, role, rank);
        if (role == TW_ROLE_FEATURES && rank != 2) continue;
        if (g.count == 1) {
            offer(maps, g.arrays[0]->name, to);
            return;
        }
    }
}

static void offer_all(const tw_bundle *bundle, sentence *maps, sentence *hidden) {
    group weights = collect(bundle, TW_ROLE_WEIGHT, 2);
    group biases = collect(bundle, TW_ROLE_BIAS, 1);
    if (is_chain(&weights)) {
        offer_weights(&weights, maps);
        offer_biases(bundle, &weights, &biases, maps, hidden);
    }
    offer_missing(bundle, TW_ROLE_FEATURES, "H", maps);
    offer_missing(bundle, TW_ROLE_LABELS, "labels", maps);
}

/* ---- Refusals ---- */

/* The first suspects, quoted; returns how many there are. *prefix (out): bytes of the beginning
 * that all of them share, up to a dot or slash. */
static size_t list_suspects(const tw_bundle *bundle, sentence *list, size_t *prefix) {
    enum { SHOWN = 4 };
    const char *first = NULL;
    size_t count = 0;
    for (size_t i = 0; i < bundle->array_count; i++) {
        const char *name = bundle->arrays[i].name;
        if (!is_suspect(bundle, name)) continue;
        if (count < SHOWN) say(list, "%s'%.60s'", count ? ", " : "", name);
        if (count++ == 0) {
            first = name;
            *prefix = strcspn(name, "./");
            *prefix += name[*prefix] != '\0';
        }
        if (strncmp(first, name, *prefix) != 0) *prefix = 0;
    }
    if (count > SHOWN) say(list, " and %zu more", count - SHOWN);
    if (count > 0 && first[strcspn(first, "./")] == '\0') *prefix = 0;
    return count;
}

static const char *first_suspect(const tw_bundle *bundle) {
    for (size_t i = 0; i < bundle->array_count; i++)
        if (is_suspect(bundle, bundle->arrays[i].name)) return bundle->arrays[i].name;
    return "";
}

static tw_status refuse_suspects(const tw_bundle *bundle) {
    sentence list = {0}, maps = {0}, hidden = {0}, all = {0};
    size_t prefix = 0, count = list_suspects(bundle, &list, &prefix);
    const char *first = first_suspect(bundle);
    if (count == 0) return TW_OK;
    offer_all(bundle, &maps, &hidden);
    say(&all, "array%s %s look%s but %s none of the model's H, W1 .. WL, b, labels",
        count == 1 ? "" : "s", list.text, count == 1 ? "s like a parameter" : " like parameters",
        count == 1 ? "is" : "are");
    if (prefix > 0 && count > 1) say(&all, " (all begin with '%.*s')", (int)prefix, first);
    if (maps.used > 0)
        say(&all, ":%s names them for the model, --ignore NAME leaves one out", maps.text);
    else if (hidden.used == 0)
        say(&all, ": --map %.60s=MODEL_NAME names it, --ignore %.60s leaves it out", first, first);
    if (hidden.used > 0)
        say(&all,
            "; the model has no bias in a hidden layer: %s can only be left out (--ignore NAME), "
            "which is another model unless it is 0",
            hidden.text);
    return tw_fail(TW_ERR_DATA, "%s", all.text);
}

tw_status tw_names_check(const tw_bundle *bundle) {
    for (size_t i = 0; i < bundle->omission_count; i++) {
        const tw_omission *omission = &bundle->omissions[i];
        if (omission->is_metadata) continue;
        if (tw_name_is_own(omission->name) || is_suspect(bundle, omission->name))
            return tw_fail(omission->status, "%s", omission->reason);
    }
    return refuse_suspects(bundle);
}

tw_status tw_names_require(const tw_bundle *bundle, const char *name, const tw_array **array) {
    sentence maps = {0}, list = {0};
    tw_status status = tw_bundle_require(bundle, name, array);
    if (status != TW_ERR_DATA || *array) return status;
    for (size_t i = 0; i < bundle->omission_count; i++)
        if (!bundle->omissions[i].is_metadata && strcmp(bundle->omissions[i].name, name) == 0)
            return status;
    offer_missing(bundle, tw_name_role(name), name, &maps);
    if (maps.used > 0)
        return tw_fail(TW_ERR_DATA, "array '%s' is missing:%s takes another one for it", name,
                       maps.text);
    for (size_t i = 0; i < bundle->array_count && i < 8; i++)
        say(&list, "%s'%.40s'", i ? ", " : "", bundle->arrays[i].name);
    return tw_fail(TW_ERR_DATA, "array '%s' is missing: the file has %s%s", name,
                   list.used ? list.text : "no arrays", bundle->array_count > 8 ? ", .." : "");
}
