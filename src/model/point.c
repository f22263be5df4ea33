/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arrays to a point and back; metadata is read and checked in metadata.c. */
#include <thalweg/model/point.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "model/metadata_private.h"
#include "model/names_private.h"
#include "model/shapes_private.h"

void tw_point_clear(tw_point *point) {
    if (point == NULL) return;
    tw_dufm_clear(&point->model);
    free(point->theta);
    point->theta = NULL;
}

/* The array of that name with that many axes. */
static tw_status require(const tw_bundle *bundle, const char *name, size_t rank,
                         const tw_array **array) {
    tw_status status = tw_names_require(bundle, name, array);
    if (status != TW_OK) return status;
    if ((*array)->rank != rank)
        return tw_fail(TW_ERR_SHAPE, "array '%s' has %zu axes, expected %zu", name, (*array)->rank,
                       rank);
    return TW_OK;
}

/* L, and that W1 .. WL are all there. */
static tw_status count_layers(const tw_bundle *bundle, size_t *layers) {
    size_t count = 0, last = 0;
    for (size_t i = 0; i < bundle->array_count; i++) {
        size_t index = tw_name_layer(bundle->arrays[i].name);
        if (index > 0) count++;
        if (index > last) last = index;
    }
    const tw_array *first = NULL;
    if (count == 0) return tw_names_require(bundle, "W1", &first);
    for (size_t l = 1; l <= count; l++) {
        char name[24];
        snprintf(name, sizeof name, "W%zu", l);
        if (tw_bundle_find(bundle, name) == NULL)
            return tw_fail(TW_ERR_DATA, "array '%s' is missing, although there is 'W%zu'", name,
                           last);
    }
    *layers = count;
    return TW_OK;
}

static tw_status require_weights(const tw_bundle *bundle, size_t layers) {
    tw_status status = TW_OK;
    for (size_t l = 1; status == TW_OK && l <= layers; l++) {
        char name[24];
        const tw_array *array = NULL;
        snprintf(name, sizeof name, "W%zu", l);
        status = require(bundle, name, 2, &array);
    }
    return status;
}

/* Whole numbers from 1 to K, where 0 to K - 1 is meant. */
static bool counts_from_one(const tw_array *array, size_t classes) {
    double low = array->values[0], high = low;
    for (size_t i = 0; i < array->shape[0]; i++) {
        double label = array->values[i];
        if (label != floor(label)) return false;
        low = fmin(low, label);
        high = fmax(high, label);
    }
    return low >= 1.0 && high == (double)classes;
}

static tw_status read_labels(const tw_array *array, tw_dufm *model) {
    size_t classes = tw_dufm_classes(model);
    if (counts_from_one(array, classes))
        return tw_fail(
            TW_ERR_DATA,
            "array 'labels' counts classes from 1 to %zu, expected 0..%zu: save labels - "
            "1",
            classes, classes - 1);
    for (size_t i = 0; i < model->samples; i++) {
        double label = array->values[i];
        if (label != floor(label) || label < 0 || label >= (double)classes)
            return tw_fail(TW_ERR_DATA,
                           "array 'labels' has %.17g at index %zu, expected an integer in 0..%zu "
                           "('W%zu' has %zu rows)",
                           label, i, classes - 1, model->layers, classes);
        model->labels[i] = (int)label;
    }
    return TW_OK;
}

static tw_status read_model(tw_bundle *bundle, tw_dufm *model) {
    tw_status status = TW_OK;
    const tw_array *H = NULL, *labels = NULL;
    size_t layers = 0;
    TW_TRY(tw_names_apply(bundle, 0, NULL));
    TW_TRY(tw_metadata_take_arrays(bundle));
    TW_TRY(tw_names_check(bundle));
    TW_TRY(count_layers(bundle, &layers));
    TW_TRY(require(bundle, "H", 2, &H));
    TW_TRY(require_weights(bundle, layers));
    TW_TRY(tw_names_require(bundle, "labels", &labels));
    TW_TRY(tw_dufm_init(model, layers, H->shape[1]));
    TW_TRY(tw_shapes_widths(bundle, model));
    TW_TRY(tw_shapes_labels(bundle, model->samples, tw_dufm_classes(model)));
    TW_TRY(read_labels(labels, model));
    model->bias = tw_bundle_find(bundle, "b") != NULL;
    if (model->bias) TW_TRY(tw_shapes_bias(bundle, tw_dufm_classes(model)));
    TW_TRY(tw_metadata_to_model(bundle, model));
    TW_TRY(tw_dufm_check(model));
    TW_TRY(tw_metadata_check(bundle, model));
cleanup:
    return status;
}

/* C order (last index fastest) of a file to the column-major blocks of theta, and back. */
static void to_columns(const double *values, tw_block block, double *out) {
    for (size_t i = 0; i < block.rows; i++)
        for (size_t j = 0; j < block.cols; j++)
            out[i + j * block.rows] = values[i * block.cols + j];
}

static void from_columns(const double *block_values, tw_block block, double *values) {
    for (size_t i = 0; i < block.rows; i++)
        for (size_t j = 0; j < block.cols; j++)
            values[i * block.cols + j] = block_values[i + j * block.rows];
}

tw_status tw_point_from_bundle(tw_bundle *bundle, tw_point *point) {
    tw_status status = TW_OK;
    tw_point read = {0};
    TW_TRY(read_model(bundle, &read.model));
    TW_TRY(TW_NEW(read.theta, tw_dufm_parameters(&read.model)));
    for (size_t i = 0; i < tw_dufm_block_count(&read.model); i++) {
        tw_block block = tw_dufm_block(&read.model, i);
        to_columns(tw_bundle_find(bundle, block.name)->values, block, read.theta + block.offset);
    }
    *point = read;
    read = (tw_point){0};
cleanup:
    tw_point_clear(&read);
    return status;
}

/* The array of that name and shape, made when it is not there. */
static tw_status provide(tw_bundle *bundle, const char *name, tw_element element, size_t rank,
                         const size_t *shape, tw_array **array) {
    for (size_t i = 0; i < bundle->array_count; i++) {
        tw_array *present = &bundle->arrays[i];
        if (strcmp(present->name, name) != 0) continue;
        if (present->rank != rank || memcmp(present->shape, shape, rank * sizeof *shape) != 0)
            return tw_fail(TW_ERR_SHAPE, "array '%s' has another shape than the point's", name);
        present->element = element;
        *array = present;
        return TW_OK;
    }
    return tw_bundle_add(bundle, name, element, rank, shape, array);
}

tw_status tw_point_to_bundle(const tw_point *point, tw_bundle *bundle) {
    tw_status status = TW_OK;
    const tw_dufm *model = &point->model;
    tw_array *array = NULL;
    for (size_t i = 0; i < tw_dufm_block_count(model); i++) {
        tw_block block = tw_dufm_block(model, i);
        const size_t shape[2] = {block.rows, block.cols};
        size_t rank = strcmp(block.name, "b") == 0 ? 1 : 2;
        TW_TRY(provide(bundle, block.name, TW_F64, rank, shape, &array));
        from_columns(point->theta + block.offset, block, array->values);
    }
    TW_TRY(provide(bundle, "labels", TW_I64, 1, &model->samples, &array));
    for (size_t i = 0; i < model->samples; i++) array->values[i] = model->labels[i];
    TW_TRY(tw_metadata_from_model(model, bundle));
cleanup:
    return status;
}

void tw_point_cost(const tw_dufm *model, tw_cost *cost) {
    double entries = 2.0 * (double)tw_dufm_parameters(model) + 2.0 * (double)model->samples;
    *cost = (tw_cost){.bytes = 8.0 * entries};
}
