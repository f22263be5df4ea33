/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The envelope: version, provenance, input. */
#include <thalweg/record/record.h>
#include <thalweg/version.h>

#include <stdio.h>
#include <string.h>
#include <thalweg/base/random.h>
#include <thalweg/campaign/store.h>
#include <thalweg/certificate/certificate_ball.h>
#include <thalweg/dense/blas.h>
#include <thalweg/dense/threads.h>
#include <thalweg/files/bundle.h>
#include <thalweg/training/descent.h>

#include "record/fields_private.h"

/* One member out of "HDF5 1.10.8"; names may hold spaces, versions do not. */
static tw_status add_library(tw_json *object, const char *library) {
    char name[64];
    const char *space = strrchr(library, ' ');
    size_t length = space ? (size_t)(space - library) : strlen(library);
    snprintf(name, sizeof name, "%.*s", (int)length, library);
    return tw_json_set(object, name, tw_json_string(space ? space + 1 : ""));
}

static tw_status add_descent_libraries(tw_json *object) {
    tw_status status = TW_OK;
    const tw_descent_method *method = NULL;
    for (size_t i = 0; status == TW_OK && (method = tw_descent_method_at(i)) != NULL; i++)
        if (tw_descent_method_library(method))
            status = add_library(object, tw_descent_method_library(method));
    return status;
}

static const tw_field blas_rows[] = {
    TW_CHARS(tw_blas, name, "name", .meaning = "of the library"),
    TW_CHARS(tw_blas, version, "version", .meaning = "empty: the library does not say"),
    TW_CHARS(tw_blas, kernel, "kernel",
             .meaning = "the processor that its code in use was written for; empty: likewise"),
    TW_SIZE(tw_blas, threads, "threads", .meaning = "allowed for large matrix products"),
};
static TW_TABLE(blas_fields, "blas", tw_blas, blas_rows);

static tw_json *blas(const void *record) {
    (void)record;
    const tw_blas described = tw_blas_describe();
    return tw_fields_json(&blas_fields, &described);
}

static const tw_field libraries_rows[] = {
    TW_MADE("blas", blas, .of = &blas_fields,
            .meaning = "what computes; beside it stand, each by its name and with its version, "
                       "ARPACK-NG, GSL, HDF5, libzip, jansson, nettle, SUNDIALS, SQLite and Arb"),
};
static TW_TABLE(libraries_fields, "libraries", tw_blas, libraries_rows);

static tw_json *libraries(const void *record) {
    tw_json *object = tw_fields_json(&libraries_fields, record);
    tw_status status = object ? TW_OK : TW_ERR_MEMORY;
    if (status == TW_OK) status = add_library(object, "ARPACK-NG " TW_ARPACK_VERSION);
    if (status == TW_OK) status = add_library(object, tw_random_library());
    for (size_t i = 0; status == TW_OK && tw_format_library_at(i); i++)
        status = add_library(object, tw_format_library_at(i));
    if (status == TW_OK) status = add_descent_libraries(object);
    if (status == TW_OK) status = add_library(object, tw_store_library());
    if (status == TW_OK) status = add_library(object, tw_enclosure_library());
    if (status == TW_OK) return object;
    tw_json_destroy(object);
    return NULL;
}

static tw_json *word(const void *record, size_t index) {
    return tw_json_string(((const tw_provenance *)record)->argv[index]);
}

static tw_json *command_line(const void *record) {
    return tw_list_json((size_t)((const tw_provenance *)record)->argc, word, record);
}

static tw_json *version(const void *record) {
    (void)record;
    return tw_json_string(tw_version());
}

static tw_json *threads(const void *record) {
    (void)record;
    return tw_json_integer(tw_threads());
}

static const tw_field provenance_rows[] = {
    TW_MADE("version", version, .meaning = "of the program"),
    TW_MADE("command_line", command_line, .meaning = "its words, program name first"),
    TW_COUNT(tw_provenance, seed, "seed",
             .meaning = "`--seed`: of every random start vector, probe and random point"),
    TW_MADE("threads", threads, .meaning = "allowed for large matrix products"),
    TW_MADE("libraries", libraries, .of = &libraries_fields, .meaning = "what was used"),
};
TW_TABLE(tw_provenance_fields, "provenance", tw_provenance, provenance_rows);

tw_json *tw_provenance_json(const tw_provenance *provenance) {
    return tw_fields_json(&tw_provenance_fields, provenance);
}

tw_json *tw_record(const tw_provenance *provenance, tw_json *input, tw_json *result) {
    tw_status status = TW_OK;
    char schema[64];
    tw_json *record = tw_json_object();
    if (record == NULL) status = TW_ERR_MEMORY;
    snprintf(schema, sizeof schema, "%s/1", provenance->command);
    if (status == TW_OK) status = tw_json_set(record, "schema", tw_json_string(schema));
    if (status == TW_OK) status = tw_json_set(record, "thalweg", tw_json_string(tw_version()));
    if (status == TW_OK) status = tw_json_set(record, "provenance", tw_provenance_json(provenance));
    if (status != TW_OK) {
        tw_json_destroy(input);
        tw_json_destroy(result);
        tw_json_destroy(record);
        return NULL;
    }
    status = tw_json_set(record, "input", input);
    if (status != TW_OK) {
        tw_json_destroy(result);
    } else {
        status = tw_json_set(record, "result", result);
    }
    if (status == TW_OK) return record;
    tw_json_destroy(record);
    return NULL;
}
