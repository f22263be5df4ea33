/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The map J_s written out, and its singular values.
 *
 * Columns are divided by their lengths first: factors of very different sizes then do not make a
 * generator that moves a small one look like one that moves nothing. */
#include "symmetry/core_chain_private.h"

#include <math.h>
#include <stdlib.h>

#include "base/alloc_private.h"
#include "dense/matrix_private.h"
#include "dense/slices_private.h"
#include "dense/vector_private.h"
#include "symmetry/symmetry_private.h"

void tw_core_chain_clear(tw_core_chain *chain) {
    for (size_t l = 0; chain->core && l <= chain->spaces; l++) free(chain->core[l]);
    free(chain->core);
    free(chain->size);
    *chain = (tw_core_chain){0};
}

/* The r x r factor L of C C^T = L L^T, or C (r x c) itself where c <= r. */
static tw_status shrink(tw_factor C, const tw_monitor *monitor, double **out, size_t *c) {
    tw_status status = TW_OK;
    size_t r = C.transposed ? C.cols : C.rows, columns = C.transposed ? C.rows : C.cols;
    double *upright = NULL, *R = NULL, *made = NULL;
    size_t kept = columns < r ? columns : r;
    TW_TRY(TW_NEW(made, r * kept));
    TW_TRY(TW_NEW(upright, columns * r)); /* C^T */
    for (size_t j = 0; j < r; j++)
        for (size_t i = 0; i < columns; i++)
            upright[i + columns * j] = C.transposed ? C.data[i + columns * j] : C.data[j + r * i];
    if (columns > r) {
        TW_TRY(TW_NEW(R, r * r));
        TW_TRY(tw_sliced_orthonormalise(columns, r, upright, R, monitor));
    }
    const double *source = columns > r ? R : upright; /* kept x r */
    for (size_t j = 0; j < r; j++)
        for (size_t i = 0; i < kept; i++) made[j + r * i] = source[i + kept * j];
    *out = made;
    *c = kept;
    made = NULL;
cleanup:
    free(upright);
    free(R);
    free(made);
    return status;
}

tw_status tw_core_chain_of(const tw_symmetry *symmetry, tw_core_chain *chain) {
    tw_status status = TW_OK;
    tw_core_chain made = {.spaces = symmetry->space_count, .monitor = symmetry->monitor};
    size_t last = made.spaces;
    const tw_chain_factor *F = symmetry->factors;
    double *end = NULL;
    TW_TRY(TW_NEW(made.size, last + 2));
    TW_TRY(TW_NEW(made.core, last + 1));
    for (size_t l = 0; l < last; l++) made.size[l + 1] = symmetry->spaces[l].described.rank;
    TW_TRY(shrink(tw_plain(F->core, F->left_rank, F->right_rank), made.monitor, &made.core[0],
                  &made.size[0]));
    for (size_t l = 1; l < last; l++) {
        TW_TRY(TW_NEW(made.core[l], F[l].left_rank * F[l].right_rank));
        tw_copy(F[l].left_rank * F[l].right_rank, F[l].core, made.core[l]);
    }
    size_t r = made.size[last];
    TW_TRY(shrink(tw_transposed(F[last].core, F[last].left_rank, r), made.monitor, &end,
                  &made.size[last + 1]));
    TW_TRY(TW_NEW(made.core[last], made.size[last + 1] * r));
    for (size_t j = 0; j < r; j++)
        for (size_t i = 0; i < made.size[last + 1]; i++)
            made.core[last][i + made.size[last + 1] * j] = end[j + r * i];
    *chain = made;
    made = (tw_core_chain){0};
cleanup:
    free(end);
    tw_core_chain_clear(&made);
    return status;
}

static size_t pairs_of(size_t r) {
    return r * (r - (r > 0)) / 2;
}

size_t tw_core_chain_pairs(const tw_core_chain *chain) {
    size_t sum = 0;
    for (size_t l = 0; l < chain->spaces; l++) sum += pairs_of(chain->size[l + 1]);
    return sum;
}

static size_t entries_of(const tw_core_chain *chain) {
    size_t sum = 0;
    for (size_t l = 0; l <= chain->spaces; l++) sum += chain->size[l] * chain->size[l + 1];
    return sum;
}

double tw_core_chain_effort(const tw_core_chain *chain) {
    return (double)entries_of(chain) * (double)tw_core_chain_pairs(chain);
}

/* What E_ij - E_ji in space l moves: rows i and j of core l, columns i and j of core l + 1. below
 * and above (zero on entry) are the places of these cores in a column. */
static void move(const tw_core_chain *chain, size_t l, const size_t pair[2], double *below,
                 double *above) {
    size_t r = chain->size[l + 1], inner = chain->size[l], outer = chain->size[l + 2];
    size_t i = pair[0], j = pair[1];
    for (size_t m = 0; m < inner; m++) {
        below[i + r * m] = chain->core[l][j + r * m];
        below[j + r * m] = -chain->core[l][i + r * m];
    }
    tw_axpy(outer, -1.0, chain->core[l + 1] + outer * i, above + outer * j);
    tw_axpy(outer, 1.0, chain->core[l + 1] + outer * j, above + outer * i);
}

/* J (rows x pairs) with columns of length 1, and the lengths that they had. */
static void write_map(const tw_core_chain *chain, size_t rows, double *J, double *length) {
    for (size_t l = 0, at = 0; l < chain->spaces; l++) {
        size_t step = chain->size[l] * chain->size[l + 1];
        for (size_t j = 1; j < chain->size[l + 1]; j++)
            for (size_t i = 0; i < j; i++) {
                move(chain, l, (size_t[]){i, j}, J + at, J + at + step);
                *length = tw_norm(NULL, rows, J);
                if (*length > 0.0) tw_scale(rows, 1.0 / *length, J);
                J += rows;
                length++;
            }
        at += step;
    }
}

static void decide_kernel(size_t pairs, size_t thin, const double *values, tw_stabilisers *found) {
    size_t rank = 0;
    while (rank < thin && values[rank] > TW_STABILISER_CUT * values[0]) rank++;
    found->count = pairs - rank;
    found->kept = rank > 0 ? values[rank - 1] / values[0] : 1.0;
    found->dropped = rank < thin && values[0] > 0.0 ? values[rank] / values[0] : 0.0;
}

tw_status tw_core_chain_decompose(const tw_core_chain *chain, tw_stabilisers *found,
                                  double **inverse) {
    tw_status status = TW_OK;
    size_t rows = entries_of(chain), pairs = tw_core_chain_pairs(chain);
    size_t thin = rows < pairs ? rows : pairs, at = 0;
    double *J = NULL, *length = NULL, *values = NULL, *U = NULL, *Vt = NULL, *W = NULL;
    TW_TRY(TW_NEW(J, rows * pairs));
    TW_TRY(TW_NEW(length, pairs));
    TW_TRY(TW_NEW(values, thin));
    if (inverse) {
        TW_TRY(TW_NEW(U, rows * thin));
        TW_TRY(TW_NEW(Vt, thin * pairs));
    }
    write_map(chain, rows, J, length);
    TW_TRY(tw_sliced_singular(rows, pairs, J, values, U, Vt, chain->monitor));
    decide_kernel(pairs, thin, values, found);
    if (inverse == NULL) goto cleanup;
    TW_TRY(TW_NEW(W, pairs * (pairs - found->count)));
    for (size_t i = 0; i + found->count < pairs; i++)
        for (size_t p = 0; p < pairs; p++) W[at++] = Vt[i + thin * p] / (values[i] * length[p]);
    *inverse = W;
cleanup:
    free(J);
    free(length);
    free(values);
    free(U);
    free(Vt);
    return status;
}
