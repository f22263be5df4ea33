/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Attributes of HDF5 as metadata and back. */
#include <hdf5.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/files/json.h>

#include "base/alloc_private.h"
#include "files/bundle_private.h"
#include "files/hdf5_private.h"
#include "files/text_private.h"

enum { ATTRIBUTE_MAX_BYTES = 16 << 20 };

/* ---- Reading ---- */

/* One text of `bytes` bytes at most, without the blanks that some programs fill up with. */
static tw_status add_text(tw_json *list, const char *text, size_t bytes, bool blanks) {
    tw_status status = TW_OK;
    char *copy = tw_alloc(bytes + 1, 1);
    if (!copy) return TW_ERR_MEMORY;
    memcpy(copy, text, bytes);
    while (blanks && bytes > 0 && copy[bytes - 1] == ' ') copy[--bytes] = '\0';
    tw_json *value = tw_json_string(copy);
    bool changed = value && strcmp(tw_json_as_string(value), copy) != 0;
    status = tw_json_append(list, value);
    if (status == TW_OK && changed) status = tw_fail(TW_ERR_DATA, "is no text in UTF-8");
    free(copy);
    return status;
}

/* Bytes of a text of fixed length; SIZE_MAX for one that goes on behind a NUL, as no text of ours
 * can: only where a NUL ends it the rest is no part of it. */
static size_t fixed_length(const char *text, size_t bytes, H5T_str_t filling) {
    size_t length = strnlen(text, bytes);
    for (size_t i = length; filling != H5T_STR_NULLTERM && i < bytes; i++)
        if (text[i] != '\0') return SIZE_MAX;
    return length;
}

/* Texts of fixed length come into our block, others stand in blocks of the library's. */
static tw_status read_texts(hid_t attribute, hid_t type, size_t count, tw_json *list) {
    tw_status status = TW_OK;
    H5T_str_t filling = H5Tget_strpad(type);
    bool variable = H5Tis_variable_str(type) > 0, blanks = filling == H5T_STR_SPACEPAD;
    size_t bytes = H5Tget_size(type);
    char *block = tw_alloc(count, bytes);
    if (!block) return TW_ERR_MEMORY;
    if (H5Aread(attribute, type, block) < 0) {
        memset(block, 0, count * bytes);
        status = tw_hdf5_fail(TW_ERR_FORMAT, "cannot be read");
    }
    for (size_t i = 0; i < count; i++) {
        char *text = block + i * bytes;
        if (variable) memcpy(&text, block + i * bytes, sizeof text);
        size_t length = !text ? 0 : variable ? strlen(text) : fixed_length(text, bytes, filling);
        if (status == TW_OK && length == SIZE_MAX) {
            status = tw_fail(TW_ERR_DATA, "has a text with a NUL within");
        }
        if (status == TW_OK) {
            status = add_text(list, text ? text : "", length, blanks);
        }
        if (variable) H5free_memory(text);
    }
    free(block);
    return status;
}

/* Unsigned integers too wide for int64 arrive as the greatest of them. */
static tw_status read_numbers(hid_t attribute, H5T_class_t class, size_t count, tw_json *list) {
    tw_status status = TW_OK;
    bool whole = class != H5T_FLOAT;
    int64_t *raw = NULL; /* of the bits of int64 or double */
    TW_TRY(TW_NEW(raw, count));
    if (H5Aread(attribute, whole ? H5T_NATIVE_INT64 : H5T_NATIVE_DOUBLE, raw) < 0) {
        status = tw_hdf5_fail(TW_ERR_FORMAT, "cannot be read");
    }
    for (size_t i = 0; i < count && status == TW_OK; i++) {
        double number;
        memcpy(&number, &raw[i], sizeof number);
        if (whole && raw[i] == INT64_MAX) {
            status = tw_fail(TW_ERR_UNSUPPORTED, "has integers beyond 2^63");
            break;
        }
        if (!whole && !isfinite(number)) {
            status = tw_fail(TW_ERR_DATA, "number %zu is %g, and no finite number", i, number);
            break;
        }
        status = tw_json_append(list, class == H5T_ENUM ? tw_json_boolean(raw[i] != 0)
                                      : whole           ? tw_json_integer(raw[i])
                                                        : tw_json_number(number));
    }
cleanup:
    free(raw);
    return status;
}

/* The truth values of h5py: an enumeration of FALSE and TRUE. */
static bool is_boolean(hid_t type) {
    signed char value[16];
    hid_t base = H5Tget_super(type);
    bool narrow = H5Tget_size(base) <= sizeof value && H5Tget_nmembers(type) == 2;
    tw_hdf5_release(base);
    return narrow && H5Tenum_valueof(type, "FALSE", value) >= 0 &&
           H5Tenum_valueof(type, "TRUE", value) >= 0;
}

static tw_status read_values(hid_t attribute, hid_t type, size_t count, tw_json *list) {
    H5T_class_t class = H5Tget_class(type);
    if (class == H5T_STRING) return read_texts(attribute, type, count, list);
    if (class == H5T_INTEGER || class == H5T_FLOAT || (class == H5T_ENUM && is_boolean(type))) {
        return read_numbers(attribute, class, count, list);
    }
    return tw_fail(TW_ERR_UNSUPPORTED, "is neither text nor numbers nor truth values");
}

/* Metadata have lists and no tables; one row or column is a list. */
static tw_status check_dimensions(hid_t space) {
    hsize_t dims[H5S_MAX_RANK], long_ones = 0;
    int rank = H5Sget_simple_extent_dims(space, dims, NULL);
    for (int i = 0; i < rank; i++) long_ones += dims[i] != 1;
    if (long_ones <= 1) return TW_OK;
    return tw_fail(TW_ERR_UNSUPPORTED, "has %d dimensions, a list has one", rank);
}

/* What has no dimensions stands alone, and so does a single text; anything else is a list. */
static tw_status read_attribute_as(hid_t attribute, hid_t type, hid_t space, const char *key,
                                   tw_bundle *bundle) {
    tw_status status = TW_OK;
    tw_json *list = NULL;
    H5S_class_t shape = H5Sget_simple_extent_type(space);
    hssize_t count = H5Sget_simple_extent_npoints(space);
    hsize_t bytes = H5Aget_storage_size(attribute);
    if (shape == H5S_NULL) return tw_bundle_set_metadata(bundle, key, "null");
    if (count < 0 || bytes > ATTRIBUTE_MAX_BYTES) {
        return tw_fail(TW_ERR_UNSUPPORTED, "%lld values in %llu bytes, the limit is %d",
                       (long long)count, (unsigned long long)bytes, ATTRIBUTE_MAX_BYTES);
    }
    TW_TRY(check_dimensions(space));
    list = tw_json_array();
    TW_TRY(list ? TW_OK : TW_ERR_MEMORY);
    if (count > 0) TW_TRY(read_values(attribute, type, (size_t)count, list));
    bool alone = count == 1 && (shape == H5S_SCALAR || H5Tget_class(type) == H5T_STRING);
    const char *string = alone ? tw_json_as_string(tw_json_at(list, 0)) : NULL;
    TW_TRY(string ? tw_bundle_set_string(bundle, key, string, true)
                  : tw_bundle_set_json(bundle, key, alone ? tw_json_at(list, 0) : list));
cleanup:
    tw_json_destroy(list);
    return status;
}

/* A walk over the attributes of a group. */
typedef struct walk {
    hid_t group;
    const tw_source *source;
    bool checked; /* the heaps of texts */
    tw_bundle *bundle;
} walk;

static size_t width_of_sizes(hid_t group) {
    size_t address = 0, size = 0;
    hid_t file = H5Iget_file_id(group), plan = H5Fget_create_plist(file);
    H5Pget_sizes(plan, &address, &size);
    tw_hdf5_release(plan);
    H5Fclose(file);
    return size;
}

static tw_status check_texts(walk *w, hid_t type) {
    if (w->checked || H5Tis_variable_str(type) <= 0) return TW_OK;
    w->checked = true;
    return tw_hdf5_check_heaps(w->source, width_of_sizes(w->group));
}

static tw_status read_attribute(walk *w, H5_index_t order, hsize_t index) {
    char key[TW_NAME_MAX_BYTES + 1];
    hid_t attribute =
        H5Aopen_by_idx(w->group, ".", order, H5_ITER_INC, index, H5P_DEFAULT, H5P_DEFAULT);
    ssize_t bytes = H5Aget_name(attribute, sizeof key, key);
    if (bytes < 0 || (size_t)bytes >= sizeof key) {
        tw_hdf5_release(attribute);
        return tw_fail(TW_ERR_FORMAT, "attribute %llu cannot be read or its name is too long",
                       (unsigned long long)index);
    }
    hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    tw_status status = check_texts(w, type);
    if (status == TW_OK) status = read_attribute_as(attribute, type, space, key, w->bundle);
    tw_hdf5_release(type);
    tw_hdf5_release(space);
    tw_hdf5_release(attribute);
    return tw_bundle_omit_metadata(w->bundle, key, tw_fail_in_metadata(status, key));
}

tw_status tw_hdf5_read_attributes(hid_t group, const tw_source *source, tw_bundle *bundle) {
    walk w = {group, source, false, bundle};
    H5O_info_t facts;
    bool ordered = tw_hdf5_is_ordered(group, H5Pget_attr_creation_order);
    H5_index_t order = ordered ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME;
    if (H5Oget_info(group, &facts) < 0) {
        return tw_hdf5_fail(TW_ERR_FORMAT, "cannot be read as HDF5");
    }
    for (hsize_t i = 0; i < facts.num_attrs; i++) {
        tw_status status = read_attribute(&w, order, i);
        if (status != TW_OK) return status;
    }
    return TW_OK;
}

/* ---- Writing ---- */

/* An attribute of that type in that space. Takes both over. */
static tw_status put(hid_t file, const char *key, hid_t type, hid_t space, const void *values) {
    hid_t attribute =
        H5Acreate_by_name(file, "/", key, type, space, H5P_DEFAULT, H5P_DEFAULT, H5P_DEFAULT);
    herr_t done = values ? H5Awrite(attribute, type, values) : attribute < 0 ? -1 : 0;
    tw_status status = done < 0 ? tw_hdf5_fail(TW_ERR_MEMORY, "cannot be packed") : TW_OK;
    tw_hdf5_release(attribute);
    tw_hdf5_release(space);
    tw_hdf5_release(type);
    return status;
}

/* Of variable length: strings of fixed length are bytes to Python. */
static tw_status put_text(hid_t file, const char *key, const char *text) {
    hid_t type = H5Tcopy(H5T_C_S1);
    H5Tset_size(type, H5T_VARIABLE);
    H5Tset_cset(type, H5T_CSET_UTF8);
    return put(file, key, type, H5Screate(H5S_SCALAR), &text);
}

/* As h5py writes them. */
static tw_status put_boolean(hid_t file, const char *key, bool value) {
    signed char members[2] = {0, 1};
    hid_t type = H5Tenum_create(H5T_STD_I8LE);
    H5Tenum_insert(type, "FALSE", &members[0]);
    H5Tenum_insert(type, "TRUE", &members[1]);
    return put(file, key, type, H5Screate(H5S_SCALAR), &members[value]);
}

/* The value is a number or a list of numbers. */
static bool is_numbers(const tw_json *value, bool *whole) {
    double number;
    long long integer;
    bool list = tw_json_is_array(value);
    size_t count = list ? tw_json_size(value) : 1;
    *whole = true;
    for (size_t i = 0; i < count; i++) {
        const tw_json *member = list ? tw_json_at(value, i) : value;
        if (!tw_json_as_number(member, &number)) return false;
        *whole = *whole && tw_json_as_integer(member, &integer);
    }
    return count > 0;
}

static tw_status put_numbers(hid_t file, const char *key, const tw_json *value, bool whole) {
    tw_status status = TW_OK;
    bool list = tw_json_is_array(value);
    size_t count = list ? tw_json_size(value) : 1;
    uint64_t *raw = NULL; /* of the bits of int64 or double */
    TW_TRY(TW_NEW(raw, count));
    for (size_t i = 0; i < count; i++) {
        const tw_json *member = list ? tw_json_at(value, i) : value;
        double number = 0.0;
        long long integer = 0;
        tw_json_as_number(member, &number);
        tw_json_as_integer(member, &integer);
        memcpy(&raw[i], whole ? (void *)&integer : (void *)&number, sizeof *raw);
    }
    hid_t type = H5Tcopy(whole ? H5T_NATIVE_INT64 : H5T_NATIVE_DOUBLE);
    hsize_t length = count;
    hid_t space = list ? H5Screate_simple(1, &length, NULL) : H5Screate(H5S_SCALAR);
    TW_TRY(put(file, key, type, space, raw));
cleanup:
    free(raw);
    return status;
}

static tw_status put_value(hid_t file, const char *key, const tw_json *value, const char *text) {
    bool truth, whole;
    if (tw_json_as_boolean(value, &truth)) return put_boolean(file, key, truth);
    if (is_numbers(value, &whole)) return put_numbers(file, key, value, whole);
    if (tw_json_is_null(value))
        return put(file, key, H5Tcopy(H5T_NATIVE_DOUBLE), H5Screate(H5S_NULL), NULL);
    return put_text(file, key, text);
}

static tw_status write_text(hid_t file, const tw_metadata *entry) {
    char *string = NULL;
    tw_status status = tw_metadata_string(entry, true, &string);
    if (status == TW_OK) status = put_text(file, entry->key, string);
    free(string);
    return status;
}

static tw_status write_value(hid_t file, const tw_metadata *entry) {
    tw_json *value = NULL;
    tw_status status = tw_json_parse(entry->text, strlen(entry->text), &value);
    if (status != TW_ERR_MEMORY) {
        status = status == TW_OK ? put_value(file, entry->key, value, entry->text)
                                 : put_text(file, entry->key, entry->text);
    }
    tw_json_destroy(value);
    return status;
}

tw_status tw_hdf5_write_attribute(hid_t file, const tw_metadata *entry) {
    tw_status status = entry->is_text ? write_text(file, entry) : write_value(file, entry);
    return tw_fail_in_metadata(status, entry->key);
}
