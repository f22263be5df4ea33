/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/files/csv.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "files/atomic_private.h"
#include "files/text_private.h"

/* Text that grows; length bytes of `room` are used, and a NUL stands behind them. */
typedef struct text {
    char *bytes;
    size_t length, room;
} text;

static tw_status add(text *t, const char *word) {
    size_t more = strlen(word);
    if (t->length + more + 1 > t->room) {
        size_t room = 2 * t->room + more + 4096;
        char *bytes = tw_resize(t->bytes, room, 1);
        if (bytes == NULL) return TW_ERR_MEMORY;
        t->bytes = bytes;
        t->room = room;
    }
    memcpy(t->bytes + t->length, word, more + 1);
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
cleanup:
    return status;
}

/* As RFC 4180 has it. */
static tw_status add_word(text *t, const char *word) {
    tw_status status = TW_OK;
    if (strpbrk(word, ",\"\r\n") == NULL) return add(t, word);
    TW_TRY(add(t, "\""));
    for (; *word; word++) TW_TRY(add(t, *word == '"' ? "\"\"" : (char[]){*word, '\0'}));
    TW_TRY(add(t, "\""));
cleanup:
    return status;
}

/* The words of a line behind its numbers: of a row, or the columns' names. */
static tw_status add_words(text *t, const tw_csv_table *table, const size_t *row) {
    tw_status status = TW_OK;
    for (size_t j = 0; j < table->word_columns; j++) {
        const tw_csv_words *column = &table->words[j];
        TW_TRY(add(t, table->numbers->array_count + j > 0 ? "," : ""));
        TW_TRY(add_word(t, row ? column->words[*row] : column->name));
    }
    TW_TRY(add(t, "\n"));
cleanup:
    return status;
}

static tw_status print(const tw_csv_table *table, text *t) {
    tw_status status = TW_OK;
    const tw_bundle *numbers = table->numbers;
    size_t rows = numbers->array_count ? numbers->arrays[0].shape[0] : 0;
    TW_TRY(check(numbers));
    TW_TRY(add_names(t, numbers));
    TW_TRY(add_words(t, table, NULL));
    for (size_t row = 0; row < rows; row++) {
        TW_TRY(add_row(t, numbers, row));
        TW_TRY(add_words(t, table, &row));
    }
cleanup:
    return status;
}

tw_status tw_csv_print(const tw_csv_table *table, char **out) {
    text t = {0};
    tw_status status = print(table, &t);
    if (status == TW_OK)
        *out = t.bytes;
    else
        free(t.bytes);
    return status;
}

tw_status tw_csv_write(const char *path, const tw_csv_table *table) {
    text t = {0};
    tw_status status = print(table, &t);
    if (status == TW_OK) status = tw_file_store(path, t.bytes, t.length);
    free(t.bytes);
    return status;
}
