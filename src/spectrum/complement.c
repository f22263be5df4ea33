/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What an engine sees: B = P (shift - sign A) P, P = (I - Q Q^T) keep, Q the locked vectors.
 *
 * sign = +1 turns the smallest end of A into the top end of B. The shift leaves every eigenvalue on
 * the complement at the size of ||A|| and above zero, where what is deflated sits: a relative test
 * means something, and the deflated part can never be mistaken for the wanted end.
 *
 * Vectors stay in the complement up to rounding; but what is deflated is often the *top* of B
 * without P, so that rounding would grow like any wanted eigenvector. Seen through P the leak is
 * worth 0 and cannot grow. Once a product is enough for that, since either part of P commutes with
 * A, Q up to the residuals of the locked pairs: keep is applied to the input, and Q is taken out of
 * the output, which then holds neither what leaked nor what the residuals brought in. */
#include <math.h>
#include <stdlib.h>

#include "base/alloc_private.h"
#include "dense/vector_private.h"
#include "operator/subspace_private.h"
#include "spectrum/search_private.h"

#define NOTHING_LEFT 1e-7 /* of a random unit vector */

static tw_status apply(void *self, size_t k, const double *X, size_t ldx, double *Y, size_t ldy);

tw_status tw_complement_init(tw_complement *complement, const tw_linop *A,
                             const tw_search_options *options, const tw_locked *locked) {
    *complement =
        (tw_complement){.A = A,
                        .within = options->within,
                        .budget = options->budget,
                        .locked = locked,
                        .wished = options->count,
                        .block = tw_search_block(tw_space_dimension(options->within.space, A->n)),
                        .sign = options->end == TW_END_SMALLEST ? 1.0 : -1.0};
    complement->view = (tw_linop){.n = A->n, .apply = apply, .self = complement};
    return TW_NEW(complement->input, A->n * complement->block);
}

void tw_complement_clear(tw_complement *complement) {
    free(complement->input);
    *complement = (tw_complement){0};
}

static tw_status count_product(tw_complement *complement, size_t k, const double *Y, size_t ldy) {
    size_t n = complement->A->n;
    size_t finite = 0; /* columns before the first that is not */
    while (finite < k && tw_all_finite(n, Y + finite * ldy)) finite++;
    bool flags[2] = {
        tw_budget_report(&complement->budget, "eigenpairs", (double)complement->locked->count,
                         (double)complement->wished),
        finite < k};
    tw_space_any(complement->within.space, 2, flags);
    complement->products += k;
    complement->cancelled |= flags[0];
    if (flags[1])
        return tw_fail(TW_ERR_NUMERIC, "product %zu of the operator of order %zu is not finite",
                       complement->products - k + (finite < k ? finite + 1 : k),
                       tw_space_dimension(complement->within.space, n));
    return TW_OK;
}

tw_status tw_complement_product(tw_complement *complement, tw_linop_product product, size_t k,
                                const double *X, double *Y) {
    size_t n = complement->A->n;
    tw_status status = product(complement->A, k, X, n, Y, n);
    return status == TW_OK ? count_product(complement, k, Y, n) : status;
}

/* *kept (out): keep X in `input`, or X itself where everything is kept. */
static tw_status keep_input(tw_complement *complement, size_t k, tw_columns X, tw_columns *kept) {
    size_t n = complement->A->n;
    *kept = X;
    if (complement->within.keep == NULL) return TW_OK;
    *kept = (tw_columns){complement->input, n, k};
    return tw_linop_apply(complement->within.keep, k, X.data, X.ld, complement->input, n);
}

tw_status tw_complement_project(tw_complement *complement, size_t k, double *X) {
    size_t n = complement->A->n;
    tw_columns kept;
    tw_status status = keep_input(complement, k, (tw_columns){X, n, k}, &kept);
    if (status != TW_OK) return status;
    if (kept.data != X) tw_copy(n * k, kept.data, X);
    tw_locked_project_out(complement->locked, k, X);
    return TW_OK;
}

static tw_status apply_block(tw_complement *complement, size_t k, const double *X, size_t ldx,
                             double *Y, size_t ldy) {
    tw_status status = TW_OK;
    size_t n = complement->A->n;
    tw_columns kept;
    TW_TRY(keep_input(complement, k, (tw_columns){X, ldx, k}, &kept));
    TW_TRY(tw_linop_draft(complement->A, k, kept.data, kept.ld, Y, ldy));
    TW_TRY(count_product(complement, k, Y, ldy));
    for (size_t j = 0; j < k; j++) {
        const double *x = kept.data + j * kept.ld;
        double *y = Y + j * ldy;
        tw_combine(n, complement->shift, x, -complement->sign, y, y);
        tw_locked_project_out(complement->locked, 1, y);
    }
cleanup:
    return status;
}

static tw_status apply(void *self, size_t k, const double *X, size_t ldx, double *Y, size_t ldy) {
    tw_status status = TW_OK;
    tw_complement *complement = self;
    for (size_t j = 0; j < k && status == TW_OK; j += complement->block) {
        size_t block = k - j < complement->block ? k - j : complement->block;
        status = apply_block(complement, block, X + j * ldx, ldx, Y + j * ldy, ldy);
    }
    return status;
}

/* A standard normal vector, projected; of a subspace of dimension r it keeps about sqrt(r). */
tw_status tw_complement_draw(void *self, double *x, bool *found) {
    tw_complement *complement = self;
    size_t n = complement->A->n;
    tw_space_fill_normal(complement->within.space, &complement->stream, n, x);
    double before = tw_norm(complement->within.space, n, x);
    for (int pass = 0; pass < 2; pass++) {
        tw_status status = tw_complement_project(complement, 1, x);
        if (status != TW_OK) return status;
        double after = tw_norm(complement->within.space, n, x);
        /* The first projected vector of all tells the dimension, unless it is unknown. */
        if (pass == 0 && complement->locked->count == 0 && complement->within.removed > 0)
            status = tw_subspace_check_length(&complement->within, n, after);
        if (status != TW_OK) return status;
        if (!isfinite(after))
            return tw_fail(TW_ERR_NUMERIC, "the projector of order %zu gave no finite vector", n);
        *found = after > NOTHING_LEFT * before;
        if (!*found) return TW_OK;
        tw_scale(n, 1.0 / after, x);
        before = 1.0;
    }
    return TW_OK;
}

bool tw_complement_allow(void *self, size_t count) {
    tw_complement *complement = self;
    size_t left = tw_budget_left(&complement->budget, complement->products);
    bool allowed = !complement->cancelled && count + complement->reserve <= left;
    complement->refused |= !allowed;
    return allowed;
}
