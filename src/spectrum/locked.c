/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>

#include "base/alloc_private.h"
#include "dense/vector_private.h"
#include "spectrum/search_private.h"

#define NOTHING_LEFT 1e-6 /* of a unit vector */

tw_status tw_locked_init(tw_locked *locked, size_t n, tw_end end, const tw_space *space) {
    *locked = (tw_locked){.space = space, .n = n, .end = end};
    return tw_locked_reserve(locked, 1);
}

void tw_locked_clear(tw_locked *locked) {
    free(locked->vectors);
    free(locked->values);
    free(locked->residuals);
    free(locked->coefficients);
    *locked = (tw_locked){0};
}

static tw_status grow(double **block, size_t count) {
    double *moved = tw_resize(*block, count, sizeof **block);
    if (moved == NULL) return TW_ERR_MEMORY;
    *block = moved;
    return TW_OK;
}

tw_status tw_locked_reserve(tw_locked *locked, size_t count) {
    tw_status status = TW_OK;
    if (count <= locked->room) return TW_OK;
    TW_TRY(grow(&locked->vectors, count * locked->n));
    TW_TRY(grow(&locked->values, count));
    TW_TRY(grow(&locked->residuals, count));
    TW_TRY(grow(&locked->coefficients, count * TW_SEARCH_BLOCK));
    locked->room = count;
cleanup:
    return status;
}

static double *column(const tw_locked *locked, size_t index) {
    return locked->vectors + index * locked->n;
}

void tw_locked_project_out(const tw_locked *locked, size_t k, double *X) {
    tw_columns Q = {locked->vectors, locked->n, locked->count};
    tw_project_out(locked->space, locked->n, Q, k, X, locked->n, locked->coefficients);
}

bool tw_locked_orthonormalise(tw_locked *locked, size_t index) {
    size_t n = locked->n;
    double *x = column(locked, index);
    double norm = tw_norm(locked->space, n, x);
    if (!(norm > NOTHING_LEFT)) return false;
    tw_scale(n, 1.0 / norm, x);
    const tw_columns before = {locked->vectors, n, index};
    return tw_make_orthogonal(locked->space, n, before, x, locked->coefficients) > NOTHING_LEFT;
}

static void swap_pairs(tw_locked *locked, size_t i, size_t j) {
    double *x = column(locked, i), *y = column(locked, j), kept;
    for (size_t row = 0; row < locked->n; row++) {
        kept = x[row];
        x[row] = y[row];
        y[row] = kept;
    }
    kept = locked->values[i];
    locked->values[i] = locked->values[j];
    locked->values[j] = kept;
    kept = locked->residuals[i];
    locked->residuals[i] = locked->residuals[j];
    locked->residuals[j] = kept;
}

size_t tw_locked_insert(tw_locked *locked, size_t index, double value, double residual) {
    size_t place = locked->count++;
    if (index != place) tw_copy(locked->n, column(locked, index), column(locked, place));
    locked->values[place] = value;
    locked->residuals[place] = residual;
    double key = tw_locked_key(locked, value);
    for (; place > 0 && key < tw_locked_key(locked, locked->values[place - 1]); place--)
        swap_pairs(locked, place - 1, place);
    return place;
}

void tw_locked_take(tw_locked *locked, size_t count, tw_eigenpairs *pairs) {
    if (count < locked->count) locked->count = count;
    if (locked->end == TW_END_LARGEST)
        for (size_t i = 0, j = locked->count; i + 1 < j; i++) swap_pairs(locked, i, --j);
    *pairs = (tw_eigenpairs){locked->n, locked->count, locked->values, locked->vectors,
                             locked->residuals};
    locked->values = locked->vectors = locked->residuals = NULL;
    tw_locked_clear(locked);
}
