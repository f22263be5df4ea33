/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The options that would read a file in names of its own.
 *
 * What is offered has to fit: weights whose shapes form a chain on H become W1 .. WL, the bias of
 * the last of them b, and where H or labels are missing, the array that is called like one. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "model/names_private.h"

void tw_say(tw_sentence *s, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    int bytes = vsnprintf(s->text + s->used, sizeof s->text - s->used, format, arguments);
    va_end(arguments);
    if (bytes > 0) s->used += (size_t)bytes;
    if (s->used >= sizeof s->text) s->used = sizeof s->text - 1;
}

/* The part before the first character that no plain name has: "W1" of "W1.scale". */
static bool extends_own(const tw_bundle *bundle, const char *name) {
    char start[24];
    size_t bytes = strcspn(name, "._/:-[{( ");
    if (name[bytes] == '\0' || bytes >= sizeof start) return false;
    memcpy(start, name, bytes);
    start[bytes] = '\0';
    return (tw_name_layer(start) > 0 || strcmp(start, "b") == 0) && tw_bundle_find(bundle, start);
}

static bool same_shape(const tw_array *a, const tw_array *b) {
    return a->rank == b->rank && memcmp(a->shape, b->shape, a->rank * sizeof *a->shape) == 0;
}

/* "fc.W1" and "W2_b" tell of a layer of their own, before the name that would be copied. */
static bool tells_of_a_layer(const char *name, size_t bytes) {
    char start[256] = "";
    if (bytes < sizeof start) memcpy(start, name, bytes);
    return tw_name_role_within(start) != TW_ROLE_NONE;
}

bool tw_name_is_copy(const tw_bundle *bundle, const tw_array *array) {
    const char *name = array->name, *last = name + strlen(name);
    while (last > name && !strchr("./_", last[-1])) last--;
    if (last == name || !tw_name_is_own(last) || tells_of_a_layer(name, (size_t)(last - name)))
        return false;
    const tw_array *own = tw_bundle_find(bundle, last);
    return own && same_shape(own, array);
}

/* What other parts of a file are called, a run's or a certificate's, and records of the course of a
 * training. */
static bool is_known_other(const char *name) {
    static const char history[] = "_history";
    size_t bytes = strlen(name), end = sizeof history - 1;
    if (strncmp(name, "resume.", 7) == 0) return true;
    if (strcmp(name, "rayleigh") == 0 || strcmp(name, "gradient_norm") == 0) return true;
    if (strncmp(name, "v_", 2) == 0 && tw_name_is_own(name + 2)) return true;
    return bytes > end && strcmp(name + bytes - end, history) == 0;
}

bool tw_name_is_passenger(const tw_bundle *bundle, const tw_array *array) {
    if (tw_name_is_own(array->name) || is_known_other(array->name)) return true;
    return tw_name_is_copy(bundle, array);
}

bool tw_name_is_suspect(const tw_bundle *bundle, const tw_array *array) {
    tw_role role = tw_name_role(array->name);
    if (tw_name_is_passenger(bundle, array)) return false;
    if (role == TW_ROLE_WEIGHT || role == TW_ROLE_BIAS || extends_own(bundle, array->name))
        return true;
    return role == TW_ROLE_NONE && (array->rank == 1 || array->rank == 2) &&
           tw_name_role_within(array->name) != TW_ROLE_NONE;
}

/* ---- Candidates ---- */

static tw_role role_of(const tw_array *array) {
    tw_role role = tw_name_role(array->name);
    if (role == TW_ROLE_NONE) role = tw_name_role_within(array->name);
    if (role != TW_ROLE_LAYER) return role;
    return array->rank == 2 ? TW_ROLE_WEIGHT : TW_ROLE_BIAS;
}

static tw_candidates collect(const tw_bundle *bundle, tw_role role, size_t rank) {
    tw_candidates found = {0};
    for (size_t i = 0; i < bundle->array_count && found.count < TW_CANDIDATES; i++) {
        const tw_array *array = &bundle->arrays[i];
        if (array->rank != rank || role_of(array) != role || is_known_other(array->name)) continue;
        bool beside = role == TW_ROLE_WEIGHT && extends_own(bundle, array->name);
        if (!beside && !tw_name_is_copy(bundle, array)) found.arrays[found.count++] = array;
    }
    return found;
}

/* H, or the one array that is called like it. */
static const tw_array *features(const tw_bundle *bundle) {
    const tw_array *H = tw_bundle_find(bundle, "H");
    if (H) return H->rank == 2 ? H : NULL;
    tw_candidates called = collect(bundle, TW_ROLE_FEATURES, 2);
    return called.count == 1 ? called.arrays[0] : NULL;
}

/* Do two names mean one layer: fc.weight and fc.bias, W2 and b2? */
static bool same_layer(const char *a, const char *b) {
    size_t prefix = tw_name_prefix(a);
    if (prefix != tw_name_prefix(b) || strncmp(a, b, prefix) != 0) return false;
    return tw_name_compare_numbers(a + prefix, b + prefix) == 0;
}

/* ---- Offers ---- */

static void offer(tw_sentence *maps, const char *from, const char *to) {
    bool quote = strpbrk(from, " []()") != NULL;
    const char *mark = quote ? "'" : "";
    if (strcmp(from, to) != 0) tw_say(maps, " --map %s%.60s=%s%s", mark, from, to, mark);
}

static void offer_weights(const tw_candidates *weights, const tw_name_order *order,
                          tw_sentence *maps, tw_sentence *warning) {
    size_t before = maps->used;
    for (size_t l = 0; l < weights->count; l++) {
        char to[24];
        snprintf(to, sizeof to, "W%zu", l + 1);
        offer(maps, weights->arrays[l]->name, to);
    }
    if (maps->used == before) return;
    if (order->guess)
        tw_say(warning,
               "; several orders of the weights fit the shapes, so this one is a guess: "
               "check it");
    if (order->turned)
        tw_say(warning,
               "; every W has its inputs as rows, and is wanted with its outputs as rows: "
               "save the transpose of each");
}

/* Is it the bias of a layer below the last? */
static bool is_below(const tw_array *bias, const tw_candidates *weights, bool turned) {
    for (size_t l = 0; l + 1 < weights->count; l++) {
        const tw_array *weight = weights->arrays[l];
        if (bias->shape[0] == weight->shape[turned] && same_layer(bias->name, weight->name))
            return true;
    }
    return false;
}

/* Is it the bias of the last layer, by its name or because it fits no other? */
static bool is_last(const tw_array *bias, const tw_candidates *weights, bool turned) {
    const tw_array *top = weights->arrays[weights->count - 1];
    if (bias->shape[0] != top->shape[turned]) return false;
    for (size_t l = 0; l + 1 < weights->count; l++)
        if (weights->arrays[l]->shape[turned] == bias->shape[0])
            return same_layer(bias->name, top->name);
    return true;
}

/* The bias of the last layer becomes b; those of other layers are named in `hidden`. */
static void offer_biases(const tw_bundle *bundle, const tw_candidates *weights, bool turned,
                         tw_sentence *maps, tw_sentence *hidden) {
    const tw_array *top = weights->arrays[weights->count - 1];
    tw_candidates biases = collect(bundle, TW_ROLE_BIAS, 1);
    for (size_t i = 0; i < biases.count; i++) {
        const tw_array *bias = biases.arrays[i];
        if (tw_name_is_own(bias->name)) continue;
        if (tw_bundle_find(bundle, "b") || is_below(bias, weights, turned))
            tw_say(hidden, "%s'%.60s'", hidden->used ? ", " : "", bias->name);
        else if (is_last(bias, weights, turned) &&
                 (biases.count == 1 || same_layer(bias->name, top->name)))
            offer(maps, bias->name, "b");
    }
}

void tw_names_offer_missing(const tw_bundle *bundle, tw_role role, const char *to,
                            tw_sentence *maps) {
    if (tw_bundle_find(bundle, to)) return;
    for (size_t rank = 2; rank > 0; rank--) {
        tw_candidates called = collect(bundle, role, rank);
        if (role == TW_ROLE_FEATURES && rank != 2) continue;
        if (called.count == 1) {
            offer(maps, called.arrays[0]->name, to);
            return;
        }
    }
}

void tw_names_offer(const tw_bundle *bundle, tw_sentence *maps, tw_sentence *warning,
                    tw_sentence *hidden) {
    tw_candidates weights = collect(bundle, TW_ROLE_WEIGHT, 2);
    tw_name_order order = {0};
    if (tw_names_order(&weights, features(bundle), &order)) {
        offer_weights(&weights, &order, maps, warning);
        offer_biases(bundle, &weights, order.turned, maps, hidden);
    }
    tw_names_offer_missing(bundle, TW_ROLE_FEATURES, "H", maps);
    tw_names_offer_missing(bundle, TW_ROLE_LABELS, "labels", maps);
}
