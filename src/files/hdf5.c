/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HDF5: each dataset of a group (the root group, or the one that the path names) is an array, each
 * attribute of the group a metadata entry; groups below it are not looked into. Links to other
 * places and data kept in other files are not followed, so that a file can only give what it holds.
 *
 * MATLAB writes its matrices column by column and turns the list of dimensions round, so that the
 * file shows them transposed. It marks what it wrote, and marked arrays are turned back. */
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "files/bundle_private.h"
#include "files/formats_private.h"
#include "files/hdf5_private.h"
#include "files/storage_private.h"
#include "files/text_private.h"

#define MATLAB_MARK "MATLAB_class"
#define MATLAB_EMPTY "MATLAB_empty"

tw_hdf5_printing tw_hdf5_silence(void) {
    tw_hdf5_printing saved = {NULL, NULL};
    H5dont_atexit(); /* its closing at exit loops and prints after damaged files */
    H5Eget_auto2(H5E_DEFAULT, &saved.handler, &saved.data);
    H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
    return saved;
}

void tw_hdf5_restore(tw_hdf5_printing saved) {
    H5Eclear2(H5E_DEFAULT);
    H5Eset_auto2(H5E_DEFAULT, saved.handler, saved.data);
}

void tw_hdf5_release(hid_t id) {
    if (id >= 0) H5Idec_ref(id);
}

static herr_t keep_innermost(unsigned n, const H5E_error2_t *entry, void *text) {
    if (n == 0 && entry->desc) tw_printable(entry->desc, strlen(entry->desc), text);
    return 0;
}

tw_status tw_hdf5_fail(tw_status status, const char *what) {
    char text[TW_PRINTABLE_BYTES] = "no reason given";
    H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, keep_innermost, text);
    return tw_fail(status, "%s: %s", what, text);
}

/* Whole numbers of up to 8 bytes; the truth values of h5py are an enumeration of them. */
static const tw_storage *find_integer(hid_t type) {
    hid_t whole = H5Tget_class(type) == H5T_ENUM ? H5Tget_super(type) : H5Tcopy(type);
    size_t bytes = H5Tget_size(whole);
    bool narrow = bytes < 4 || (bytes == 4 && H5Tget_sign(whole) == H5T_SGN_2);
    tw_hdf5_release(whole);
    return bytes > 8 ? NULL : tw_storage_of(narrow ? TW_I32 : TW_I64);
}

/* NULL with the sentence set for a kind that is not supported. */
static const tw_storage *find_storage(hid_t type) {
    static const char *const classes[H5T_NCLASSES] = {
        "integer",  "float",     "time", "string",          "bit field", "opaque",
        "compound", "reference", "enum", "variable-length", "array"};
    const tw_storage *storage = NULL;
    size_t bytes = H5Tget_size(type);
    H5T_class_t class = H5Tget_class(type);
    if (class == H5T_FLOAT && bytes <= 8) storage = tw_storage_of(bytes > 4 ? TW_F64 : TW_F32);
    if (class == H5T_INTEGER || class == H5T_ENUM) storage = find_integer(type);
    if (storage) return storage;
    tw_fail(TW_ERR_UNSUPPORTED, "dtype %s of %zu bytes is not supported: save it as float64",
            class >= 0 && class < H5T_NCLASSES ? classes[class] : "unknown", bytes);
    return NULL;
}

/* Filters that this HDF5 lacks, by the numbers they are registered under. */
static const char *filter_name(H5Z_filter_t filter) {
    static const struct {
        H5Z_filter_t number;
        const char *name;
    } names[] = {{H5Z_FILTER_SZIP, "szip"},
                 {307, "bzip2"},
                 {32000, "lzf"},
                 {32001, "blosc"},
                 {32004, "lz4"},
                 {32008, "bitshuffle"},
                 {32013, "zfp"},
                 {32015, "zstandard"},
                 {32026, "blosc2"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (names[i].number == filter) return names[i].name;
    }
    return "unknown";
}

static tw_status check_filters(hid_t dataset) {
    tw_status status = TW_OK;
    hid_t plan = H5Dget_create_plist(dataset);
    int count = H5Pget_nfilters(plan);
    for (int i = 0; i < count && status == TW_OK; i++) {
        unsigned flags, values[1];
        size_t value_count = 0;
        H5Z_filter_t filter =
            H5Pget_filter2(plan, (unsigned)i, &flags, &value_count, values, 0, NULL, NULL);
        if (filter < 0 || H5Zfilter_avail(filter) > 0) continue;
        status = tw_fail(TW_ERR_UNSUPPORTED,
                         "is compressed with the filter '%s' (%d), which is not available here: "
                         "save it again with compression='gzip' or with none, or pass the file "
                         "through h5repack -f GZIP=4 where that filter is installed",
                         filter_name(filter), (int)filter);
    }
    tw_hdf5_release(plan);
    return status;
}

static tw_status read_shape(hid_t dataset, tw_stored *stored) {
    hsize_t dims[H5S_MAX_RANK];
    hid_t space = H5Dget_space(dataset);
    int rank = H5Sget_simple_extent_dims(space, dims, NULL);
    bool empty = H5Sget_simple_extent_type(space) == H5S_NULL;
    tw_hdf5_release(space);
    if (rank < 0) return tw_hdf5_fail(TW_ERR_FORMAT, "has no shape");
    if (empty || H5Aexists(dataset, MATLAB_EMPTY) > 0) {
        return tw_fail(TW_ERR_UNSUPPORTED, "is empty");
    }
    stored->fortran_order = H5Aexists(dataset, MATLAB_MARK) > 0;
    stored->rank = (size_t)rank;
    for (int i = 0; i < rank && i < TW_ARRAY_MAX_RANK; i++) {
        stored->shape[i] = (size_t)dims[stored->fortran_order ? rank - 1 - i : i];
    }
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
    tw_hdf5_release(plan);
    if (elsewhere) return tw_fail(TW_ERR_UNSUPPORTED, "its data are in another file");
    size_t held = (size_t)H5Dget_storage_size(dataset);
    if (held == 0)
        return tw_fail(TW_ERR_UNSUPPORTED, "was never written: the file has its shape alone");
    if (held > sums->file || held < stored->length / TW_DEFLATE_MAX_RATIO) {
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
    if (done < 0) return tw_hdf5_fail(TW_ERR_FORMAT, "cannot be read");
    return integers ? tw_array_from_integers(array) : tw_array_check_finite(array);
}

static tw_status read_dataset(hid_t dataset, const char *name, totals *sums, tw_bundle *bundle) {
    tw_status status = TW_OK;
    tw_stored stored = {0};
    tw_array *array;
    size_t before = bundle->array_count;
    hid_t type = H5Dget_type(dataset);
    stored.storage = find_storage(type);
    tw_hdf5_release(type);
    TW_TRY(stored.storage ? TW_OK : TW_ERR_UNSUPPORTED);
    TW_TRY(read_shape(dataset, &stored));
    TW_TRY(check_filters(dataset));
    TW_TRY(check_extent(dataset, &stored, sums));
    status =
        tw_bundle_add(bundle, name, stored.storage->element, stored.rank, stored.shape, &array);
    if (status != TW_OK) return status; /* this sentence names the array already */
    TW_TRY(read_values(dataset, array));
    if (stored.fortran_order) TW_TRY(tw_array_from_fortran(array));
cleanup:
    return tw_bundle_omit(bundle, before, name, tw_fail_in_array(status, name));
}

/* A group is passed over. */
static tw_status read_link(hid_t group, const char *name, totals *sums, tw_bundle *bundle) {
    H5L_info_t facts;
    bool here = H5Lget_info(group, name, &facts, H5P_DEFAULT) >= 0 && facts.type == H5L_TYPE_HARD;
    if (!here) {
        tw_fail(TW_ERR_UNSUPPORTED, "is a link elsewhere: copy what it points to into the file");
        return tw_bundle_omit(bundle, bundle->array_count, name,
                              tw_fail_in_array(TW_ERR_UNSUPPORTED, name));
    }
    hid_t object = H5Oopen(group, name, H5P_DEFAULT);
    if (object < 0) return tw_fail_in_array(tw_hdf5_fail(TW_ERR_FORMAT, "cannot be opened"), name);
    tw_status status = TW_OK;
    if (H5Iget_type(object) == H5I_DATASET) status = read_dataset(object, name, sums, bundle);
    tw_hdf5_release(object);
    return status;
}

bool tw_hdf5_is_ordered(hid_t group, herr_t (*get)(hid_t plan, unsigned *flags)) {
    unsigned flags = 0;
    hid_t plan = H5Gget_create_plist(group);
    herr_t known = get(plan, &flags);
    tw_hdf5_release(plan);
    return known >= 0 && flags & H5P_CRT_ORDER_TRACKED;
}

/* The name of the group's entry number i; the entries are walked in `order`. */
static tw_status entry_name(hid_t group, H5_index_t order, hsize_t i,
                            char name[TW_NAME_MAX_BYTES + 1]) {
    ssize_t bytes = H5Lget_name_by_idx(group, ".", order, H5_ITER_INC, i, name,
                                       TW_NAME_MAX_BYTES + 1, H5P_DEFAULT);
    if (bytes >= 0 && bytes <= TW_NAME_MAX_BYTES) return TW_OK;
    return tw_fail(TW_ERR_FORMAT, "entry %llu cannot be read or its name is too long",
                   (unsigned long long)i);
}

/* A file of groups alone: the first few are named. */
static tw_status fail_groups(hid_t group, H5_index_t order, hsize_t count) {
    char name[TW_NAME_MAX_BYTES + 1], shown[TW_PRINTABLE_BYTES], list[4 * TW_PRINTABLE_BYTES] = "";
    for (hsize_t i = 0; i < count && i < 3; i++) {
        tw_status status = entry_name(group, order, i, name);
        if (status != TW_OK) return status;
        size_t used = strlen(list);
        snprintf(list + used, sizeof list - used, "%s'%s'", i ? ", " : "",
                 tw_printable(name, strlen(name), shown));
    }
    return tw_fail(TW_ERR_DATA,
                   "holds no array outside its groups %s%s: name the group behind a colon, as in "
                   "FILE.h5:/GROUP",
                   list, count > 3 ? ", .." : "");
}

static tw_status read_links(hid_t group, size_t file_bytes, tw_bundle *bundle) {
    char name[TW_NAME_MAX_BYTES + 1];
    H5G_info_t facts;
    totals sums = {file_bytes, 0};
    bool ordered = tw_hdf5_is_ordered(group, H5Pget_link_creation_order);
    H5_index_t order = ordered ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME;
    if (H5Gget_info(group, &facts) < 0) {
        return tw_hdf5_fail(TW_ERR_FORMAT, "cannot be read as HDF5");
    }
    if (facts.nlinks > TW_BUNDLE_MAX_ENTRIES) {
        return tw_fail(TW_ERR_UNSUPPORTED, "more than %d entries", TW_BUNDLE_MAX_ENTRIES);
    }
    for (hsize_t i = 0; i < facts.nlinks; i++) {
        tw_status status = entry_name(group, order, i, name);
        if (status == TW_OK) status = read_link(group, name, &sums, bundle);
        if (status != TW_OK) return status;
    }
    if (facts.nlinks == 0 || bundle->array_count + bundle->omission_count > 0) return TW_OK;
    return fail_groups(group, order, facts.nlinks);
}

/* The group at the end of a path like "/run3/epoch100", by hard links alone; *group (out): to be
 * released. */
static tw_status open_group(hid_t file, const char *path, hid_t *group) {
    char name[TW_NAME_MAX_BYTES + 1], shown[TW_PRINTABLE_BYTES];
    bool linked = false;
    hid_t at = H5Gopen2(file, "/", H5P_DEFAULT);
    for (const char *word = path + strspn(path, "/"); at >= 0 && *word;) {
        size_t bytes = strcspn(word, "/");
        H5L_info_t facts = {.type = H5L_TYPE_ERROR};
        snprintf(name, sizeof name, "%.*s", (int)bytes, word);
        bool here = bytes <= TW_NAME_MAX_BYTES && H5Lget_info(at, name, &facts, H5P_DEFAULT) >= 0 &&
                    facts.type == H5L_TYPE_HARD;
        linked = !here && facts.type != H5L_TYPE_HARD && facts.type != H5L_TYPE_ERROR;
        hid_t below = here ? H5Gopen2(at, name, H5P_DEFAULT) : -1;
        tw_hdf5_release(at);
        at = below;
        word += bytes;
        word += strspn(word, "/");
    }
    *group = at;
    if (at >= 0) return TW_OK;
    if (linked)
        return tw_fail(TW_ERR_UNSUPPORTED,
                       "'%s' in the file leads over a link elsewhere: name the "
                       "group that it points to",
                       tw_printable(path, strlen(path), shown));
    return tw_fail(TW_ERR_DATA, "there is no group '%s' in the file",
                   tw_printable(path, strlen(path), shown));
}

static tw_status read_file(const tw_source *source, const char *inside, tw_bundle *bundle) {
    tw_status status = TW_OK;
    hid_t group = -1, file = H5Fopen(source->path, H5F_ACC_RDONLY, H5P_DEFAULT);
    if (file < 0) return tw_hdf5_fail(TW_ERR_FORMAT, "cannot be read as HDF5");
    TW_TRY(open_group(file, inside, &group));
    TW_TRY(tw_hdf5_read_attributes(group, source, bundle));
    TW_TRY(read_links(group, source->bytes, bundle));
cleanup:
    tw_hdf5_release(group);
    H5Fclose(file);
    return status;
}

/* Opened once by ourselves for the sentences about files that are missing or no files. */
static tw_status fill(const char *path, tw_bundle *bundle) {
    tw_source source = {0};
    char *file = NULL;
    const char *inside;
    tw_hdf5_printing saved = tw_hdf5_silence();
    tw_status status = tw_path_split(path, &file, &inside);
    if (status == TW_OK) status = tw_source_open(&source, file);
    if (status == TW_OK) status = read_file(&source, inside, bundle);
    tw_source_close(&source);
    tw_hdf5_restore(saved);
    free(file);
    return status;
}

tw_status tw_hdf5_read(const char *path, tw_bundle *bundle) {
    return tw_bundle_fill(path, bundle, fill);
}

const char *tw_hdf5_library(void) {
    static _Thread_local char name[32];
    unsigned major = 0, minor = 0, release_number = 0;
    H5get_libversion(&major, &minor, &release_number);
    snprintf(name, sizeof name, "HDF5 %u.%u.%u", major, minor, release_number);
    return name;
}
