/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What is read, written and read again is written the same. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/files/json.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static void write_and_read(const tw_json *value, int indent) {
    tw_json *again = NULL;
    char *text = tw_json_text(value, indent);
    if (!text || tw_json_parse(text, strlen(text), &again) != TW_OK) abort();
    char *second = tw_json_text(again, indent);
    if (!second || strcmp(text, second) != 0) abort();
    free(text);
    free(second);
    tw_json_destroy(again);
}

/* Numbers are finite, whatever text they came from. */
static void read_numbers(const char *data, size_t bytes) {
    bool list = false;
    size_t count = 0;
    double *values = NULL;
    char *text = calloc(bytes + 1, 1);
    if (!text) abort();
    memcpy(text, data, bytes);
    if (tw_json_parse_numbers(text, &list, &count, &values) == TW_OK) {
        for (size_t i = 0; i < count; i++)
            if (!isfinite(values[i])) abort();
        free(values);
    }
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes) {
    tw_json *value = NULL;
    read_numbers((const char *)data, bytes);
    if (tw_json_parse((const char *)data, bytes, &value) != TW_OK) return 0;
    write_and_read(value, 0);
    write_and_read(value, 2);
    tw_json_destroy(value);
    return 0;
}
