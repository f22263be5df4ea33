/* SPDX-License-Identifier: GPL-3.0-or-later */
/* safetensors: the length of a JSON header (8 bytes, little-endian), the header, the numbers.
 *
 *     {"__metadata__": {"loss": "ce"}, "W1": {"dtype": "F32", "shape": [4, 8],
 *      "data_offsets": [0, 128]}}
 *
 * Offsets count from the end of the header. The tensors tile the data without holes or overlaps, so
 * no byte is read twice and the memory is bounded by the size of the file; that is checked for all
 * of them before any is allocated. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/files/json.h>

#include "base/alloc_private.h"
#include "files/bundle_private.h"
#include "files/formats_private.h"
#include "files/safetensors_private.h"
#include "files/storage_private.h"
#include "files/text_private.h"

enum { LENGTH_BYTES = 8 };

typedef struct tensor {
    const char *name;  /* borrowed from the header */
    tw_stored stored;  /* without a storage: no bundle can hold it */
    size_t begin, end; /* within the data */
} tensor;

static tw_status parse_dtype(const tw_json *entry, tw_stored *stored) {
    const char *dtype = tw_json_as_string(tw_json_get(entry, "dtype"));
    char shown[TW_PRINTABLE_BYTES];
    if (!dtype) return tw_fail(TW_ERR_FORMAT, "has no dtype");
    stored->storage = tw_storage_named(dtype);
    if (stored->storage) return TW_OK;
    return tw_fail(TW_ERR_UNSUPPORTED, "dtype %s is not supported: save it as F32 or F64",
                   tw_printable(dtype, strlen(dtype), shown));
}

static bool as_size(const tw_json *value, size_t *size) {
    long long integer;
    if (!tw_json_as_integer(value, &integer) || integer < 0) return false;
    *size = (size_t)integer;
    return true;
}

static tw_status parse_shape(const tw_json *entry, tw_stored *stored) {
    const tw_json *shape = tw_json_get(entry, "shape");
    if (!tw_json_is_array(shape)) return tw_fail(TW_ERR_FORMAT, "has no shape");
    stored->rank = tw_json_size(shape);
    for (size_t i = 0; i < stored->rank && i < TW_ARRAY_MAX_RANK; i++) {
        if (as_size(tw_json_at(shape, i), &stored->shape[i])) continue;
        return tw_fail(TW_ERR_FORMAT, "dimension %zu is no count", i);
    }
    return tw_shape_length(stored->rank, stored->shape, &stored->length);
}

static tw_status parse_offsets(const tw_json *entry, tensor *out) {
    const tw_json *offsets = tw_json_get(entry, "data_offsets");
    if (tw_json_size(offsets) != 2 || !as_size(tw_json_at(offsets, 0), &out->begin) ||
        !as_size(tw_json_at(offsets, 1), &out->end) || out->begin > out->end) {
        return tw_fail(TW_ERR_FORMAT, "data_offsets are not two increasing counts");
    }
    if (!out->stored.storage) return TW_OK;
    size_t bytes = out->stored.storage->bytes;
    if (out->stored.length == (out->end - out->begin) / bytes &&
        (out->end - out->begin) % bytes == 0) {
        return TW_OK;
    }
    return tw_fail(TW_ERR_FORMAT, "%zu numbers of %zu bytes do not fill data_offsets %zu to %zu",
                   out->stored.length, bytes, out->begin, out->end);
}

/* Offsets are wanted of every tensor, for the tiling. */
static tw_status parse_tensor(const char *name, const tw_json *entry, tw_bundle *bundle,
                              tensor *out) {
    tw_status status = TW_OK;
    *out = (tensor){.name = name};
    if (!tw_json_is_object(entry)) {
        status = tw_fail(TW_ERR_FORMAT, "its header entry is no object");
        goto cleanup;
    }
    status = parse_dtype(entry, &out->stored);
    if (status == TW_OK) status = parse_shape(entry, &out->stored);
    if (status == TW_ERR_UNSUPPORTED) {
        out->stored.storage = NULL;
        TW_TRY(tw_bundle_omit(bundle, bundle->array_count, name, tw_fail_in_array(status, name)));
    }
    TW_TRY(status);
    TW_TRY(parse_offsets(entry, out));
cleanup:
    return tw_fail_in_array(status, name);
}

static tw_status parse_metadata(const tw_json *metadata, tw_bundle *bundle) {
    const char *key = NULL;
    if (!tw_json_is_object(metadata)) {
        return tw_fail(TW_ERR_FORMAT, TW_SAFETENSORS_METADATA " is no object");
    }
    for (const tw_json *member; (member = tw_json_next(metadata, &key));) {
        const char *text = tw_json_as_string(member);
        if (!text) return tw_fail_in_metadata(tw_fail(TW_ERR_FORMAT, "is no string"), key);
        tw_status status = tw_bundle_set_string(bundle, key, text, false);
        if (status != TW_OK) return status;
    }
    return TW_OK;
}

/* tensors: room for one a member of the header. */
static tw_status parse_entries(const tw_json *header, tw_bundle *bundle, tensor *tensors,
                               size_t *count) {
    const char *key = NULL;
    *count = 0;
    for (const tw_json *member; (member = tw_json_next(header, &key));) {
        tw_status status = strcmp(key, TW_SAFETENSORS_METADATA) == 0
                               ? parse_metadata(member, bundle)
                               : parse_tensor(key, member, bundle, &tensors[(*count)++]);
        if (status != TW_OK) return status;
    }
    return TW_OK;
}

static int by_begin(const void *a, const void *b) {
    const tensor *const *left = a, *const *right = b;
    return ((*left)->begin > (*right)->begin) - ((*left)->begin < (*right)->begin);
}

/* Sorted by offset, each tensor begins where the one before it ends, from 0 to the last byte. */
static tw_status check_tiling(const tensor *tensors, size_t count, size_t data_bytes) {
    tw_status status = TW_OK;
    const tensor **sorted = NULL;
    size_t end = 0;
    TW_TRY(TW_NEW(sorted, count));
    for (size_t i = 0; i < count; i++) sorted[i] = &tensors[i];
    qsort(sorted, count, sizeof *sorted, by_begin);
    for (size_t i = 0; i < count; end = sorted[i++]->end) {
        if (sorted[i]->begin == end) continue;
        status = tw_fail(
            TW_ERR_FORMAT, "its data begin at byte %zu, %s byte %zu", sorted[i]->begin,
            sorted[i]->begin < end ? "within others that end at" : "behind a hole that begins at",
            end);
        status = tw_fail_in_array(status, sorted[i]->name);
        goto cleanup;
    }
    if (end != data_bytes) {
        status = tw_fail(TW_ERR_FORMAT, "the arrays take %zu bytes, the file has %zu for them", end,
                         data_bytes);
    }
cleanup:
    free(sorted);
    return status;
}

typedef struct cursor {
    const tw_source *source;
    size_t offset;
} cursor;

static tw_status read_on(void *self, void *to, size_t bytes) {
    cursor *at = self;
    size_t offset = at->offset;
    at->offset += bytes;
    return tw_source_read(at->source, offset, to, bytes);
}

static tw_status load_tensors(const tw_source *source, size_t data_offset, const tensor *tensors,
                              size_t count, tw_bundle *bundle) {
    for (size_t i = 0; i < count; i++) {
        const tw_stored *stored = &tensors[i].stored;
        cursor at = {source, data_offset + tensors[i].begin};
        size_t before = bundle->array_count;
        tw_array *array;
        if (!stored->storage) continue;
        tw_status status = tw_bundle_add(bundle, tensors[i].name, stored->storage->element,
                                         stored->rank, stored->shape, &array);
        if (status != TW_OK) return status;
        status = tw_array_load(array, stored, &(tw_stream){read_on, &at});
        status = tw_fail_in_array(status, tensors[i].name);
        status = tw_bundle_omit(bundle, before, tensors[i].name, status);
        if (status != TW_OK) return status;
    }
    return TW_OK;
}

static tw_status read_header_length(const tw_source *source, size_t *length) {
    unsigned char raw[LENGTH_BYTES];
    uint64_t value = 0;
    if (source->bytes < LENGTH_BYTES) {
        return tw_fail(TW_ERR_FORMAT, "has %zu bytes, too few for a safetensors file",
                       source->bytes);
    }
    tw_status status = tw_source_read(source, 0, raw, sizeof raw);
    if (status != TW_OK) return status;
    for (int i = LENGTH_BYTES; i-- > 0;) value = value << 8 | raw[i];
    if (value > source->bytes - LENGTH_BYTES || value > TW_SAFETENSORS_HEADER_MAX_BYTES) {
        return tw_fail(TW_ERR_FORMAT,
                       "claims a header of %llu bytes; the file has %zu behind that number, and "
                       "the limit is %d",
                       (unsigned long long)value, source->bytes - LENGTH_BYTES,
                       TW_SAFETENSORS_HEADER_MAX_BYTES);
    }
    *length = (size_t)value;
    return TW_OK;
}

static tw_status read_header(const tw_source *source, size_t length, tw_json **header) {
    tw_status status = TW_OK;
    char *text = NULL;
    TW_TRY(TW_NEW(text, length));
    TW_TRY(tw_source_read(source, LENGTH_BYTES, text, length));
    status = text[0] == '{' ? tw_json_parse(text, length, header)
                            : tw_fail(TW_ERR_FORMAT, "does not begin with '{'");
    if (status != TW_OK) tw_fail_in(status, "header: ");
cleanup:
    free(text);
    return status;
}

tw_status tw_safetensors_read_source(const tw_source *source, tw_bundle *bundle) {
    tw_status status = TW_OK;
    tw_json *header = NULL;
    tensor *tensors = NULL;
    size_t header_bytes = 0, count;
    TW_TRY(read_header_length(source, &header_bytes));
    TW_TRY(read_header(source, header_bytes, &header));
    TW_TRY(TW_NEW(tensors, tw_json_size(header)));
    TW_TRY(parse_entries(header, bundle, tensors, &count));
    size_t data_offset = LENGTH_BYTES + header_bytes;
    TW_TRY(check_tiling(tensors, count, source->bytes - data_offset));
    TW_TRY(load_tensors(source, data_offset, tensors, count, bundle));
cleanup:
    free(tensors);
    tw_json_destroy(header);
    return status;
}

static tw_status fill(const char *path, tw_bundle *bundle) {
    tw_source source = {0};
    tw_status status = tw_source_open(&source, path);
    if (status == TW_OK) status = tw_safetensors_read_source(&source, bundle);
    tw_source_close(&source);
    return status;
}

tw_status tw_safetensors_read(const char *path, tw_bundle *bundle) {
    return tw_bundle_fill(path, bundle, fill);
}
