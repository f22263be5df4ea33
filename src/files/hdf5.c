/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HDF5: each dataset of the root group is an array, each attribute of it a metadata entry; groups
 * below it are not looked into. Links to other places and data kept in other files are refused, so
 * that a file can only give what it holds.
 *
 * Files are written as an image in memory, which atomic.c brings to the disk: when the library
 * itself cannot write, it keeps the file open and complains on standard error at exit. */
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/files/json.h>

#include "base/alloc_private.h"
#include "files/atomic_private.h"
#include "files/bundle_private.h"
#include "files/formats_private.h"
#include "files/storage_private.h"
#include "files/text_private.h"

enum { ATTRIBUTE_MAX_BYTES = 16 << 20 };
/* The caller's own setting for printing errors, put aside while we are at work. */
typedef struct printing {
    H5E_auto2_t handler;
    void *data;
} printing;

static printing silence(void) {
    printing saved = {NULL, NULL};
    H5dont_atexit(); /* its closing at exit loops and prints after damaged files */
    H5Eget_auto2(H5E_DEFAULT, &saved.handler, &saved.data);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    return saved;
}

static void restore(printing saved) {
    H5Eclear2(H5E_DEFAULT);
    H5Eset_auto2(H5E_DEFAULT, saved.handler, saved.data);
}

/* Any kind of identifier but a file's. */
static void release(hid_t id) {
    if (id >= 0) H5Idec_ref(id);
}

static herr_t keep_innermost(unsigned n, const H5E_error2_t *entry, void *text) {
    if (n == 0 && entry->desc) tw_printable(entry->desc, strlen(entry->desc), text);
    return 0;
}

/* The innermost entry of the library's error stack tells most. */
static tw_status fail_hdf5(tw_status status, const char *what) {
    char text[TW_PRINTABLE_BYTES] = "no reason given";
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_innermost, text);
    return tw_fail(status, "%s: %s", what, text);
}

/* NULL with the sentence set for a kind that is not supported. */
static const tw_storage *find_storage(hid_t type) {
    static const char *const classes[H5T_NCLASSES] = {
        "integer",  "float",     "time", "string",          "bit field", "opaque",
        "compound", "reference", "enum", "variable-length", "array"};
    size_t bytes = H5Tget_size(type);
    H5T_class_t class = H5Tget_class(type);
    bool is_signed = class == H5T_INTEGER && H5Tget_sign(type) == H5T_SGN_2;
    if (class == H5T_FLOAT && bytes <= 8) return tw_storage_of(bytes > 4 ? TW_F64 : TW_F32);
    if (is_signed && bytes == 8) return tw_storage_of(TW_I64);
    if (is_signed && bytes == 4) return tw_storage_of(TW_I32);
    tw_fail(TW_ERR_UNSUPPORTED, "dtype %s%s of %zu bytes is not supported",
            class == H5T_INTEGER && !is_signed ? "unsigned " : "",
            class >= 0 && class < H5T_NCLASSES ? classes[class] : "unknown", bytes);
    return NULL;
}

static tw_status read_shape(hid_t dataset, tw_stored *stored) {
    hsize_t dims[H5S_MAX_RANK];
    hid_t space = H5Dget_space(dataset);
    int rank = H5Sget_simple_extent_dims(space, dims, NULL);
    bool empty = H5Sget_simple_extent_type(space) == H5S_NULL;
    release(space);
    if (rank < 0) return fail_hdf5(TW_ERR_FORMAT, "has no shape");
    if (empty) return tw_fail(TW_ERR_UNSUPPORTED, "is empty");
    stored->rank = (size_t)rank;
    for (int i = 0; i < rank && i < TW_ARRAY_MAX_RANK; i++) stored->shape[i] = (size_t)dims[i];
    return tw_shape_length(stored->rank, stored->shape, &stored->length);
}

/* What is left of the file's bytes, and the bytes of the arrays so far. */
typedef struct totals {
    size_t file, doubles;
} totals;

/* The data are in this file, and not fewer than deflate could have made of the array. */
static tw_status check_extent(hid_t dataset, const tw_stored *stored, totals *sums) {
    hid_t plan = H5Dget_create_plist(dataset);
    bool elsewhere = H5Pget_external_count(plan) != 0 || H5Pget_layout(plan) == H5D_VIRTUAL;
    release(plan);
    if (elsewhere) return tw_fail(TW_ERR_UNSUPPORTED, "its data are in another file");
    size_t held = (size_t)H5Dget_storage_size(dataset);
    if (held > sums->file || held < stored->length / TW_DEFLATE_MAX_RATIO || held == 0) {
        return tw_fail(TW_ERR_FORMAT, "%zu numbers in %zu bytes of %zu that are there",
                       stored->length, held, sums->file);
    }
    sums->file -= held;
    return tw_bundle_count_length(stored->length, &sums->doubles);
}

/* int64 are read as such: on the way through double 2^53 + 1 would pass for 2^53. */
static tw_status read_values(hid_t dataset, tw_array *array) {
    bool integers = array->element == TW_I64;
    hid_t type = integers ? H5T_NATIVE_INT64 : H5T_NATIVE_DOUBLE;
    herr_t done = H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT, array->values);
    if (done < 0) return fail_hdf5(TW_ERR_FORMAT, "cannot be read");
    return integers ? tw_array_from_integers(array) : tw_array_check_finite(array);
}

static tw_status read_dataset(hid_t dataset, const char *name, totals *sums, tw_bundle *bundle) {
    tw_status status = TW_OK;
    tw_stored stored = {0};
    tw_array *array;
    hid_t type = H5Dget_type(dataset);
    stored.storage = find_storage(type);
    release(type);
    TW_TRY(stored.storage ? TW_OK : TW_ERR_UNSUPPORTED);
    TW_TRY(read_shape(dataset, &stored));
    TW_TRY(check_extent(dataset, &stored, sums));
    status =
        tw_bundle_add(bundle, name, stored.storage->element, stored.rank, stored.shape, &array);
    if (status != TW_OK) return status; /* this sentence names the array already */
    TW_TRY(read_values(dataset, array));
cleanup:
    return tw_fail_in_array(status, name);
}

/* A group is passed over. */
static tw_status read_link(hid_t root, const char *name, totals *sums, tw_bundle *bundle) {
    H5L_info_t facts;
    bool here = H5Lget_info(root, name, &facts, H5P_DEFAULT) >= 0 && facts.type == H5L_TYPE_HARD;
    if (!here) return tw_fail_in_array(tw_fail(TW_ERR_UNSUPPORTED, "is a link elsewhere"), name);
    hid_t object = H5Oopen(root, name, H5P_DEFAULT);
    if (object < 0) return tw_fail_in_array(fail_hdf5(TW_ERR_FORMAT, "cannot be opened"), name);
    tw_status status = TW_OK;
    if (H5Iget_type(object) == H5I_DATASET) status = read_dataset(object, name, sums, bundle);
    release(object);
    return status;
}

/* The order in which things were added, when the file remembers it, else by name. */
static H5_index_t order_of(hid_t root, herr_t (*get)(hid_t plan, unsigned *flags)) {
    unsigned flags = 0;
    hid_t plan = H5Gget_create_plist(root);
    herr_t known = get(plan, &flags);
    release(plan);
    return known >= 0 && flags & H5P_CRT_ORDER_TRACKED ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME;
}

static tw_status read_links(hid_t root, size_t file_bytes, tw_bundle *bundle) {
    char name[TW_NAME_MAX_BYTES + 1];
    H5G_info_t facts;
    totals sums = {file_bytes, 0};
    H5_index_t order = order_of(root, H5Pget_link_creation_order);
    if (H5Gget_info(root, &facts) < 0) return fail_hdf5(TW_ERR_FORMAT, "cannot be read as HDF5");
    if (facts.nlinks > TW_BUNDLE_MAX_ENTRIES) {
        return tw_fail(TW_ERR_UNSUPPORTED, "more than %d entries", TW_BUNDLE_MAX_ENTRIES);
    }
    for (hsize_t i = 0; i < facts.nlinks; i++) {
        ssize_t bytes =
            H5Lget_name_by_idx(root, ".", order, H5_ITER_INC, i, name, sizeof name, H5P_DEFAULT);
        if (bytes < 0 || (size_t)bytes >= sizeof name) {
            return tw_fail(TW_ERR_FORMAT, "entry %llu cannot be read or its name is too long",
                           (unsigned long long)i);
        }
        tw_status status = read_link(root, name, &sums, bundle);
        if (status != TW_OK) return status;
    }
    return TW_OK;
}

/* Strings of fixed length come into our block, others in one of the library's. */
static tw_status read_string(hid_t attribute, hid_t type, const char *key, tw_bundle *bundle) {
    bool variable = H5Tis_variable_str(type) > 0;
    size_t bytes = variable ? 0 : H5Tget_size(type);
    char *block = tw_alloc(bytes + 1, 1), *text = block;
    if (!block) return TW_ERR_MEMORY;
    bool read = H5Aread(attribute, type, variable ? (void *)&text : block) >= 0;
    tw_status status = read ? TW_OK : fail_hdf5(TW_ERR_FORMAT, "cannot be read");
    while (H5Tget_strpad(type) == H5T_STR_SPACEPAD && bytes > 0 && block[bytes - 1] == ' ') {
        block[--bytes] = '\0';
    }
    if (read) status = tw_bundle_set_metadata(bundle, key, text ? text : "");
    if (text != block) H5free_memory(text);
    free(block);
    return status;
}

/* One of a scalar stands alone, others as a list. Unsigned integers too wide for int64 arrive as
 * the greatest of them. */
static tw_status read_numbers(hid_t attribute, bool whole, bool scalar, const char *key,
                              size_t count, tw_bundle *bundle) {
    tw_status status = TW_OK;
    uint64_t *numbers = NULL; /* int64 or double */
    tw_json *list = NULL;
    TW_TRY(TW_NEW(numbers, count));
    if (H5Aread(attribute, whole ? H5T_NATIVE_INT64 : H5T_NATIVE_DOUBLE, numbers) < 0) {
        status = fail_hdf5(TW_ERR_FORMAT, "cannot be read");
        goto cleanup;
    }
    for (size_t i = 0; i < count && whole; i++) {
        if (numbers[i] != INT64_MAX) continue;
        status = tw_fail(TW_ERR_UNSUPPORTED, "has integers beyond 2^63");
        goto cleanup;
    }
    list = tw_raw_to_json(count, numbers, whole);
    TW_TRY(list ? TW_OK : TW_ERR_MEMORY);
    TW_TRY(tw_bundle_set_json(bundle, key, scalar ? tw_json_at(list, 0) : list));
cleanup:
    tw_json_destroy(list);
    free(numbers);
    return status;
}

static tw_status read_attribute_as(hid_t attribute, hid_t type, hid_t space, const char *key,
                                   tw_bundle *bundle) {
    H5T_class_t class = H5Tget_class(type);
    hssize_t count = H5Sget_simple_extent_npoints(space);
    hsize_t bytes = H5Aget_storage_size(attribute);
    if (count < 1 || bytes > ATTRIBUTE_MAX_BYTES) {
        return tw_fail(TW_ERR_UNSUPPORTED, "%lld values in %llu bytes, the limit is %d",
                       (long long)count, (unsigned long long)bytes, ATTRIBUTE_MAX_BYTES);
    }
    if (class == H5T_INTEGER || class == H5T_FLOAT) {
        bool scalar = H5Sget_simple_extent_type(space) == H5S_SCALAR;
        return read_numbers(attribute, class == H5T_INTEGER, scalar, key, (size_t)count, bundle);
    }
    if (class == H5T_STRING && count == 1) return read_string(attribute, type, key, bundle);
    return tw_fail(TW_ERR_UNSUPPORTED, "is neither one string nor numbers");
}

static tw_status read_attribute(hid_t root, H5_index_t order, hsize_t index, tw_bundle *bundle) {
    char key[TW_NAME_MAX_BYTES + 1];
    hid_t attribute =
        H5Aopen_by_idx(root, ".", order, H5_ITER_INC, index, H5P_DEFAULT, H5P_DEFAULT);
    ssize_t bytes = H5Aget_name(attribute, sizeof key, key);
    if (bytes < 0 || (size_t)bytes >= sizeof key) {
        release(attribute);
        return tw_fail(TW_ERR_FORMAT, "attribute %llu cannot be read or its name is too long",
                       (unsigned long long)index);
    }
    hid_t type = H5Aget_type(attribute), space = H5Aget_space(attribute);
    tw_status status = read_attribute_as(attribute, type, space, key, bundle);
    release(type);
    release(space);
    release(attribute);
    return tw_fail_in_metadata(status, key);
}

static tw_status read_attributes(hid_t root, tw_bundle *bundle) {
    H5O_info_t facts;
    H5_index_t order = order_of(root, H5Pget_attr_creation_order);
    if (H5Oget_info(root, &facts) < 0) return fail_hdf5(TW_ERR_FORMAT, "cannot be read as HDF5");
    for (hsize_t i = 0; i < facts.num_attrs; i++) {
        tw_status status = read_attribute(root, order, i, bundle);
        if (status != TW_OK) return status;
    }
    return TW_OK;
}

static tw_status read_file(const char *path, size_t bytes, tw_bundle *bundle) {
    tw_status status = TW_OK;
    hid_t file = H5Fopen(path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (file < 0) return fail_hdf5(TW_ERR_FORMAT, "cannot be read as HDF5");
    hid_t root = H5Gopen2(file, "/", H5P_DEFAULT);
    TW_TRY(read_attributes(root, bundle));
    TW_TRY(read_links(root, bytes, bundle));
cleanup:
    release(root);
    H5Fclose(file);
    return status;
}

/* Opened once by ourselves for the sentences about files that are missing or no files. */
static tw_status fill(const char *path, tw_bundle *bundle) {
    tw_source source = {0};
    printing saved = silence();
    tw_status status = tw_source_open(&source, path);
    if (status == TW_OK) status = read_file(path, source.bytes, bundle);
    tw_source_close(&source);
    restore(saved);
    return status;
}

tw_status tw_hdf5_read(const char *path, tw_bundle *bundle) {
    return tw_bundle_fill(path, bundle, fill);
}

static hid_t type_in_file(tw_element element) {
    const bool wide = element == TW_F64 || element == TW_I64;
    if (element == TW_I32 || element == TW_I64) return wide ? H5T_STD_I64LE : H5T_STD_I32LE;
    return wide ? H5T_IEEE_F64LE : H5T_IEEE_F32LE;
}

static tw_status write_dataset(hid_t file, const tw_array *array) {
    hsize_t dims[TW_ARRAY_MAX_RANK];
    for (size_t i = 0; i < array->rank; i++) dims[i] = array->shape[i];
    if (strchr(array->name, '/') || strcmp(array->name, ".") == 0) {
        return tw_fail(TW_ERR_UNSUPPORTED, "HDF5 has no such names");
    }
    hid_t space =
        array->rank ? H5Screate_simple((int)array->rank, dims, NULL) : H5Screate(H5S_SCALAR);
    hid_t plan = H5Pcreate(H5P_DATASET_CREATE);
    H5Pset_obj_track_times(plan, false); /* equal bundles give equal files */
    hid_t dataset = H5Dcreate2(file, array->name, type_in_file(array->element), space, H5P_DEFAULT,
                               plan, H5P_DEFAULT);
    herr_t done =
        H5Dwrite(dataset, H5T_NATIVE_DOUBLE, H5S_ALL, H5S_ALL, H5P_DEFAULT, array->values);
    tw_status status = done < 0 ? fail_hdf5(TW_ERR_MEMORY, "cannot be packed") : TW_OK;
    release(dataset);
    release(plan);
    release(space);
    return status;
}

/* Of fixed length: where other strings are damaged, reading them makes the library crash. */
static tw_status write_attribute(hid_t file, const tw_metadata *entry) {
    hid_t type = H5Tcopy(H5T_C_S1), space = H5Screate(H5S_SCALAR);
    H5Tset_size(type, strlen(entry->text) + 1);
    H5Tset_cset(type, H5T_CSET_UTF8);
    hid_t attribute = H5Acreate_by_name(file, "/", entry->key, type, space, H5P_DEFAULT,
                                        H5P_DEFAULT, H5P_DEFAULT);
    herr_t done = H5Awrite(attribute, type, entry->text);
    tw_status status = done < 0 ? fail_hdf5(TW_ERR_MEMORY, "cannot be packed") : TW_OK;
    release(attribute);
    release(space);
    release(type);
    return tw_fail_in_metadata(status, entry->key);
}

static tw_status write_contents(hid_t file, const tw_bundle *bundle) {
    for (size_t i = 0; i < bundle->metadata_count; i++) {
        tw_status status = write_attribute(file, &bundle->metadata[i]);
        if (status != TW_OK) return status;
    }
    for (size_t i = 0; i < bundle->array_count; i++) {
        tw_status status = write_dataset(file, &bundle->arrays[i]);
        if (status != TW_OK) return tw_fail_in_array(status, bundle->arrays[i].name);
    }
    return TW_OK;
}

/* An empty file in memory. Its name must differ from those of other threads and of real files. */
static hid_t create_image(void) {
    const unsigned order = H5P_CRT_ORDER_TRACKED | H5P_CRT_ORDER_INDEXED;
    hid_t access = H5Pcreate(H5P_FILE_ACCESS), plan = H5Pcreate(H5P_FILE_CREATE);
    char name[64];
    snprintf(name, sizeof name, "/dev/null/thalweg-%p", (void *)name);
    H5Pset_fapl_core(access, (size_t)1 << 20, false);
    H5Pset_link_creation_order(plan, order);
    H5Pset_attr_creation_order(plan, order);
    H5Pset_obj_track_times(plan, false);
    hid_t file = H5Fcreate(name, H5F_ACC_TRUNC, plan, access);
    release(plan);
    release(access);
    return file;
}

static tw_status print_image(const tw_bundle *bundle, char **image, size_t *bytes) {
    tw_status status = TW_OK;
    hid_t file = create_image();
    if (file < 0) return fail_hdf5(TW_ERR_MEMORY, "cannot be packed");
    TW_TRY(write_contents(file, bundle));
    ssize_t size = H5Fflush(file, H5F_SCOPE_GLOBAL) < 0 ? -1 : H5Fget_file_image(file, NULL, 0);
    *bytes = size < 0 ? 0 : (size_t)size;
    TW_TRY(TW_NEW(*image, *bytes));
    if (size < 0 || H5Fget_file_image(file, *image, *bytes) != size) {
        status = fail_hdf5(TW_ERR_MEMORY, "cannot be packed");
    }
cleanup:
    H5Fclose(file);
    return status;
}

tw_status tw_hdf5_write(const char *path, const tw_bundle *bundle) {
    char *image = NULL;
    size_t bytes = 0;
    printing saved = silence();
    tw_status status = tw_bundle_check_writable(bundle);
    if (status == TW_OK) status = print_image(bundle, &image, &bytes);
    status = status == TW_OK ? tw_file_store(path, image, bytes) : tw_fail_in_file(status, path);
    restore(saved);
    free(image);
    return status;
}

const char *tw_hdf5_library(void) {
    static _Thread_local char name[32];
    unsigned major = 0, minor = 0, release_number = 0;
    H5get_libversion(&major, &minor, &release_number);
    snprintf(name, sizeof name, "HDF5 %u.%u.%u", major, minor, release_number);
    return name;
}
