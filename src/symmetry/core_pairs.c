/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stabilisers of a chain whose cores are diagonal in suitable bases: what is left of a chain of two
 * spaces, or of orthogonal layers, where the whole map would be too large to write out.
 *
 * With cores diag(c_l) the rotations of the plane (i, j) in all spaces, s = (s_l), decouple from
 * those of other planes, and move the entries
 *     (i, j) of core l:   s_l c_{l,j} - c_{l,i} s_{l-1}
 *     (j, i) of core l:  -s_l c_{l,i} + c_{l,j} s_{l-1}
 * a map of spaces columns and 2 (spaces + 1) rows. */
#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/alloc_private.h"
#include "dense/factor_private.h"
#include "dense/matrix_private.h"
#include "dense/slices_private.h"
#include "dense/vector_private.h"
#include "symmetry/core_chain_private.h"
#include "symmetry/symmetry_private.h"

/* What a core may have off its diagonal, of its norm. */
#define DIAGONAL (1e3 * DBL_EPSILON)

/* ---- Bases ---- */

/* out = B_l^T C_l B_{l-1} for the bases of both sides, NULL for the identity. */
static tw_status turn_core(const tw_core_chain *chain, size_t l, double *const *B, double *out) {
    tw_status status = TW_OK;
    size_t rows = chain->size[l + 1], cols = chain->size[l];
    double *image = NULL;
    if (rows == 0 || cols == 0) return TW_OK;
    TW_TRY(TW_NEW(image, rows * cols));
    if (B[l])
        tw_multiply(1.0, tw_plain(chain->core[l], rows, cols), tw_plain(B[l], cols, cols), 0.0,
                    tw_mat(image, rows, cols));
    else
        tw_copy(rows * cols, chain->core[l], image);
    if (B[l + 1])
        tw_multiply(1.0, tw_transposed(B[l + 1], rows, rows), tw_plain(image, rows, cols), 0.0,
                    tw_mat(out, rows, cols));
    else
        tw_copy(rows * cols, image, out);
cleanup:
    free(image);
    return status;
}

/* The first space takes the right singular vectors of the core above it. */
static tw_status first_basis(const tw_core_chain *chain, double *B) {
    tw_status status = TW_OK;
    size_t rows = chain->size[2], n = chain->size[1];
    double *gram = NULL, *values = NULL;
    TW_TRY(TW_NEW(gram, n * n));
    TW_TRY(TW_NEW(values, n));
    if (rows > 0 && n > 0)
        tw_multiply(-1.0, tw_transposed(chain->core[1], rows, n), tw_plain(chain->core[1], rows, n),
                    0.0, tw_mat(gram, n, n));
    TW_TRY(tw_sliced_eigen(n, gram, values, chain->monitor));
    tw_copy(n * n, gram, B);
cleanup:
    free(gram);
    free(values);
    return status;
}

/* Space `place` follows the one below: the orthogonal factor of C B, completed. */
static tw_status next_basis(const tw_core_chain *chain, size_t place, double *const *B) {
    tw_status status = TW_OK;
    size_t n = chain->size[place], below = chain->size[place - 1];
    double *image = NULL;
    size_t columns = n > below ? n : below;
    TW_TRY(TW_NEW(image, n * columns)); /* missing columns are 0: Householder QR completes them */
    if (n > 0 && below > 0)
        tw_multiply(1.0, tw_plain(chain->core[place - 1], n, below),
                    tw_plain(B[place - 1], below, below), 0.0, tw_mat(image, n, below));
    TW_TRY(tw_sliced_orthonormalise(n, n, image, NULL, chain->monitor));
    tw_copy(n * n, image, B[place]);
cleanup:
    free(image);
    return status;
}

static tw_status find_bases(const tw_core_chain *chain, double **B) {
    tw_status status = TW_OK;
    for (size_t place = 1; place <= chain->spaces; place++) {
        TW_TRY(TW_NEW(B[place], chain->size[place] * chain->size[place]));
        TW_TRY(place == 1 ? first_basis(chain, B[1]) : next_basis(chain, place, B));
    }
cleanup:
    return status;
}

/* ---- Planes ---- */

/* c (spaces + 1) x widest: the diagonals, 0 where a core has none. */
typedef struct planes {
    const tw_core_chain *chain;
    size_t widest;
    double *c;
    double *J, *values; /* of one plane */
} planes;

/* Diagonal of one turned core (rows x cols); false when something stands beside it. */
static bool take_diagonal(size_t rows, size_t cols, const double *core, double *c) {
    double size = tw_norm(NULL, rows * cols, core), beside = 0.0;
    for (size_t j = 0; j < cols; j++)
        for (size_t i = 0; i < rows; i++) {
            if (i == j) c[i] = core[i + rows * j];
            if (i != j) beside = fmax(beside, fabs(core[i + rows * j]));
        }
    return beside <= DIAGONAL * size;
}

static tw_status planes_init(planes *p, bool *decoupled) {
    tw_status status = TW_OK;
    const tw_core_chain *chain = p->chain;
    double **B = NULL, *core = NULL;
    size_t spaces = chain->spaces;
    for (size_t l = 0; l < spaces + 2; l++)
        if (chain->size[l] > p->widest) p->widest = chain->size[l];
    TW_TRY(TW_NEW(B, spaces + 2));
    TW_TRY(TW_NEW(p->c, (spaces + 1) * p->widest));
    TW_TRY(TW_NEW(p->J, 2 * (spaces + 1) * spaces));
    TW_TRY(TW_NEW(p->values, spaces));
    TW_TRY(TW_NEW(core, p->widest * p->widest));
    TW_TRY(find_bases(chain, B));
    *decoupled = true;
    for (size_t l = 0; l <= spaces && *decoupled; l++) {
        TW_TRY(turn_core(chain, l, B, core));
        *decoupled = take_diagonal(chain->size[l + 1], chain->size[l], core, p->c + p->widest * l);
    }
cleanup:
    for (size_t l = 0; B && l < spaces + 2; l++) free(B[l]);
    free(B);
    free(core);
    return status;
}

static void planes_clear(planes *p) {
    free(p->c);
    free(p->J);
    free(p->values);
}

/* Spaces that have the plane (i, j), i < j; J gets one column of length 1 for each. */
static size_t write_plane(const planes *p, size_t i, size_t j) {
    size_t spaces = p->chain->spaces, rows = 2 * (spaces + 1), columns = 0;
    for (size_t l = 0; l < spaces; l++) {
        if (j >= p->chain->size[l + 1]) continue;
        const double *below = p->c + p->widest * l, *above = below + p->widest;
        double *column = p->J + rows * columns++;
        for (size_t k = 0; k < rows; k++) column[k] = 0.0;
        column[2 * l] = below[j];
        column[2 * l + 1] = -below[i];
        column[2 * l + 2] = -above[i];
        column[2 * l + 3] = above[j];
        double length = tw_norm(NULL, rows, column);
        if (length > 0.0) tw_scale(rows, 1.0 / length, column);
    }
    return columns;
}

static tw_status count_plane(planes *p, size_t i, size_t j, tw_stabilisers *found) {
    tw_status status = TW_OK;
    size_t rows = 2 * (p->chain->spaces + 1), columns = write_plane(p, i, j);
    TW_TRY(tw_singular_values(rows, columns, p->J, p->values, NULL, NULL));
    for (size_t k = 0; k < columns; k++) {
        bool moves = p->values[k] > TW_STABILISER_CUT * sqrt((double)columns);
        if (moves) found->kept = fmin(found->kept, p->values[k]);
        if (!moves) found->dropped = fmax(found->dropped, p->values[k]);
        found->count += !moves;
    }
cleanup:
    return status;
}

tw_status tw_core_chain_decouple(const tw_core_chain *chain, tw_stabilisers *found,
                                 bool *decoupled) {
    tw_status status = TW_OK;
    planes p = {.chain = chain};
    tw_stabilisers made = {.kept = 1.0};
    *decoupled = false;
    if (chain->size[0] > 0 || chain->size[chain->spaces + 1] > 0) return TW_OK;
    TW_TRY(planes_init(&p, decoupled));
    for (size_t j = 1; j < p.widest && *decoupled; j++) {
        if (tw_monitor_report(chain->monitor, "stabilisers", (double)j, (double)p.widest))
            TW_TRY(tw_fail(TW_STOPPED, "ended while looking for stabilisers"));
        for (size_t i = 0; i < j; i++) TW_TRY(count_plane(&p, i, j, &made));
    }
    if (!*decoupled) goto cleanup;
    found->count = made.count;
    found->kept = made.kept;
    found->dropped = made.dropped;
cleanup:
    planes_clear(&p);
    return status;
}
