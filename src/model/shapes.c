/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/shapes_private.h"

#include <stdio.h>
#include <string.h>

#include "model/names_private.h"

/* ---- The chain H, W1 .. WL, as it stands or with matrices transposed ---- */

static const tw_array *weight(const tw_bundle *bundle, size_t l) {
    char name[24];
    snprintf(name, sizeof name, "W%zu", l);
    return tw_bundle_find(bundle, name);
}

/* Could these be the labels of N samples of K classes? */
static bool labels_fit(const tw_bundle *bundle, size_t samples, size_t classes) {
    const tw_array *labels = tw_bundle_find(bundle, "labels");
    size_t length = labels ? tw_array_length(labels) : 0;
    return length == samples || length == samples * classes;
}

/* Does the chain fit with H, with all W transposed? */
static bool fits(const tw_bundle *bundle, size_t layers, bool turn_H, bool turn_W) {
    const tw_array *H = tw_bundle_find(bundle, "H");
    size_t width = H->shape[turn_H];
    for (size_t l = 1; l <= layers; l++) {
        const tw_array *W = weight(bundle, l);
        if (W->shape[!turn_W] != width) return false;
        width = W->shape[turn_W];
    }
    return labels_fit(bundle, H->shape[!turn_H], width);
}

static const char *advice(const tw_bundle *bundle, size_t layers) {
    if (fits(bundle, layers, true, false))
        return ": 'H' has one row a sample, and is wanted with one column a sample: save its "
               "transpose";
    if (fits(bundle, layers, true, true))
        return ": all matrices are transposed, as MATLAB, Julia and Fortran leave them in HDF5 and "
               "programs with one row a sample have them: save the transpose of 'H' and of each W";
    if (fits(bundle, layers, false, true))
        return ": every W has its inputs as rows, and is wanted with its outputs as rows: save the "
               "transpose of each";
    return "";
}

tw_status tw_shapes_widths(const tw_bundle *bundle, tw_dufm *model) {
    char below[24] = "H";
    model->widths[0] = tw_bundle_find(bundle, "H")->shape[0];
    for (size_t l = 1; l <= model->layers; l++) {
        const tw_array *W = weight(bundle, l);
        if (W->shape[1] != model->widths[l - 1])
            return tw_fail(TW_ERR_SHAPE, "array '%s' has %zu columns, but '%s' has %zu rows%s",
                           W->name, W->shape[1], below, model->widths[l - 1],
                           advice(bundle, model->layers));
        model->widths[l] = W->shape[0];
        snprintf(below, sizeof below, "W%zu", l);
    }
    return TW_OK;
}

/* ---- Labels and bias ---- */

static tw_array *find(const tw_bundle *bundle, const char *name) {
    for (size_t i = 0; i < bundle->array_count; i++)
        if (strcmp(bundle->arrays[i].name, name) == 0) return &bundle->arrays[i];
    return NULL;
}

/* The same numbers as one axis. */
static void flatten(tw_array *array, size_t length) {
    array->rank = 1;
    array->shape[0] = length;
}

static bool is_line(const tw_array *array, size_t length) {
    bool line =
        array->rank == 1 || (array->rank == 2 && (array->shape[0] == 1 || array->shape[1] == 1));
    return line && tw_array_length(array) == length;
}

/* The class of sample i of a one-hot matrix, whose entry (sample, class) is at i * step + k *
 * stride; `classes` when it has not exactly one 1 and zeros. */
static size_t hot(const double *first, size_t classes, size_t stride) {
    size_t found = classes;
    for (size_t k = 0; k < classes; k++) {
        double value = first[k * stride];
        if (value == 0.0) continue;
        if (value != 1.0 || found < classes) return classes;
        found = k;
    }
    return found;
}

/* Every sample has one class. *bad (out): the first that has not. */
static bool is_one_hot(const tw_array *array, size_t samples, size_t classes, bool rows,
                       size_t *bad) {
    for (size_t i = 0; i < samples; i++) {
        const double *first = array->values + (rows ? i * classes : i);
        *bad = i;
        if (hot(first, classes, rows ? 1 : samples) == classes) return false;
    }
    return true;
}

/* A square matrix can be read by rows and by columns; only a symmetric one says the same twice. */
static bool is_symmetric(const tw_array *array, size_t size) {
    for (size_t i = 0; i < size; i++)
        for (size_t k = 0; k < i; k++)
            if (array->values[i * size + k] != array->values[k * size + i]) return false;
    return true;
}

/* In place: sample by sample, a number is written before any that is still to be read. */
static void decode(tw_array *array, size_t samples, size_t classes, bool rows) {
    if (rows) {
        for (size_t i = 0; i < samples; i++)
            array->values[i] = (double)hot(array->values + i * classes, classes, 1);
    } else {
        for (size_t i = 0; i < samples; i++)
            array->values[i] = (double)hot(array->values + i, classes, samples);
    }
    flatten(array, samples);
}

static tw_status decode_one_hot(tw_array *array, size_t samples, size_t classes) {
    size_t bad = 0;
    bool rows = array->shape[0] == samples, square = samples == classes;
    if (!is_one_hot(array, samples, classes, rows, &bad))
        return tw_fail(TW_ERR_DATA,
                       "array 'labels' is %zu x %zu, but sample %zu has not one 1 and zeros: save "
                       "the class of each sample, 0 .. %zu",
                       array->shape[0], array->shape[1], bad, classes - 1);
    if (square && !is_symmetric(array, samples))
        return tw_fail(TW_ERR_DATA,
                       "array 'labels' is %zu x %zu, and reads differently by rows and by columns: "
                       "save the class of each sample, 0 .. %zu",
                       samples, samples, classes - 1);
    decode(array, samples, classes, rows);
    return TW_OK;
}

tw_status tw_shapes_labels(const tw_bundle *bundle, size_t samples, size_t classes) {
    tw_array *array = find(bundle, "labels");
    if (is_line(array, samples)) {
        flatten(array, samples);
        return TW_OK;
    }
    if (array->rank == 1)
        return tw_fail(TW_ERR_SHAPE, "array 'labels' has %zu entries, but 'H' has %zu columns",
                       array->shape[0], samples);
    bool rows = array->rank == 2 && array->shape[0] == samples && array->shape[1] == classes;
    bool columns = array->rank == 2 && array->shape[1] == samples && array->shape[0] == classes;
    if (rows || columns) return decode_one_hot(array, samples, classes);
    return tw_fail(TW_ERR_SHAPE,
                   "array 'labels' has %zu axes and %zu entries, expected %zu classes, or one-hot "
                   "%zu x %zu or %zu x %zu",
                   array->rank, tw_array_length(array), samples, samples, classes, classes,
                   samples);
}

tw_status tw_shapes_bias(const tw_bundle *bundle, size_t classes) {
    tw_array *array = find(bundle, "b");
    if (is_line(array, classes)) {
        flatten(array, classes);
        return TW_OK;
    }
    if (array->rank == 1)
        return tw_fail(TW_ERR_SHAPE, "array 'b' has %zu entries, but there are %zu classes",
                       array->shape[0], classes);
    return tw_fail(TW_ERR_SHAPE,
                   "array 'b' has %zu axes and %zu entries, but there are %zu classes", array->rank,
                   tw_array_length(array), classes);
}
