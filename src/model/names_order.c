/* SPDX-License-Identifier: GPL-3.0-or-later */
/* In which order are these weights the layers of a network? */
#include <stdlib.h>
#include <string.h>

#include "model/names_private.h"

enum { MOST_STEPS = 20000 };

/* A search for chains of shapes that takes every array once. */
typedef struct search {
    const tw_candidates *all;
    bool turned, keep_own; /* W<l> stays layer l */
    size_t found, steps;   /* chains, up to 2; arrays tried */
    bool used[TW_CANDIDATES];
    size_t path[TW_CANDIDATES], first[TW_CANDIDATES]; /* this chain, and the first that was found */
} search;

static void extend(search *s, size_t depth, size_t width);

static void try_array(search *s, size_t i, size_t depth, size_t width) {
    const tw_array *array = s->all->arrays[i];
    size_t layer = s->keep_own ? tw_name_layer(array->name) : 0;
    if (s->used[i] || (width > 0 && array->shape[!s->turned] != width)) return;
    if (layer > 0 && layer != depth + 1) return;
    s->used[i] = true;
    s->path[depth] = i;
    extend(s, depth + 1, array->shape[s->turned]);
    s->used[i] = false;
}

/* `width`: what the next layer takes, 0 when it is not known. */
static void extend(search *s, size_t depth, size_t width) {
    if (depth == s->all->count) {
        if (s->found++ == 0) memcpy(s->first, s->path, sizeof s->first);
        return;
    }
    for (size_t i = 0; i < s->all->count && s->found < 2 && s->steps++ < MOST_STEPS; i++)
        try_array(s, i, depth, width);
}

static search look(const tw_candidates *weights, size_t width, bool turned, bool keep_own) {
    search s = {.all = weights, .turned = turned, .keep_own = keep_own};
    extend(&s, 0, width);
    return s;
}

static void arrange(tw_candidates *weights, const size_t *order) {
    tw_candidates old = *weights;
    for (size_t i = 0; i < old.count; i++) weights->arrays[i] = old.arrays[order[i]];
}

static bool is_chain(const tw_candidates *weights, size_t width, bool turned) {
    for (size_t l = 0; l < weights->count; l++) {
        const tw_array *array = weights->arrays[l];
        if (width > 0 && array->shape[!turned] != width) return false;
        width = array->shape[turned];
    }
    return true;
}

static int by_numbers(const void *a, const void *b) {
    const tw_array *const *left = a, *const *right = b;
    return tw_name_compare_numbers((*left)->name, (*right)->name);
}

/* Sort by the numbers in the names where each has one, they tell all apart and the shapes allow
 * it. */
static bool arrange_by_numbers(tw_candidates *weights, size_t width, bool turned) {
    tw_candidates sorted = *weights;
    qsort(sorted.arrays, sorted.count, sizeof *sorted.arrays, by_numbers);
    /* One without a number has come first. */
    if (strpbrk(sorted.arrays[0]->name, "0123456789") == NULL) return false;
    for (size_t l = 1; l < sorted.count; l++)
        if (by_numbers(&sorted.arrays[l - 1], &sorted.arrays[l]) == 0) return false;
    if (!is_chain(&sorted, width, turned)) return false;
    *weights = sorted;
    return true;
}

static bool order_with(tw_candidates *weights, size_t width, bool turned, tw_name_order *order) {
    search any = look(weights, width, turned, false);
    if (any.found == 0) return false;
    *order = (tw_name_order){.turned = turned, .guess = any.found > 1 || any.steps >= MOST_STEPS};
    if (order->guess) {
        if (arrange_by_numbers(weights, width, turned)) return true;
        search own = look(weights, width, turned, true);
        if (own.found > 0) any = own;
    }
    arrange(weights, any.first);
    return true;
}

/* H may itself be transposed; that its sentence will say once the names are right. */
bool tw_names_order(tw_candidates *weights, const tw_array *H, tw_name_order *order) {
    if (weights->count == 0) return false;
    for (int turned = 0; turned < 2; turned++) {
        for (int axis = 0; axis < (H ? 2 : 1); axis++)
            if (order_with(weights, H ? H->shape[axis] : 0, turned, order)) return true;
    }
    return false;
}
