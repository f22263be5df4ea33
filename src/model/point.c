/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arrays to a point and back; metadata is read and checked in metadata.c. */
#include <thalweg/model/point.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "model/metadata_private.h"

void tw_point_clear(tw_point *point) {
    if (point == NULL) return;
    tw_dufm_clear(&point->model);
    free(point->theta);
    point->theta = NULL;
}

/* The array of that name with that many axes. */
static tw_status require(const tw_bundle *bundle, const char *name, size_t rank,
                         const tw_array **array) {
    *array = tw_bundle_find(bundle, name);
    if (*array == NULL) return tw_fail(TW_ERR_DATA, "array '%s' is missing", name);
    if ((*array)->rank != rank)
        return tw_fail(TW_ERR_SHAPE, "array '%s' has %zu axes, expected %zu", name, (*array)->rank,
                       rank);
    return TW_OK;
}

/* l of an array named W<l> in canonical spelling, 0 otherwise. */
static size_t weight_index(const char *name) {
    char *end;
    if (name[0] != 'W' || name[1] < '1' || name[1] > '9') return 0;
    unsigned long index = strtoul(name + 1, &end, 10);
    return *end == '\0' ? index : 0;
}

/* L, and that W1 .. WL are all there. */
static tw_status count_layers(const tw_bundle *bundle, size_t *layers) {
    size_t count = 0, last = 0;
    for (size_t i = 0; i < bundle->array_count; i++) {
        size_t index = weight_index(bundle->arrays[i].name);
        if (index > 0) count++;
        if (index > last) last = index;
    }
    if (count == 0) return tw_fail(TW_ERR_DATA, "array 'W1' is missing: no weight matrix at all");
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

/* Widths from the shapes of the chain H, W1, .., WL. */
static tw_status read_widths(const tw_bundle *bundle, tw_dufm *model) {
    const tw_array *array = NULL;
    tw_status status = require(bundle, "H", 2, &array);
    if (status != TW_OK) return status;
    char below[24] = "H";
    model->widths[0] = array->shape[0];
    for (size_t l = 1; l <= model->layers; l++) {
        char name[24];
        snprintf(name, sizeof name, "W%zu", l);
        if ((status = require(bundle, name, 2, &array)) != TW_OK) return status;
        if (array->shape[1] != model->widths[l - 1])
            return tw_fail(TW_ERR_SHAPE, "array '%s' has %zu columns, but '%s' has %zu rows", name,
                           array->shape[1], below, model->widths[l - 1]);
        model->widths[l] = array->shape[0];
        memcpy(below, name, sizeof below);
    }
    return TW_OK;
}

static tw_status read_labels(const tw_array *array, tw_dufm *model) {
    size_t classes = tw_dufm_classes(model);
    if (array->shape[0] != model->samples)
        return tw_fail(TW_ERR_SHAPE, "array 'labels' has %zu entries, but 'H' has %zu columns",
                       array->shape[0], model->samples);
    for (size_t i = 0; i < model->samples; i++) {
        double label = array->values[i];
        if (label != floor(label) || label < 0 || label >= (double)classes)
            return tw_fail(TW_ERR_DATA,
                           "array 'labels' has %g at index %zu, expected an integer in 0..%zu "
                           "('W%zu' has %zu rows)",
                           label, i, classes - 1, model->layers, classes);
        model->labels[i] = (int)label;
    }
    return TW_OK;
}

static tw_status check_bias(const tw_bundle *bundle, const tw_dufm *model) {
    const tw_array *array = NULL;
    tw_status status = require(bundle, "b", 1, &array);
    if (status == TW_OK && array->shape[0] != tw_dufm_classes(model))
        status = tw_fail(TW_ERR_SHAPE, "array 'b' has %zu entries, but there are %zu classes",
                         array->shape[0], tw_dufm_classes(model));
    return status;
}

static tw_status read_model(const tw_bundle *bundle, tw_dufm *model) {
    tw_status status = TW_OK;
    const tw_array *H = NULL, *labels = NULL;
    size_t layers = 0;
    TW_TRY(count_layers(bundle, &layers));
    TW_TRY(require(bundle, "H", 2, &H));
    TW_TRY(require(bundle, "labels", 1, &labels));
    TW_TRY(tw_dufm_init(model, layers, H->shape[1]));
    TW_TRY(read_widths(bundle, model));
    TW_TRY(read_labels(labels, model));
    model->bias = tw_bundle_find(bundle, "b") != NULL;
    if (model->bias) TW_TRY(check_bias(bundle, model));
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

tw_status tw_point_from_bundle(const tw_bundle *bundle, tw_point *point) {
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
