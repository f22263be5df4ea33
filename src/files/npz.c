/* SPDX-License-Identifier: GPL-3.0-or-later */
/* npz: a zip archive of npy files, NAME.npy for the array NAME.
 *
 * A small archive can claim, and even deliver, any amount of data. So before anything is allocated,
 * every member's compressed bytes must be there (and no byte may serve two members), its data may
 * be longer by no more than deflate can make them, and all arrays together have a limit.
 *
 * Archives are built in memory and written by atomic.c: libzip's own file handling would leave its
 * temporary files and errors beyond our reach. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zip.h>

#include "base/alloc_private.h"
#include "files/atomic_private.h"
#include "files/bundle_private.h"
#include "files/formats_private.h"
#include "files/npy_private.h"
#include "files/npz_private.h"
#include "files/storage_private.h"
#include "files/text_private.h"

static const char extension[] = ".npy";

static tw_status fail_zip(const char *what, zip_error_t *error) {
    char shown[TW_PRINTABLE_BYTES];
    const char *text = zip_error_strerror(error);
    tw_status status = zip_error_code_zip(error) == ZIP_ER_MEMORY   ? TW_ERR_MEMORY
                       : zip_error_system_type(error) == ZIP_ET_SYS ? TW_ERR_IO
                                                                    : TW_ERR_FORMAT;
    return tw_fail(status, "%s: %s", what, tw_printable(text, strlen(text), shown));
}

/* Reading */

/* A reader's running sums over the members of an archive. */
typedef struct totals {
    size_t archive;    /* bytes of the file */
    size_t compressed; /* of it taken by members so far */
    size_t doubles;    /* bytes of the arrays so far */
} totals;

static tw_status check_sizes(const zip_stat_t *facts, totals *sums) {
    const zip_uint64_t known = ZIP_STAT_NAME | ZIP_STAT_SIZE | ZIP_STAT_COMP_SIZE |
                               ZIP_STAT_COMP_METHOD | ZIP_STAT_ENCRYPTION_METHOD;
    if ((facts->valid & known) != known) return tw_fail(TW_ERR_FORMAT, "has no sizes");
    if (facts->encryption_method != ZIP_EM_NONE) {
        return tw_fail(TW_ERR_UNSUPPORTED, "is encrypted");
    }
    if (facts->comp_method != ZIP_CM_STORE && facts->comp_method != ZIP_CM_DEFLATE) {
        return tw_fail(TW_ERR_UNSUPPORTED,
                       "compression method %d is not supported: save it with numpy.savez or "
                       "numpy.savez_compressed",
                       facts->comp_method);
    }
    size_t ratio = facts->comp_method == ZIP_CM_STORE ? 1 : TW_DEFLATE_MAX_RATIO;
    if (facts->comp_size > sums->archive - sums->compressed) {
        return tw_fail(TW_ERR_FORMAT, "claims %zu compressed bytes, the file has %zu left",
                       (size_t)facts->comp_size, sums->archive - sums->compressed);
    }
    if (facts->size / ratio > facts->comp_size) {
        return tw_fail(TW_ERR_FORMAT, "claims %zu bytes out of %zu compressed ones",
                       (size_t)facts->size, (size_t)facts->comp_size);
    }
    sums->compressed += facts->comp_size;
    return TW_OK;
}

static tw_status read_member(void *self, void *to, size_t bytes) {
    zip_file_t *file = self;
    size_t done = 0;
    while (done < bytes) {
        zip_int64_t got = zip_fread(file, (char *)to + done, bytes - done);
        if (got < 0) return fail_zip("cannot be unpacked", zip_file_get_error(file));
        if (got == 0) return tw_fail(TW_ERR_FORMAT, "ends %zu bytes too early", bytes - done);
        done += (size_t)got;
    }
    return TW_OK;
}

/* Only reading beyond the last byte makes libzip compare the checksum. */
static tw_status check_end(zip_file_t *file) {
    char surplus;
    zip_int64_t got = zip_fread(file, &surplus, 1);
    if (got < 0) return fail_zip("cannot be unpacked", zip_file_get_error(file));
    return got == 0 ? TW_OK : tw_fail(TW_ERR_FORMAT, "is longer than the archive says");
}

static tw_status load_array(zip_file_t *file, const zip_stat_t *facts, const char *name,
                            totals *sums, tw_bundle *bundle) {
    tw_status status = TW_OK;
    tw_stored stored = {0};
    tw_array *array;
    size_t before = bundle->array_count;
    const tw_stream stream = {read_member, file};
    TW_TRY(tw_npy_read_header(&stream, (size_t)facts->size, &stored));
    TW_TRY(tw_bundle_count_length(stored.length, &sums->doubles));
    status =
        tw_bundle_add(bundle, name, stored.storage->element, stored.rank, stored.shape, &array);
    if (status != TW_OK) return status; /* this sentence names the array already */
    TW_TRY(tw_array_load(array, &stored, &stream));
    TW_TRY(check_end(file));
cleanup:
    return tw_bundle_omit(bundle, before, name, tw_fail_in_array(status, name));
}

/* What archivers of macOS put beside each file is none of the point's. */
static bool is_array(const char *member) {
    static const char macos[] = "__MACOSX/";
    size_t bytes = strlen(member), end = sizeof extension - 1;
    return bytes > end && strcmp(member + bytes - end, extension) == 0 &&
           strncmp(member, macos, sizeof macos - 1) != 0;
}

/* A member that is no array is left out under its whole name. */
static tw_status leave_out(const char *member, tw_bundle *bundle) {
    char shown[TW_PRINTABLE_BYTES];
    tw_status status = tw_fail(TW_ERR_UNSUPPORTED, "member '%s' is no .npy file",
                               tw_printable(member, strlen(member), shown));
    return tw_bundle_omit(bundle, bundle->array_count, member, status);
}

/* The member's name without ".npy" (out, owned: free). */
static tw_status array_name(const char *member, char **name) {
    *name = tw_copy_string(member);
    if (!*name) return TW_ERR_MEMORY;
    (*name)[strlen(member) - (sizeof extension - 1)] = '\0';
    return TW_OK;
}

static tw_status load_member(zip_t *archive, zip_uint64_t index, totals *sums, tw_bundle *bundle) {
    tw_status status = TW_OK;
    zip_stat_t facts;
    zip_file_t *file = NULL;
    char *name = NULL;
    zip_stat_init(&facts);
    if (zip_stat_index(archive, index, 0, &facts) != 0 || !(facts.valid & ZIP_STAT_NAME)) {
        return fail_zip("the archive cannot be read", zip_get_error(archive));
    }
    if (!is_array(facts.name)) return leave_out(facts.name, bundle);
    TW_TRY(array_name(facts.name, &name));
    TW_TRY(tw_fail_in_array(check_sizes(&facts, sums), name));
    file = zip_fopen_index(archive, index, 0);
    if (!file) {
        status = tw_fail_in_array(fail_zip("cannot be unpacked", zip_get_error(archive)), name);
        goto cleanup;
    }
    TW_TRY(load_array(file, &facts, name, sums, bundle));
cleanup:
    if (file) zip_fclose(file);
    free(name);
    return status;
}

static zip_t *open_archive(const tw_source *source, zip_error_t *error) {
    zip_source_t *bytes = source->path
                              ? zip_source_file_create(source->path, 0, 0, error)
                              : zip_source_buffer_create(source->memory, source->bytes, 0, error);
    zip_t *archive = bytes ? zip_open_from_source(bytes, ZIP_RDONLY, error) : NULL;
    if (bytes && !archive) zip_source_free(bytes);
    return archive;
}

tw_status tw_npz_read_source(const tw_source *source, tw_bundle *bundle) {
    tw_status status = TW_OK;
    totals sums = {.archive = source->bytes};
    zip_error_t error;
    zip_error_init(&error);
    zip_t *archive = open_archive(source, &error);
    if (!archive) {
        status = fail_zip("is no zip archive or a damaged one", &error);
        goto cleanup;
    }
    zip_int64_t count = zip_get_num_entries(archive, 0);
    for (zip_int64_t i = 0; i < count; i++) {
        TW_TRY(load_member(archive, (zip_uint64_t)i, &sums, bundle));
    }
cleanup:
    if (archive) zip_discard(archive);
    zip_error_fini(&error);
    return status;
}

static tw_status fill(const char *path, tw_bundle *bundle) {
    tw_status status = TW_OK;
    tw_source source = {0};
    char *json_path = tw_npz_json_path(path);
    if (!json_path) return TW_ERR_MEMORY;
    TW_TRY(tw_source_open(&source, path));
    TW_TRY(tw_npz_read_source(&source, bundle));
    TW_TRY(tw_npz_read_metadata(json_path, bundle));
cleanup:
    tw_source_close(&source);
    free(json_path);
    return status;
}

tw_status tw_npz_read(const char *path, tw_bundle *bundle) {
    return tw_bundle_fill(path, bundle, fill);
}

/* Writing */

/* An array as libzip pulls it: the npy header, then the numbers. */
typedef struct npy_source {
    const tw_array *array;
    char header[TW_NPY_HEADER_ROOM];
    size_t header_bytes, bytes, position;
    zip_error_t error;
} npy_source;

/* At most `room` bytes from the position on; numbers stay whole, as libzip's buffer and the header
 * are multiples of their size. */
static size_t pull(const npy_source *from, unsigned char *to, size_t room) {
    size_t size = tw_storage_of(from->array->element)->bytes;
    if (from->position < from->header_bytes) {
        size_t left = from->header_bytes - from->position, count = left < room ? left : room;
        memcpy(to, from->header + from->position, count);
        return count;
    }
    size_t left = from->bytes - from->position, whole = (left < room ? left : room) / size;
    tw_array_encode(from->array, (from->position - from->header_bytes) / size, whole, to);
    return whole * size;
}

static zip_int64_t serve_npy(void *self, void *data, zip_uint64_t bytes, zip_source_cmd_t command) {
    npy_source *from = self;
    size_t count;
    switch (command) {
    case ZIP_SOURCE_OPEN:
        from->position = 0;
        return 0;
    case ZIP_SOURCE_READ:
        count = pull(from, data, (size_t)bytes);
        from->position += count;
        if (count > 0 || from->position == from->bytes) return (zip_int64_t)count;
        zip_error_set(&from->error, ZIP_ER_INTERNAL, 0);
        return -1;
    case ZIP_SOURCE_CLOSE:
    case ZIP_SOURCE_FREE: /* the writer owns the memory */
        return 0;
    case ZIP_SOURCE_STAT:
        zip_stat_init(data);
        ((zip_stat_t *)data)->valid = ZIP_STAT_SIZE;
        ((zip_stat_t *)data)->size = from->bytes;
        return sizeof(zip_stat_t);
    case ZIP_SOURCE_ERROR:
        return zip_error_to_data(&from->error, data, bytes);
    case ZIP_SOURCE_SUPPORTS:
        return zip_source_make_command_bitmap(ZIP_SOURCE_OPEN, ZIP_SOURCE_READ, ZIP_SOURCE_CLOSE,
                                              ZIP_SOURCE_STAT, ZIP_SOURCE_ERROR, ZIP_SOURCE_FREE,
                                              -1);
    default:
        zip_error_set(&from->error, ZIP_ER_OPNOTSUPP, 0);
        return -1;
    }
}

/* The time stamp is always the first of the format, so that equal bundles give equal files. */
static tw_status add_member(zip_t *archive, npy_source *from, const tw_array *array) {
    enum { FIRST_DAY = 1 << 5 | 1 }; /* 1980-01-01 */
    char name[TW_NAME_MAX_BYTES + sizeof extension];
    from->array = array;
    from->header_bytes = tw_npy_print_header(array, from->header);
    from->bytes =
        from->header_bytes + tw_array_length(array) * tw_storage_of(array->element)->bytes;
    zip_error_init(&from->error);
    snprintf(name, sizeof name, "%s%s", array->name, extension);
    zip_source_t *source = zip_source_function_create(serve_npy, from, zip_get_error(archive));
    if (!source) return fail_zip("cannot be packed", zip_get_error(archive));
    zip_int64_t index = zip_file_add(archive, name, source, ZIP_FL_ENC_UTF_8);
    if (index < 0) {
        zip_source_free(source);
        return fail_zip("cannot be packed", zip_get_error(archive));
    }
    if (zip_set_file_compression(archive, (zip_uint64_t)index, ZIP_CM_STORE, 0) == 0 &&
        zip_file_set_dostime(archive, (zip_uint64_t)index, 0, FIRST_DAY, 0) == 0) {
        return TW_OK;
    }
    return fail_zip("cannot be packed", zip_get_error(archive));
}

/* Pack all arrays into the memory behind `to`. */
static tw_status pack(const tw_bundle *bundle, zip_source_t *to) {
    tw_status status = TW_OK;
    npy_source *sources = NULL;
    zip_error_t error;
    zip_error_init(&error);
    zip_source_keep(to); /* the archive takes one reference, the caller keeps the other */
    zip_t *archive = zip_open_from_source(to, ZIP_TRUNCATE, &error);
    if (!archive) {
        zip_source_free(to);
        status = fail_zip("cannot be packed", &error);
        goto cleanup;
    }
    TW_TRY(TW_NEW(sources, bundle->array_count));
    for (size_t i = 0; i < bundle->array_count; i++) {
        const tw_array *array = &bundle->arrays[i];
        TW_TRY(tw_fail_in_array(add_member(archive, &sources[i], array), array->name));
    }
    if (zip_close(archive) != 0) {
        status = fail_zip("cannot be packed", zip_get_error(archive));
        goto cleanup;
    }
    archive = NULL;
cleanup:
    if (archive) zip_discard(archive);
    free(sources);
    zip_error_fini(&error);
    return status;
}

static tw_status copy_packed(zip_source_t *from, tw_atomic *file) {
    tw_status status = TW_OK;
    char chunk[TW_CHUNK_BYTES];
    zip_int64_t got;
    if (zip_source_open(from) != 0) return fail_zip("cannot be packed", zip_source_error(from));
    while ((got = zip_source_read(from, chunk, sizeof chunk)) > 0) {
        TW_TRY(tw_atomic_write(file, chunk, (size_t)got));
    }
    if (got < 0) status = fail_zip("cannot be packed", zip_source_error(from));
cleanup:
    zip_source_close(from);
    return status;
}

static tw_status write_archive(tw_atomic *file, const char *path, const tw_bundle *bundle) {
    tw_status status = TW_OK;
    zip_error_t error;
    zip_error_init(&error);
    zip_source_t *packed = zip_source_buffer_create(NULL, 0, 0, &error);
    if (!packed) {
        status = fail_zip("cannot be packed", &error);
        goto cleanup;
    }
    TW_TRY(pack(bundle, packed));
    TW_TRY(tw_atomic_begin(file, path));
    TW_TRY(copy_packed(packed, file));
    TW_TRY(tw_atomic_finish(file));
cleanup:
    zip_source_free(packed);
    zip_error_fini(&error);
    return status;
}

static tw_status write_json(tw_atomic *file, const char *path, const tw_bundle *bundle) {
    tw_status status = TW_OK;
    char *text = NULL;
    TW_TRY(tw_npz_print_metadata(bundle, &text));
    TW_TRY(tw_atomic_begin(file, path));
    TW_TRY(tw_atomic_write(file, text, strlen(text)));
    TW_TRY(tw_atomic_finish(file));
cleanup:
    free(text);
    return tw_fail_in_file(status, path);
}

/* Both files are whole and on the disk before either gets its name; the archive comes last, since
 * it cannot be read without the other, and a process may be killed between the two. */
tw_status tw_npz_write(const char *path, const tw_bundle *bundle) {
    tw_status status = TW_OK;
    tw_atomic archive = {0}, json = {0};
    char *json_path = tw_npz_json_path(path);
    if (!json_path) return tw_fail_in_file(TW_ERR_MEMORY, path);
    TW_TRY(tw_bundle_check_writable(bundle));
    TW_TRY(write_archive(&archive, path, bundle));
    TW_TRY(write_json(&json, json_path, bundle));
    status = tw_fail_in_file(tw_atomic_publish(&json), json_path);
    if (status != TW_OK) goto cleanup;
    status = tw_atomic_publish(&archive);
    if (status != TW_OK) unlink(json.target);
cleanup:
    tw_atomic_abandon(&archive);
    tw_atomic_abandon(&json);
    free(json_path);
    return tw_fail_in_file(status, path);
}

const char *tw_npz_library(void) {
    static _Thread_local char name[32];
    snprintf(name, sizeof name, "libzip %s", zip_libzip_version());
    return name;
}
