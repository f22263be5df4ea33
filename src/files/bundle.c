/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/files/bundle.h>

#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "files/bundle_private.h"
#include "files/text_private.h"

void tw_bundle_clear(tw_bundle *bundle) {
    if (!bundle) return;
    for (size_t i = 0; i < bundle->array_count; i++) {
        free(bundle->arrays[i].name);
        free(bundle->arrays[i].values);
    }
    for (size_t i = 0; i < bundle->metadata_count; i++) {
        free(bundle->metadata[i].key);
        free(bundle->metadata[i].text);
    }
    free(bundle->arrays);
    free(bundle->metadata);
    *bundle = (tw_bundle){0};
}

tw_status tw_shape_length(size_t rank, const size_t *shape, size_t *length) {
    size_t product = 1, bytes;
    if (rank > TW_ARRAY_MAX_RANK) {
        return tw_fail(TW_ERR_UNSUPPORTED, "%zu dimensions, the limit is %d", rank,
                       TW_ARRAY_MAX_RANK);
    }
    for (size_t i = 0; i < rank; i++) {
        if (shape[i] == 0) return tw_fail(TW_ERR_UNSUPPORTED, "dimension %zu is 0", i);
        if (__builtin_mul_overflow(product, shape[i], &product) ||
            __builtin_mul_overflow(product, sizeof(double), &bytes)) {
            return tw_fail(TW_ERR_UNSUPPORTED, "the product of the %zu dimensions overflows", rank);
        }
    }
    *length = product;
    return TW_OK;
}

/* Room for one entry more. The capacity is the power of two at or above the count, so it need not
 * be stored. */
static tw_status grow(void **entries, size_t count, size_t size) {
    if (count >= TW_BUNDLE_MAX_ENTRIES) {
        return tw_fail(TW_ERR_UNSUPPORTED, "more than %d entries", TW_BUNDLE_MAX_ENTRIES);
    }
    if (count & (count - 1)) return TW_OK;
    void *moved = tw_resize(*entries, count ? 2 * count : 1, size);
    if (!moved) return TW_ERR_MEMORY;
    *entries = moved;
    return TW_OK;
}

static tw_status add_array(tw_bundle *bundle, tw_array *array, const char *name) {
    void *arrays = bundle->arrays;
    tw_status status = grow(&arrays, bundle->array_count, sizeof *bundle->arrays);
    bundle->arrays = arrays;
    if (status != TW_OK) return status;
    array->name = tw_copy_string(name);
    if (!array->name) return TW_ERR_MEMORY;
    bundle->arrays[bundle->array_count++] = *array;
    return TW_OK;
}

tw_status tw_bundle_add(tw_bundle *bundle, const char *name, tw_element element, size_t rank,
                        const size_t *shape, tw_array **array) {
    tw_status status = TW_OK;
    tw_array added = {.element = element, .rank = rank};
    size_t length = 0;
    TW_TRY(tw_name_check("array name", name));
    if (tw_bundle_find(bundle, name)) {
        status = tw_fail_in_array(tw_fail(TW_ERR_DATA, "is there twice"), name);
        goto cleanup;
    }
    TW_TRY(tw_fail_in_array(tw_shape_length(rank, shape, &length), name));
    if (rank > 0) memcpy(added.shape, shape, rank * sizeof *shape);
    TW_TRY(tw_fail_in_array(TW_NEW(added.values, length), name));
    TW_TRY(add_array(bundle, &added, name));
    added.values = NULL;
    if (array) *array = &bundle->arrays[bundle->array_count - 1];
cleanup:
    free(added.values);
    return status;
}

const tw_array *tw_bundle_find(const tw_bundle *bundle, const char *name) {
    for (size_t i = 0; i < bundle->array_count; i++) {
        if (strcmp(bundle->arrays[i].name, name) == 0) return &bundle->arrays[i];
    }
    return NULL;
}

size_t tw_array_length(const tw_array *array) {
    size_t length = 1;
    for (size_t i = 0; i < array->rank; i++) length *= array->shape[i];
    return length;
}

static tw_metadata *find_metadata(const tw_bundle *bundle, const char *key) {
    for (size_t i = 0; i < bundle->metadata_count; i++) {
        if (strcmp(bundle->metadata[i].key, key) == 0) return &bundle->metadata[i];
    }
    return NULL;
}

static tw_status add_metadata(tw_bundle *bundle, const char *key, char *text) {
    void *metadata = bundle->metadata;
    tw_status status = grow(&metadata, bundle->metadata_count, sizeof *bundle->metadata);
    bundle->metadata = metadata;
    if (status != TW_OK) return status;
    char *copy = tw_copy_string(key);
    if (!copy) return TW_ERR_MEMORY;
    bundle->metadata[bundle->metadata_count++] = (tw_metadata){copy, text};
    return TW_OK;
}

tw_status tw_bundle_set_metadata(tw_bundle *bundle, const char *key, const char *text) {
    tw_status status = tw_name_check("metadata key", key);
    if (status != TW_OK) return status;
    char *copy = tw_copy_string(text);
    if (!copy) return TW_ERR_MEMORY;
    tw_metadata *entry = find_metadata(bundle, key);
    if (entry) {
        free(entry->text);
        entry->text = copy;
        return TW_OK;
    }
    status = add_metadata(bundle, key, copy);
    if (status != TW_OK) free(copy);
    return status;
}

const char *tw_bundle_metadata(const tw_bundle *bundle, const char *key) {
    const tw_metadata *entry = find_metadata(bundle, key);
    return entry ? entry->text : NULL;
}

tw_status tw_bundle_set_json(tw_bundle *bundle, const char *key, const tw_json *value) {
    const char *string = tw_json_as_string(value);
    if (string) return tw_bundle_set_metadata(bundle, key, string);
    char *text = tw_json_text(value, 0);
    if (!text) return TW_ERR_MEMORY;
    tw_status status = tw_bundle_set_metadata(bundle, key, text);
    free(text);
    return status;
}

tw_json *tw_raw_to_json(size_t count, const uint64_t *raw, bool integers) {
    tw_json *list = tw_json_array();
    for (size_t i = 0; i < count; i++) {
        double number;
        int64_t integer;
        memcpy(&number, &raw[i], sizeof number);
        memcpy(&integer, &raw[i], sizeof integer);
        tw_json *value = integers ? tw_json_integer(integer) : tw_json_number(number);
        if (tw_json_append(list, value) == TW_OK) continue;
        tw_json_destroy(list);
        return NULL;
    }
    return list;
}

tw_status tw_bundle_count_length(size_t length, size_t *total) {
    size_t most = TW_BUNDLE_MAX_BYTES / sizeof(double);
    if (length > most - *total / sizeof(double)) {
        return tw_fail(TW_ERR_UNSUPPORTED, "%zu numbers, all arrays together may have %zu", length,
                       most);
    }
    *total += length * sizeof(double);
    return TW_OK;
}

tw_status tw_bundle_fill(const char *path, tw_bundle *bundle,
                         tw_status (*fill)(const char *path, tw_bundle *bundle)) {
    if (bundle->array_count || bundle->metadata_count) {
        return tw_fail(TW_ERR_ARGUMENT, "%s: the bundle to read into is not empty", path);
    }
    tw_status status = fill(path, bundle);
    if (status != TW_OK) tw_bundle_clear(bundle);
    return tw_fail_in_file(status, path);
}
