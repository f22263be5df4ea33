/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Closed forms take one lambda for all blocks. The ridges act on the logits through their product
 * alone (docs/mathematics.md, section 3), so their geometric mean stands for them; so do the
 * widths, of which only the smallest has to hold the rank. */
#include "campaign/optima_private.h"

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/optima/closed_form.h>

#include "base/alloc_private.h"

enum { MOST_CLASSES = 40, MOST_PARTITIONS = 500, TEXT = 256 };

typedef struct naming {
    const tw_dufm *model;
    tw_matcher *matcher;
    tw_closed_case given;
    size_t partitions;
} naming;

static bool has_closed_forms(const tw_dufm *model, const size_t *sizes) {
    size_t K = tw_dufm_classes(model);
    if (!model->activation->linear || model->bias || K < 2 || K > MOST_CLASSES) return false;
    if (!(model->lambda_H >= DBL_MIN)) return false;
    for (size_t k = 1; k < K; k++)
        if (sizes[k] != sizes[0]) return false;
    for (size_t l = 0; l < model->layers; l++)
        if (!(model->lambda_W[l] >= DBL_MIN)) return false;
    return true;
}

static tw_closed_case case_of(const tw_dufm *model, size_t samples) {
    double log_lambda = log(model->lambda_H);
    size_t width = model->widths[0];
    for (size_t l = 0; l < model->layers; l++) {
        log_lambda += log(model->lambda_W[l]);
        if (model->widths[l] < width) width = model->widths[l];
    }
    return (tw_closed_case){.classes = tw_dufm_classes(model),
                            .samples = samples,
                            .width = width,
                            .layers = model->layers,
                            .lambda = exp(log_lambda / (double)(model->layers + 1)),
                            .loss = model->loss};
}

static int descending(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x < y) - (x > y);
}

/* Singular values of Z as a point's shape has them: min(K, N), padded with zeros. */
static tw_status make_known(naming *n, const tw_closed_form *form, const char *name) {
    tw_status status = TW_OK;
    size_t K = form->given.classes;
    double *Z = NULL, *values = NULL;
    TW_TRY(TW_NEW(Z, K * K));
    TW_TRY(TW_NEW(values, K));
    TW_TRY(tw_closed_form_class_logits(form, Z));
    TW_TRY(tw_closed_form_singular_values(form, values, NULL));
    qsort(values, form->rank, sizeof *values, descending);
    const tw_signature signature = {.state = TW_STATE_MINIMUM,
                                    .loss = form->loss,
                                    .rank = form->rank,
                                    .singular_count = K,
                                    .singular_values = values,
                                    .class_logits = Z};
    TW_TRY(tw_matcher_name(n->matcher, name, &signature));
cleanup:
    free(Z);
    free(values);
    return status;
}

/* A form that does not fit this model (rank above the width, wrong loss, beyond the fold) is none
 * of its optima. */
static tw_status add_form(naming *n, const char *text) {
    tw_closed_form form = {0};
    tw_status status = tw_closed_form_solve(&n->given, text, &form);
    if (status == TW_ERR_MEMORY) return status;
    if (status != TW_OK) return TW_OK;
    status = form.exists ? make_known(n, &form, text) : TW_OK;
    tw_closed_form_clear(&form);
    return status;
}

/* blocks:K1,K2,... for all partitions of K into at least two parts of at least 2, not all of them 2
 * (that is the cross-polytope); parts descend. */
static tw_status add_partitions(naming *n, size_t left, size_t largest, const char *before) {
    tw_status status = TW_OK;
    size_t K = n->given.classes;
    for (size_t part = left < largest ? left : largest; part >= 2; part--) {
        char text[TEXT];
        if (part == K || left - part == 1) continue;
        int length = snprintf(text, sizeof text, "%s%s%zu", before, left == K ? "" : ",", part);
        if (length >= TEXT || n->partitions >= MOST_PARTITIONS) break;
        if (left > part) {
            TW_TRY(add_partitions(n, left - part, part, text));
        } else if (strncmp(text, "blocks:2,", 9) != 0) {
            n->partitions++;
            TW_TRY(add_form(n, text));
        }
    }
cleanup:
    return status;
}

static tw_status add_projectors(naming *n) {
    tw_status status = TW_OK;
    for (size_t r = 1; r < n->given.classes; r++) {
        char text[TEXT];
        snprintf(text, sizeof text, "projector:%zu", r);
        TW_TRY(add_form(n, text));
    }
cleanup:
    return status;
}

tw_status tw_optima_name(const tw_dufm *model, tw_matcher *matcher) {
    tw_status status = TW_OK;
    size_t *sizes = NULL;
    naming n = {.model = model, .matcher = matcher};
    TW_TRY(TW_NEW(sizes, tw_dufm_classes(model)));
    tw_dufm_class_sizes(model, sizes);
    if (!has_closed_forms(model, sizes)) goto cleanup;
    n.given = case_of(model, sizes[0]);
    TW_TRY(add_form(&n, "zero"));
    TW_TRY(add_form(&n, "dnc"));
    TW_TRY(add_form(&n, "cross-polytope"));
    TW_TRY(add_partitions(&n, n.given.classes, n.given.classes, "blocks:"));
    TW_TRY(add_projectors(&n));
cleanup:
    free(sizes);
    return status;
}
