/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/files/bundle.h>

#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "files/bundle_private.h"
#include "files/text_private.h"

static void free_array(tw_array *array) {
    free(array->name);
    free(array->values);
}

static void free_metadata(tw_metadata *entry) {
    free(entry->key);
    free(entry->text);
}

static void free_omission(tw_omission *omission) {
    free(omission->name);
    free(omission->reason);
}

void tw_bundle_clear(tw_bundle *bundle) {
    if (!bundle) return;
    for (size_t i = 0; i < bundle->array_count; i++) free_array(&bundle->arrays[i]);
    for (size_t i = 0; i < bundle->metadata_count; i++) free_metadata(&bundle->metadata[i]);
    for (size_t i = 0; i < bundle->omission_count; i++) free_omission(&bundle->omissions[i]);
    free(bundle->arrays);
    free(bundle->metadata);
    free(bundle->omissions);
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

static const tw_omission *find_omission(const tw_bundle *bundle, const char *name) {
    for (size_t i = 0; i < bundle->omission_count; i++) {
        const tw_omission *omission = &bundle->omissions[i];
        if (!omission->is_metadata && strcmp(omission->name, name) == 0) return omission;
    }
    return NULL;
}

tw_status tw_bundle_add(tw_bundle *bundle, const char *name, tw_element element, size_t rank,
                        const size_t *shape, tw_array **array) {
    tw_status status = TW_OK;
    tw_array added = {.element = element, .rank = rank};
    size_t length = 0;
    TW_TRY(tw_name_check("array name", name));
    if (tw_bundle_find(bundle, name) || find_omission(bundle, name)) {
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

tw_status tw_bundle_require(const tw_bundle *bundle, const char *name, const tw_array **array) {
    const tw_omission *omission = find_omission(bundle, name);
    *array = tw_bundle_find(bundle, name);
    if (*array) return TW_OK;
    if (omission) return tw_fail(omission->status, "%s", omission->reason);
    return tw_fail(TW_ERR_DATA, "array '%s' is missing", name);
}

/* The entries behind the one at `at` move up by one. */
static void close_gap(void *at, size_t bytes, size_t behind) {
    memmove(at, (char *)at + bytes, behind * bytes);
}

static void remove_omission(tw_bundle *bundle, const char *name, bool is_metadata) {
    for (size_t i = bundle->omission_count; i-- > 0;) {
        tw_omission *omission = &bundle->omissions[i];
        if (omission->is_metadata != is_metadata || strcmp(omission->name, name) != 0) continue;
        free_omission(omission);
        close_gap(omission, sizeof *omission, --bundle->omission_count - i);
    }
}

void tw_bundle_remove(tw_bundle *bundle, const char *name) {
    for (size_t i = bundle->array_count; i-- > 0;) {
        if (strcmp(bundle->arrays[i].name, name) != 0) continue;
        free_array(&bundle->arrays[i]);
        close_gap(&bundle->arrays[i], sizeof *bundle->arrays, --bundle->array_count - i);
    }
    remove_omission(bundle, name, false);
}

void tw_bundle_remove_metadata(tw_bundle *bundle, const char *key) {
    for (size_t i = bundle->metadata_count; i-- > 0;) {
        if (strcmp(bundle->metadata[i].key, key) != 0) continue;
        free_metadata(&bundle->metadata[i]);
        close_gap(&bundle->metadata[i], sizeof *bundle->metadata, --bundle->metadata_count - i);
    }
    remove_omission(bundle, key, true);
}

static tw_status add_omission(tw_bundle *bundle, bool is_metadata, const char *name,
                              tw_status why) {
    tw_status status = TW_OK;
    void *omissions = bundle->omissions;
    tw_omission added = {.is_metadata = is_metadata, .status = why};
    added.reason = tw_copy_string(tw_last_error());
    added.name = tw_copy_string(name);
    TW_TRY(added.name && added.reason ? TW_OK : TW_ERR_MEMORY);
    status = grow(&omissions, bundle->omission_count, sizeof *bundle->omissions);
    bundle->omissions = omissions;
    if (status != TW_OK) goto cleanup;
    bundle->omissions[bundle->omission_count++] = added;
    added = (tw_omission){0};
cleanup:
    free_omission(&added);
    return status;
}

/* What is malformed is not: it says nothing about the rest of the file. */
static bool can_be_left_out(tw_status why) {
    return why == TW_ERR_UNSUPPORTED || why == TW_ERR_DATA;
}

tw_status tw_bundle_omit_metadata(tw_bundle *bundle, const char *key, tw_status why) {
    return can_be_left_out(why) ? add_omission(bundle, true, key, why) : why;
}

tw_status tw_bundle_omit(tw_bundle *bundle, size_t arrays, const char *name, tw_status why) {
    if (!can_be_left_out(why)) return why;
    tw_status status = add_omission(bundle, false, name, why);
    while (bundle->array_count > arrays) {
        free_array(&bundle->arrays[--bundle->array_count]);
    }
    return status;
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
    bundle->metadata[bundle->metadata_count++] = (tw_metadata){.key = copy, .text = text};
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
        entry->is_text = false;
        return TW_OK;
    }
    status = add_metadata(bundle, key, copy);
    if (status != TW_OK) free(copy);
    return status;
}

tw_status tw_bundle_set_text(tw_bundle *bundle, const char *key, const char *text) {
    tw_status status = tw_bundle_set_metadata(bundle, key, text);
    if (status == TW_OK) find_metadata(bundle, key)->is_text = true;
    return status;
}

const char *tw_bundle_metadata(const tw_bundle *bundle, const char *key) {
    const tw_metadata *entry = find_metadata(bundle, key);
    return entry ? entry->text : NULL;
}

tw_status tw_bundle_set_json(tw_bundle *bundle, const char *key, const tw_json *value) {
    const char *string = tw_json_as_string(value);
    if (string) return tw_bundle_set_text(bundle, key, string);
    char *text = tw_json_text(value, 0);
    if (!text) return TW_ERR_MEMORY;
    tw_status status = tw_bundle_set_metadata(bundle, key, text);
    free(text);
    return status;
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
    if (bundle->array_count || bundle->metadata_count || bundle->omission_count) {
        return tw_fail(TW_ERR_ARGUMENT, "%s: the bundle to read into is not empty", path);
    }
    tw_status status = fill(path, bundle);
    if (status != TW_OK) tw_bundle_clear(bundle);
    return tw_fail_in_file(status, path);
}
