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

static tw_status add_descent_libraries(tw_json *list) {
    tw_status status = TW_OK;
    const tw_descent_method *method = NULL;
    for (size_t i = 0; status == TW_OK && (method = tw_descent_method_at(i)) != NULL; i++)
        if (tw_descent_method_library(method))
            status = tw_json_append(list, tw_json_string(tw_descent_method_library(method)));
    return status;
}

static tw_json *libraries_json(void) {
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

static tw_json *command_line_json(const tw_provenance *provenance) {
    tw_json *words = tw_json_array();
    for (int i = 0; words && i < provenance->argc; i++)
        if (tw_json_append(words, tw_json_string(provenance->argv[i])) != TW_OK) {
            tw_json_destroy(words);
            return NULL;
        }
    return words;
}

tw_json *tw_provenance_json(const tw_provenance *provenance) {
    tw_status status = TW_OK;
    tw_json *object = tw_json_object();
    if (object == NULL) return NULL;
    TW_TRY(tw_json_set(object, "version", tw_json_string(tw_version())));
    TW_TRY(tw_json_set(object, "command_line", command_line_json(provenance)));
    TW_TRY(tw_json_set(object, "seed", tw_json_integer((long long)provenance->seed)));
    TW_TRY(tw_json_set(object, "threads", tw_json_integer(tw_threads())));
    TW_TRY(tw_json_set(object, "libraries", libraries_json()));
    return object;
cleanup:
    tw_json_destroy(object);
    return NULL;
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
