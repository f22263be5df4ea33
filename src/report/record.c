/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The envelope: version, provenance, input. */
#include <thalweg/record.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/bundle.h>
#include <thalweg/random.h>
#include <thalweg/threads.h>

#include "base/alloc_private.h"

const char *tw_version(void) {
    return TW_VERSION;
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
    if (status == TW_OK) return list;
    tw_json_destroy(list);
    return NULL;
}

/* The words of the command line, each quoted for a shell where it needs it. */
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

static tw_json *sizes_json(size_t count, const size_t *sizes) {
    tw_json *list = tw_json_array();
    for (size_t i = 0; list && i < count; i++)
        if (tw_json_append(list, tw_json_integer((long long)sizes[i])) != TW_OK) {
            tw_json_destroy(list);
            return NULL;
        }
    return list;
}

static tw_status model_to_json(const tw_dufm *model, tw_json *object) {
    tw_status status = TW_OK;
    size_t classes = tw_dufm_classes(model), *sizes = NULL;
    TW_TRY(TW_NEW(sizes, classes));
    tw_dufm_class_sizes(model, sizes);
    TW_TRY(tw_json_set(object, "loss", tw_json_string(model->loss->name)));
    TW_TRY(tw_json_set(object, "activation", tw_json_string(model->activation->name)));
    TW_TRY(tw_json_set(object, "classes", tw_json_integer((long long)classes)));
    TW_TRY(tw_json_set(object, "samples", tw_json_integer((long long)model->samples)));
    TW_TRY(tw_json_set(object, "class_sizes", sizes_json(classes, sizes)));
    TW_TRY(tw_json_set(object, "layers", tw_json_integer((long long)model->layers)));
    TW_TRY(tw_json_set(object, "widths", sizes_json(model->layers, model->widths)));
    TW_TRY(
        tw_json_set(object, "parameters", tw_json_integer((long long)tw_dufm_parameters(model))));
    TW_TRY(tw_json_set(object, "lambda_W", tw_json_numbers(model->layers, model->lambda_W)));
    TW_TRY(tw_json_set(object, "lambda_H", tw_json_number(model->lambda_H)));
    if (model->bias) TW_TRY(tw_json_set(object, "lambda_b", tw_json_number(model->lambda_b)));
cleanup:
    free(sizes);
    return status;
}

tw_json *tw_input_json(const tw_input *input) {
    tw_status status = TW_OK;
    tw_json *object = tw_json_object();
    if (object == NULL) return NULL;
    TW_TRY(tw_json_set(object, "file", tw_json_string(input->path)));
    TW_TRY(tw_json_set(object, "sha256", tw_json_string(input->digest)));
    TW_TRY(model_to_json(input->model, object));
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
