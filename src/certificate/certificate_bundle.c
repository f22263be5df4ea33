/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The file holds what the statement needs and nothing else: the point, the direction in arrays of
 * the same shapes with the prefix "v_", and the claims. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/certificate/certification.h>

#include "base/alloc_private.h"
#include "dense/vector_private.h"

#define KIND "strict saddle/1"
#define PREFIX "v_"

/* One claim: an array of one or two numbers. */
static tw_status add_numbers(tw_bundle *bundle, const char *name, size_t count,
                             const double *values) {
    tw_array *array = NULL;
    tw_status status = tw_bundle_add(bundle, name, TW_F64, 1, &count, &array);
    if (status == TW_OK) tw_copy(count, values, array->values);
    return status;
}

static tw_status read_numbers(const tw_bundle *bundle, const char *name, size_t count,
                              double *values) {
    const tw_array *array = tw_bundle_find(bundle, name);
    if (array == NULL) return tw_fail(TW_ERR_DATA, "there is no array '%s'", name);
    if (array->rank != 1 || array->shape[0] != count)
        return tw_fail(TW_ERR_SHAPE, "'%s' must have %zu numbers", name, count);
    tw_copy(count, array->values, values);
    return TW_OK;
}

/* The arrays of theta in `from` become arrays of v in `to`. */
static tw_status add_direction(const tw_dufm *model, const tw_bundle *from, tw_bundle *to) {
    tw_status status = TW_OK;
    for (size_t i = 0; i < tw_dufm_block_count(model); i++) {
        char name[40];
        tw_array *array = NULL;
        const tw_array *block = tw_bundle_find(from, tw_dufm_block(model, i).name);
        snprintf(name, sizeof name, PREFIX "%s", block->name);
        TW_TRY(tw_bundle_add(to, name, TW_F64, block->rank, block->shape, &array));
        tw_copy(tw_array_length(block), block->values, array->values);
    }
cleanup:
    return status;
}

tw_status tw_certificate_to_bundle(const tw_point *point, const double *v,
                                   const tw_certificate *certificate, tw_bundle *bundle) {
    tw_status status = TW_OK;
    const tw_point direction = {point->model, (double *)v};
    const double rayleigh[2] = {certificate->rayleigh.lower, certificate->rayleigh.upper};
    const double gradient[2] = {certificate->gradient.lower, certificate->gradient.upper};
    tw_bundle made = {0};
    if (!certificate->proved) return tw_fail(TW_ERR_ARGUMENT, "the certificate is not proved");
    TW_TRY(tw_point_to_bundle(point, bundle));
    TW_TRY(tw_point_to_bundle(&direction, &made));
    TW_TRY(add_direction(&point->model, &made, bundle));
    TW_TRY(add_numbers(bundle, "rayleigh", 2, rayleigh));
    TW_TRY(add_numbers(bundle, "gradient_norm", 2, gradient));
    TW_TRY(add_numbers(bundle, "step", 1, &certificate->step));
    TW_TRY(add_numbers(bundle, "decrease", 1, &certificate->decrease));
    TW_TRY(tw_bundle_set_metadata(bundle, "certificate", KIND));
cleanup:
    tw_bundle_clear(&made);
    return status;
}

/* v (n, owned) from the arrays with the prefix. */
static tw_status read_direction(const tw_bundle *bundle, const tw_dufm *model, double **v) {
    tw_status status = TW_OK;
    double *made = NULL;
    TW_TRY(TW_NEW(made, tw_dufm_parameters(model)));
    for (size_t i = 0; i < tw_dufm_block_count(model); i++) {
        char name[40];
        tw_block block = tw_dufm_block(model, i);
        snprintf(name, sizeof name, PREFIX "%s", block.name);
        const tw_array *array = tw_bundle_find(bundle, name), *twin = NULL;
        twin = tw_bundle_find(bundle, block.name);
        if (array == NULL) status = tw_fail(TW_ERR_DATA, "there is no array '%s'", name);
        TW_TRY(status);
        if (array->rank != twin->rank || array->shape[0] != twin->shape[0] ||
            (array->rank == 2 && array->shape[1] != twin->shape[1]))
            status = tw_fail(TW_ERR_SHAPE, "'%s' has another shape than '%s'", name, block.name);
        TW_TRY(status);
        for (size_t r = 0; r < block.rows; r++)
            for (size_t c = 0; c < block.cols; c++)
                made[block.offset + r + c * block.rows] = array->values[r * block.cols + c];
    }
    *v = made;
    made = NULL;
cleanup:
    free(made);
    return status;
}

static tw_status check_kind(const tw_bundle *bundle) {
    const char *kind = tw_bundle_metadata(bundle, "certificate");
    if (kind && strcmp(kind, KIND) == 0) return TW_OK;
    return tw_fail(TW_ERR_DATA, "no certificate: metadata 'certificate' is not '" KIND "'");
}

tw_status tw_certificate_from_bundle(tw_bundle *bundle, tw_point *point, double **v,
                                     tw_certificate *claim) {
    tw_status status = TW_OK;
    tw_point made = {0};
    double rayleigh[2], gradient[2];
    tw_certificate c = {.refuted = "", .reason = TW_CERTIFICATE_UNDECIDED};
    TW_TRY(check_kind(bundle));
    TW_TRY(tw_point_from_bundle(bundle, &made));
    TW_TRY(read_numbers(bundle, "rayleigh", 2, rayleigh));
    TW_TRY(read_numbers(bundle, "gradient_norm", 2, gradient));
    TW_TRY(read_numbers(bundle, "step", 1, &c.step));
    TW_TRY(read_numbers(bundle, "decrease", 1, &c.decrease));
    TW_TRY(read_direction(bundle, &made.model, v));
    c.rayleigh = (tw_enclosure){0.5 * (rayleigh[0] + rayleigh[1]), rayleigh[0], rayleigh[1]};
    c.gradient = (tw_enclosure){0.5 * (gradient[0] + gradient[1]), gradient[0], gradient[1]};
    *claim = c;
    *point = made;
    made = (tw_point){0};
cleanup:
    tw_point_clear(&made);
    return status;
}
