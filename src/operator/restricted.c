/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/operator/restricted.h>

#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"

static tw_status check_slices(const tw_linop *whole, size_t count, const tw_slice *slices) {
    size_t end = 0;
    for (size_t i = 0; i < count; i++) {
        if (slices[i].length == 0 || slices[i].start < end ||
            slices[i].length > whole->n - slices[i].start || slices[i].start > whole->n)
            return tw_fail(TW_ERR_ARGUMENT,
                           "slice %zu (%zu coordinates from %zu) overlaps another one or leaves an "
                           "operator of order %zu",
                           i, slices[i].length, slices[i].start, whole->n);
        end = slices[i].start + slices[i].length;
    }
    return count > 0 ? TW_OK : tw_fail(TW_ERR_ARGUMENT, "no slice of the operator is named");
}

tw_status tw_restricted_init(tw_restricted *restricted, const tw_linop *whole, size_t slice_count,
                             const tw_slice *slices) {
    tw_status status = TW_OK;
    *restricted = (tw_restricted){.whole = whole, .slices = slices, .slice_count = slice_count};
    TW_TRY(check_slices(whole, slice_count, slices));
    for (size_t i = 0; i < slice_count; i++) restricted->n += slices[i].length;
    TW_TRY(TW_NEW(restricted->X, whole->n * TW_RESTRICTED_BLOCK));
    TW_TRY(TW_NEW(restricted->Y, whole->n * TW_RESTRICTED_BLOCK));
cleanup:
    if (status != TW_OK) tw_restricted_clear(restricted);
    return status;
}

void tw_restricted_clear(tw_restricted *restricted) {
    free(restricted->X);
    free(restricted->Y);
    *restricted = (tw_restricted){0};
}

/* X stays zero outside the slices, from its allocation on. */
static tw_status apply_block(const tw_restricted *r, tw_linop_product product, size_t k,
                             const double *V, size_t ldv, double *W, size_t ldw) {
    size_t n = r->whole->n;
    for (size_t j = 0; j < k; j++) {
        const double *v = V + j * ldv;
        for (size_t i = 0; i < r->slice_count; v += r->slices[i++].length)
            memcpy(r->X + j * n + r->slices[i].start, v, r->slices[i].length * sizeof *v);
    }
    tw_status status = product(r->whole, k, r->X, n, r->Y, n);
    for (size_t j = 0; status == TW_OK && j < k; j++) {
        double *w = W + j * ldw;
        for (size_t i = 0; i < r->slice_count; w += r->slices[i++].length)
            memcpy(w, r->Y + j * n + r->slices[i].start, r->slices[i].length * sizeof *w);
    }
    return status;
}

static tw_status by_blocks(const tw_restricted *r, tw_linop_product product, size_t k,
                           const double *V, size_t ldv, double *W, size_t ldw) {
    tw_status status = TW_OK;
    for (size_t j = 0; j < k; j += TW_RESTRICTED_BLOCK) {
        size_t count = k - j < TW_RESTRICTED_BLOCK ? k - j : TW_RESTRICTED_BLOCK;
        TW_TRY(apply_block(r, product, count, V + j * ldv, ldv, W + j * ldw, ldw));
    }
cleanup:
    return status;
}

static tw_status apply(void *self, size_t k, const double *V, size_t ldv, double *W, size_t ldw) {
    return by_blocks(self, tw_linop_apply, k, V, ldv, W, ldw);
}

static tw_status draft(void *self, size_t k, const double *V, size_t ldv, double *W, size_t ldw) {
    return by_blocks(self, tw_linop_draft, k, V, ldv, W, ldw);
}

tw_linop tw_restricted_linop(tw_restricted *restricted) {
    return (tw_linop){.n = restricted->n,
                      .apply = apply,
                      .self = restricted,
                      .draft = restricted->whole->draft ? draft : NULL};
}
