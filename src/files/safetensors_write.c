/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Writing safetensors. The header names the arrays in the bundle's order; the data stand with the
 * 8-byte types first, so that every array is aligned to its own type. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/files/json.h>

#include "base/alloc_private.h"
#include "files/atomic_private.h"
#include "files/bundle_private.h"
#include "files/formats_private.h"
#include "files/safetensors_private.h"
#include "files/storage_private.h"
#include "files/text_private.h"

enum { ALIGNMENT = 8 };

static size_t element_bytes(const tw_array *array) {
    return tw_storage_of(array->element)->bytes;
}

/* begins[i]: offset of array i within the data. */
static void place_arrays(const tw_bundle *bundle, size_t *begins) {
    size_t offset = 0;
    for (size_t width = 8; width >= 4; width /= 2) {
        for (size_t i = 0; i < bundle->array_count; i++) {
            const tw_array *array = &bundle->arrays[i];
            if (element_bytes(array) != width) continue;
            begins[i] = offset;
            offset += tw_array_length(array) * width;
        }
    }
}

static tw_json *sizes_to_json(size_t count, const size_t *sizes) {
    tw_json *array = tw_json_array();
    for (size_t i = 0; i < count; i++) {
        if (tw_json_append(array, tw_json_integer((long long)sizes[i])) == TW_OK) continue;
        tw_json_destroy(array);
        return NULL;
    }
    return array;
}

static tw_json *describe_array(const tw_array *array, size_t begin) {
    tw_status status = TW_OK;
    tw_json *entry = tw_json_object();
    size_t span[2] = {begin, begin + tw_array_length(array) * element_bytes(array)};
    const char *dtype = tw_storage_of(array->element)->name;
    TW_TRY(tw_json_set(entry, "dtype", tw_json_string(dtype)));
    TW_TRY(tw_json_set(entry, "shape", sizes_to_json(array->rank, array->shape)));
    TW_TRY(tw_json_set(entry, "data_offsets", sizes_to_json(2, span)));
    return entry;
cleanup:
    tw_json_destroy(entry);
    (void)status;
    return NULL;
}

static tw_json *describe_metadata(const tw_bundle *bundle) {
    tw_json *object = tw_json_object();
    for (size_t i = 0; i < bundle->metadata_count; i++) {
        const tw_metadata *entry = &bundle->metadata[i];
        char *string = NULL;
        tw_status status = tw_metadata_string(entry, false, &string);
        if (status == TW_OK) status = tw_json_set(object, entry->key, tw_json_string(string));
        free(string);
        if (status == TW_OK) continue;
        tw_json_destroy(object);
        return NULL;
    }
    return object;
}

/* The header with blanks behind it up to the alignment; *text (out, owned: free). */
static tw_status print_header(const tw_bundle *bundle, const size_t *begins, char **text,
                              size_t *bytes) {
    tw_status status = TW_OK;
    tw_json *header = tw_json_object();
    char *printed = NULL, *padded = NULL;
    if (bundle->metadata_count > 0) {
        TW_TRY(tw_json_set(header, TW_SAFETENSORS_METADATA, describe_metadata(bundle)));
    }
    for (size_t i = 0; i < bundle->array_count; i++) {
        const tw_array *array = &bundle->arrays[i];
        TW_TRY(tw_json_set(header, array->name, describe_array(array, begins[i])));
    }
    printed = tw_json_text(header, 0);
    TW_TRY(printed ? TW_OK : TW_ERR_MEMORY);
    size_t length = strlen(printed), room = (length + ALIGNMENT - 1) / ALIGNMENT * ALIGNMENT;
    TW_TRY(TW_NEW(padded, room));
    memset(padded, ' ', room);
    memcpy(padded, printed, length);
    *text = padded;
    *bytes = room;
cleanup:
    free(printed);
    tw_json_destroy(header);
    return status;
}

static tw_status write_header(tw_atomic *file, const char *header, size_t bytes) {
    unsigned char length[8];
    if (bytes > TW_SAFETENSORS_HEADER_MAX_BYTES) {
        return tw_fail(TW_ERR_UNSUPPORTED, "a header of %zu bytes is needed, the limit is %d",
                       bytes, TW_SAFETENSORS_HEADER_MAX_BYTES);
    }
    for (size_t i = 0; i < sizeof length; i++) length[i] = (unsigned char)(bytes >> 8 * i);
    tw_status status = tw_atomic_write(file, length, sizeof length);
    return status != TW_OK ? status : tw_atomic_write(file, header, bytes);
}

static tw_status write_array(tw_atomic *file, const tw_array *array) {
    unsigned char raw[TW_CHUNK_BYTES];
    size_t bytes = element_bytes(array), most = sizeof raw / bytes;
    size_t length = tw_array_length(array);
    for (size_t done = 0, count; done < length; done += count) {
        count = length - done < most ? length - done : most;
        tw_array_encode(array, done, count, raw);
        tw_status status = tw_atomic_write(file, raw, count * bytes);
        if (status != TW_OK) return status;
    }
    return TW_OK;
}

static tw_status write_data(tw_atomic *file, const tw_bundle *bundle) {
    for (size_t width = 8; width >= 4; width /= 2) {
        for (size_t i = 0; i < bundle->array_count; i++) {
            if (element_bytes(&bundle->arrays[i]) != width) continue;
            tw_status status = write_array(file, &bundle->arrays[i]);
            if (status != TW_OK) return status;
        }
    }
    return TW_OK;
}

static tw_status check_names(const tw_bundle *bundle) {
    if (!tw_bundle_find(bundle, TW_SAFETENSORS_METADATA)) return TW_OK;
    return tw_fail(TW_ERR_UNSUPPORTED, "no array can be named " TW_SAFETENSORS_METADATA);
}

tw_status tw_safetensors_write(const char *path, const tw_bundle *bundle) {
    tw_status status = TW_OK;
    tw_atomic file = {0};
    size_t *begins = NULL, header_bytes;
    char *header = NULL;
    TW_TRY(tw_bundle_check_writable(bundle));
    TW_TRY(check_names(bundle));
    TW_TRY(TW_NEW(begins, bundle->array_count));
    place_arrays(bundle, begins);
    TW_TRY(print_header(bundle, begins, &header, &header_bytes));
    TW_TRY(tw_atomic_begin(&file, path));
    TW_TRY(write_header(&file, header, header_bytes));
    TW_TRY(write_data(&file, bundle));
    TW_TRY(tw_atomic_finish(&file));
    TW_TRY(tw_atomic_publish(&file));
cleanup:
    tw_atomic_abandon(&file);
    free(begins);
    free(header);
    return tw_fail_in_file(status, path);
}
