/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/spectrum/levels.h>

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"

void tw_levels_clear(tw_levels *levels) {
    if (levels == NULL) return;
    free(levels->rows);
    *levels = (tw_levels){0};
}

tw_status tw_levels_add(tw_levels *levels, double value, uint64_t copies, const char *label) {
    if (copies == 0) return TW_OK;
    if (levels->count == levels->room) {
        size_t room = levels->room ? 2 * levels->room : 16;
        tw_level *moved = tw_resize(levels->rows, room, sizeof *moved);
        if (moved == NULL) return TW_ERR_MEMORY;
        levels->rows = moved;
        levels->room = room;
    }
    levels->rows[levels->count++] =
        (tw_level){.value = value, .copies = copies, .exact = true, .label = label};
    return TW_OK;
}

static int by_label_and_value(const void *a, const void *b) {
    const tw_level *x = a, *y = b;
    int label = strcmp(x->label, y->label);
    return label ? label : (x->value > y->value) - (x->value < y->value);
}

static int by_value(const void *a, const void *b) {
    const tw_level *x = a, *y = b;
    int order = (x->value > y->value) - (x->value < y->value);
    return order ? order : strcmp(x->label, y->label);
}

void tw_levels_join(tw_levels *levels, double tolerance) {
    tw_level *rows = levels->rows;
    size_t kept = 0;
    double last = 0.0; /* the last member's own value, which the mean must not hide */
    if (levels->count == 0) return;
    qsort(rows, levels->count, sizeof *rows, by_label_and_value);
    for (size_t i = 0; i < levels->count; i++) {
        tw_level row = rows[i];
        tw_level *target = kept ? &rows[kept - 1] : NULL;
        bool crosses = last < 0.0 && row.value > 0.0; /* a sign is never averaged away */
        if (target && strcmp(target->label, row.label) == 0 && !crosses &&
            row.value - last <= tolerance) {
            double weight = (double)row.copies / (double)(row.copies + target->copies);
            target->value += weight * (row.value - target->value);
            target->copies += row.copies;
        } else {
            rows[kept++] = row;
        }
        last = row.value;
    }
    levels->count = kept;
    qsort(rows, kept, sizeof *rows, by_value);
}

uint64_t tw_levels_total(const tw_levels *levels) {
    uint64_t total = 0;
    for (size_t i = 0; i < levels->count; i++) total += levels->rows[i].copies;
    return total;
}

uint64_t tw_levels_below(const tw_levels *levels, double x) {
    uint64_t total = 0;
    for (size_t i = 0; i < levels->count; i++)
        if (levels->rows[i].value < x) total += levels->rows[i].copies;
    return total;
}

uint64_t tw_levels_within(const tw_levels *levels, double x) {
    uint64_t total = 0;
    for (size_t i = 0; i < levels->count; i++)
        if (fabs(levels->rows[i].value) <= x) total += levels->rows[i].copies;
    return total;
}
