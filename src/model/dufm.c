/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/model/dufm.h>

#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"

tw_status tw_dufm_init(tw_dufm *model, size_t layers, size_t samples) {
    tw_status status = TW_OK;
    *model = (tw_dufm){.layers = layers, .samples = samples};
    TW_TRY(TW_NEW(model->widths, layers + 1));
    TW_TRY(TW_NEW(model->labels, samples));
    TW_TRY(TW_NEW(model->lambda_W, layers));
cleanup:
    if (status != TW_OK) tw_dufm_clear(model);
    return status;
}

void tw_dufm_clear(tw_dufm *model) {
    if (model == NULL) return;
    free(model->widths);
    free(model->labels);
    free(model->lambda_W);
    *model = (tw_dufm){0};
}

tw_status tw_dufm_copy(tw_dufm *model, const tw_dufm *source) {
    tw_dufm copy;
    tw_status status = tw_dufm_init(&copy, source->layers, source->samples);
    if (status != TW_OK) return status;
    memcpy(copy.widths, source->widths, (source->layers + 1) * sizeof *copy.widths);
    memcpy(copy.labels, source->labels, source->samples * sizeof *copy.labels);
    memcpy(copy.lambda_W, source->lambda_W, source->layers * sizeof *copy.lambda_W);
    copy.lambda_H = source->lambda_H;
    copy.lambda_b = source->lambda_b;
    copy.bias = source->bias;
    copy.loss = source->loss;
    copy.activation = source->activation;
    *model = copy;
    return TW_OK;
}

static tw_status check_lambda(const char *name, double lambda) {
    if (isfinite(lambda) && lambda >= 0.0) return TW_OK;
    return tw_fail(TW_ERR_DATA, "%s = %g, but a ridge is a finite number >= 0", name, lambda);
}

static tw_status check_lambdas(const tw_dufm *model) {
    tw_status status = TW_OK;
    for (size_t l = 1; l <= model->layers; l++) {
        char name[32];
        snprintf(name, sizeof name, "lambda_W[%zu]", l - 1);
        TW_TRY(check_lambda(name, model->lambda_W[l - 1]));
    }
    TW_TRY(check_lambda("lambda_H", model->lambda_H));
    TW_TRY(check_lambda("lambda_b", model->lambda_b));
cleanup:
    return status;
}

static tw_status check_labels(const tw_dufm *model) {
    tw_status status = TW_OK;
    size_t classes = tw_dufm_classes(model), *counts = NULL;
    for (size_t i = 0; i < model->samples; i++)
        if (model->labels[i] < 0 || (size_t)model->labels[i] >= classes)
            return tw_fail(TW_ERR_DATA, "label %d of sample %zu is outside 0..%zu (%zu classes)",
                           model->labels[i], i, classes - 1, classes);
    TW_TRY(TW_NEW(counts, classes));
    tw_dufm_class_sizes(model, counts);
    for (size_t k = 0; k < classes; k++)
        if (counts[k] == 0) {
            status = tw_fail(TW_ERR_DATA, "class %zu of %zu has no sample among the %zu labels", k,
                             classes, model->samples);
            goto cleanup;
        }
cleanup:
    free(counts);
    return status;
}

tw_status tw_dufm_size_check(size_t layers, const size_t *widths, size_t samples, bool bias,
                             tw_dufm_size *size) {
    double N = (double)samples, widest = 0.0;
    *size = (tw_dufm_size){.parameters = N * (double)widths[0]};
    for (size_t l = 0; l <= layers; l++) {
        double d = (double)widths[l];
        widest = fmax(widest, d);
        size->units += N * d;
        if (l > 0) size->parameters += d * (double)widths[l - 1];
    }
    if (bias) size->parameters += (double)widths[layers];
    if (size->parameters > (double)INT_MAX)
        return tw_fail(TW_ERR_UNSUPPORTED, "%.4g parameters: at most %d fit the indices of BLAS",
                       size->parameters, INT_MAX);
    if (N * widest > (double)INT_MAX)
        return tw_fail(TW_ERR_UNSUPPORTED,
                       "%zu samples times a width of %.0f: at most %d numbers a layer fit the "
                       "indices of BLAS",
                       samples, widest, INT_MAX);
    return TW_OK;
}

tw_status tw_dufm_check(const tw_dufm *model) {
    tw_status status = TW_OK;
    tw_dufm_size size;
    if (model->layers == 0) return tw_fail(TW_ERR_DATA, "a model needs at least one weight matrix");
    if (model->samples == 0) return tw_fail(TW_ERR_DATA, "a model needs at least one sample");
    for (size_t l = 0; l <= model->layers; l++)
        if (model->widths[l] == 0) return tw_fail(TW_ERR_DATA, "width d_%zu is zero", l);
    if (tw_dufm_classes(model) < 2)
        return tw_fail(TW_ERR_DATA, "a model needs at least 2 classes, W%zu has %zu row",
                       model->layers, tw_dufm_classes(model));
    if (model->loss == NULL || model->activation == NULL)
        return tw_fail(TW_ERR_ARGUMENT, "a model needs a loss and an activation");
    TW_TRY(check_lambdas(model));
    TW_TRY(tw_dufm_size_check(model->layers, model->widths, model->samples, model->bias, &size));
    TW_TRY(check_labels(model));
cleanup:
    return status;
}

size_t tw_dufm_classes(const tw_dufm *model) {
    return model->widths[model->layers];
}

size_t tw_dufm_parameters(const tw_dufm *model) {
    tw_block last = tw_dufm_block(model, tw_dufm_block_count(model) - 1);
    return last.offset + last.rows * last.cols;
}

void tw_dufm_class_sizes(const tw_dufm *model, size_t *counts) {
    memset(counts, 0, tw_dufm_classes(model) * sizeof *counts);
    for (size_t i = 0; i < model->samples; i++) counts[model->labels[i]]++;
}

size_t tw_dufm_block_count(const tw_dufm *model) {
    return model->layers + (model->bias ? 2 : 1);
}

/* "W12". By hand: every pass asks for its blocks, and on small models printf cost a fifth of it. */
static void name_weight(size_t l, char *name) {
    char digits[20];
    size_t count = 0;
    for (; l > 0; l /= 10) digits[count++] = (char)('0' + l % 10);
    *name++ = 'W';
    while (count > 0) *name++ = digits[--count];
}

tw_block tw_dufm_block(const tw_dufm *model, size_t index) {
    const size_t *widths = model->widths;
    tw_block block = {{0}, 0, 0, 0, 0.0};
    size_t weights_before = index < model->layers ? index : model->layers;
    for (size_t l = 1; l <= weights_before; l++) block.offset += widths[l] * widths[l - 1];
    if (index < model->layers) {
        name_weight(index + 1, block.name);
        block.rows = widths[index + 1];
        block.cols = widths[index];
        block.lambda = model->lambda_W[index];
    } else if (index == model->layers) {
        block.name[0] = 'H';
        block.rows = widths[0];
        block.cols = model->samples;
        block.lambda = model->lambda_H;
    } else {
        block.name[0] = 'b';
        block.offset += widths[0] * model->samples;
        block.rows = tw_dufm_classes(model);
        block.cols = 1;
        block.lambda = model->lambda_b;
    }
    return block;
}

tw_block tw_dufm_factor(const tw_dufm *model, size_t l) {
    return tw_dufm_block(model, l == 0 ? model->layers : l - 1);
}

bool tw_dufm_has_ridge(const tw_dufm *model) {
    bool ridge = model->lambda_H > 0.0 || (model->bias && model->lambda_b > 0.0);
    for (size_t l = 0; l < model->layers; l++) ridge = ridge || model->lambda_W[l] > 0.0;
    return ridge;
}

/* ---- Two models ---- */

static bool same_sizes(const tw_dufm *a, const tw_dufm *b) {
    size_t K = tw_dufm_classes(a), *sizes = tw_alloc(2 * K, sizeof *sizes);
    if (sizes == NULL) return true; /* the next allocation says so */
    tw_dufm_class_sizes(a, sizes);
    tw_dufm_class_sizes(b, sizes + K);
    bool same = memcmp(sizes, sizes + K, K * sizeof *sizes) == 0;
    free(sizes);
    return same;
}

static bool same_ridges(const tw_dufm *a, const tw_dufm *b) {
    return memcmp(a->lambda_W, b->lambda_W, a->layers * sizeof *a->lambda_W) == 0 &&
           a->lambda_H == b->lambda_H && !(a->bias && a->lambda_b != b->lambda_b);
}

bool tw_dufm_is_alike(const tw_dufm *a, const tw_dufm *b) {
    return a->layers == b->layers && a->samples == b->samples && a->bias == b->bias &&
           memcmp(a->widths, b->widths, (a->layers + 1) * sizeof *a->widths) == 0 &&
           memcmp(a->labels, b->labels, a->samples * sizeof *a->labels) == 0;
}

const char *tw_dufm_difference(const tw_dufm *a, const tw_dufm *b) {
    if (a->loss != b->loss) return "loss";
    if (a->activation != b->activation) return "activation";
    if (a->layers != b->layers) return "depth";
    if (memcmp(a->widths, b->widths, (a->layers + 1) * sizeof *a->widths) != 0) return "widths";
    if (a->samples != b->samples || !same_sizes(a, b)) return "class sizes";
    if (a->bias != b->bias) return "bias";
    return same_ridges(a, b) ? NULL : "ridges";
}
