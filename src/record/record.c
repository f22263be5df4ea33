/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The envelope: version, provenance, input. */
#include <thalweg/record/record.h>
#include <thalweg/version.h>

#include <stdio.h>
#include <thalweg/base/random.h>
#include <thalweg/campaign/store.h>
#include <thalweg/certificate/certificate_ball.h>
#include <thalweg/dense/threads.h>
#include <thalweg/files/bundle.h>
#include <thalweg/training/descent.h>

#include "record/fields_private.h"

static tw_status add_descent_libraries(tw_json *list) {
    tw_status status = TW_OK;
    const tw_descent_method *method = NULL;
    for (size_t i = 0; status == TW_OK && (method = tw_descent_method_at(i)) != NULL; i++)
        if (tw_descent_method_library(method))
            status = tw_json_append(list, tw_json_string(tw_descent_method_library(method)));
    return status;
}

static tw_json *libraries(const void *record) {
    (void)record;
    tw_json *list = tw_json_array();
    tw_status status = list ? TW_OK : TW_ERR_MEMORY;
    if (status == TW_OK) status = tw_json_append(list, tw_json_string(tw_blas_library()));
    if (status == TW_OK)
        status = tw_json_append(list, tw_json_string("ARPACK-NG " TW_ARPACK_VERSION));
    if (status == TW_OK) status = tw_json_append(list, tw_json_string(tw_random_library()));
    for (size_t i = 0; status == TW_OK && tw_format_library_at(i); i++)
        status = tw_json_append(list, tw_json_string(tw_format_library_at(i)));
    if (status == TW_OK) status = add_descent_libraries(list);
    if (status == TW_OK) status = tw_json_append(list, tw_json_string(tw_store_library()));
    if (status == TW_OK) status = tw_json_append(list, tw_json_string(tw_enclosure_library()));
    if (status == TW_OK) return list;
    tw_json_destroy(list);
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
    TW_MADE("libraries", libraries,
            .meaning = "names and versions: BLAS, ARPACK-NG, GSL, HDF5, libzip, jansson, nettle, "
                       "libLBFGS, SUNDIALS, SQLite, Arb"),
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
