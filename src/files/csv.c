/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/files/csv.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "files/atomic_private.h"
#include "files/text_private.h"

/* Text that grows; length bytes of `room` are used. */
typedef struct text {
    char *bytes;
    size_t length, room;
} text;

static tw_status add(text *t, const char *word) {
    size_t more = strlen(word);
    if (more == 0) return TW_OK;
    if (t->length + more > t->room) {
        size_t room = 2 * t->room + more + 4096;
        char *bytes = tw_resize(t->bytes, room, 1);
        if (bytes == NULL) return TW_ERR_MEMORY;
        t->bytes = bytes;
        t->room = room;
    }
    memcpy(t->bytes + t->length, word, more);
    t->length += more;
    return TW_OK;
}

static size_t columns(const tw_array *array) {
    return array->rank == 2 ? array->shape[1] : 1;
}

static tw_status check(const tw_bundle *table) {
    for (size_t i = 0; i < table->array_count; i++) {
        const tw_array *array = &table->arrays[i];
        if (array->rank < 1 || array->rank > 2 || array->shape[0] != table->arrays[0].shape[0])
            return tw_fail(TW_ERR_SHAPE, "'%s' is no column of a table with the rows of '%s'",
                           array->name, table->arrays[0].name);
    }
    return TW_OK;
}

static tw_status add_names(text *t, const tw_bundle *table) {
    tw_status status = TW_OK;
    for (size_t i = 0; i < table->array_count; i++) {
        const tw_array *array = &table->arrays[i];
        for (size_t j = 0; j < columns(array); j++) {
            char suffix[32] = "";
            if (array->rank == 2) snprintf(suffix, sizeof suffix, "_%zu", j + 1);
            TW_TRY(add(t, i + j > 0 ? "," : ""));
            TW_TRY(add(t, array->name));
            TW_TRY(add(t, suffix));
        }
    }
    TW_TRY(add(t, "\n"));
cleanup:
    return status;
}

static tw_status add_number(text *t, const tw_array *array, double value) {
    char room[TW_NUMBER_BYTES] = "";
    if (!isfinite(value))
        return tw_fail(TW_ERR_DATA, "'%s' holds %g, which has no digits", array->name, value);
    if (array->element == TW_I32 || array->element == TW_I64)
        snprintf(room, sizeof room, "%.0f", value);
    else
        tw_number_text(value, room);
    return add(t, room);
}

static tw_status add_row(text *t, const tw_bundle *table, size_t row) {
    tw_status status = TW_OK;
    for (size_t i = 0; i < table->array_count; i++) {
        const tw_array *array = &table->arrays[i];
        for (size_t j = 0; j < columns(array); j++) {
            TW_TRY(add(t, i + j > 0 ? "," : ""));
            TW_TRY(add_number(t, array, array->values[row * columns(array) + j]));
        }
    }
    TW_TRY(add(t, "\n"));
cleanup:
    return status;
}

tw_status tw_csv_write(const char *path, const tw_bundle *table) {
    tw_status status = TW_OK;
    text t = {0};
    size_t rows = table->array_count ? table->arrays[0].shape[0] : 0;
    TW_TRY(check(table));
    TW_TRY(add_names(&t, table));
    for (size_t row = 0; row < rows; row++) TW_TRY(add_row(&t, table, row));
    TW_TRY(tw_file_store(path, t.bytes, t.length));
cleanup:
    free(t.bytes);
    return status;
}
