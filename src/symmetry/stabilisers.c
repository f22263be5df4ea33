/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The part of a chain of cores on which a stabiliser can act.
 *
 * S with S_l C_l = C_l S_{l-1} (S = 0 beyond the ends) vanishes on the range of C_0 and on the row
 * space of C_L; being skew it also satisfies C_l^T S_l = S_{l-1} C_l^T. So it vanishes on the
 * smallest family of subspaces that holds these two and is closed under every C_l and C_l^T: the
 * anchored spaces. Their complements are mapped into each other as well, and S is a stabiliser of
 * the chain restricted to them, whose ends are gone. At a balanced point everything is anchored
 * after one step; without ridges what neither the features nor the logits reach is left over. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "dense/matrix_private.h"
#include "dense/slices_private.h"
#include "dense/vector_private.h"
#include "symmetry/core_chain_private.h"
#include "symmetry/symmetry_private.h"

/* One reduction under way. */
typedef struct staircase {
    const tw_core_chain *chain;
    size_t *anchored; /* spaces + 2, like size: dimensions of the anchored spaces */
    double **Q;       /* spaces + 2: size[l + 1] x size[l + 1] room, anchored columns first */
    double *norm;     /* spaces + 1: of the cores */
    double kept, dropped;
} staircase;

static void staircase_clear(staircase *s) {
    for (size_t l = 0; s->Q && l < s->chain->spaces + 2; l++) free(s->Q[l]);
    free(s->Q);
    free(s->anchored);
    free(s->norm);
}

/* What does not rotate is anchored from the start. */
static tw_status staircase_init(staircase *s) {
    tw_status status = TW_OK;
    size_t places = s->chain->spaces + 2;
    TW_TRY(TW_NEW(s->anchored, places));
    TW_TRY(TW_NEW(s->Q, places));
    TW_TRY(TW_NEW(s->norm, places - 1));
    for (size_t l = 0; l < places; l++) {
        size_t n = s->chain->size[l];
        TW_TRY(TW_NEW(s->Q[l], n * n));
        if (l > 0 && l + 1 < places) continue;
        s->anchored[l] = n;
        for (size_t i = 0; i < n; i++) s->Q[l][i + n * i] = 1.0;
    }
    for (size_t l = 0; l + 1 < places; l++)
        s->norm[l] = tw_norm(NULL, s->chain->size[l] * s->chain->size[l + 1], s->chain->core[l]);
cleanup:
    return status;
}

/* X (n x columns) -= Q Q^T X for the anchored columns Q of one space. */
static void leave_anchored(const staircase *s, size_t place, size_t columns, double *X,
                           double *coefficients) {
    size_t n = s->chain->size[place], v = s->anchored[place];
    if (v == 0 || columns == 0) return;
    tw_multiply(1.0, tw_transposed(s->Q[place], n, v), tw_plain(X, n, columns), 0.0,
                tw_mat(coefficients, v, columns));
    tw_multiply(-1.0, tw_plain(s->Q[place], n, v), tw_plain(coefficients, v, columns), 1.0,
                tw_mat(X, n, columns));
}

/* Add the left singular vectors of X (n x columns, destroyed) above the cut to the space. */
static tw_status anchor(staircase *s, size_t place, size_t columns, double *X, bool *grown) {
    tw_status status = TW_OK;
    size_t n = s->chain->size[place], room = n - s->anchored[place];
    size_t thin = n < columns ? n : columns, added = 0;
    double *values = NULL, *U = NULL, *Vt = NULL;
    TW_TRY(TW_NEW(values, thin));
    TW_TRY(TW_NEW(U, n * thin));
    TW_TRY(TW_NEW(Vt, thin * columns));
    TW_TRY(tw_sliced_singular(n, columns, X, values, U, Vt, s->chain->monitor));
    while (added < thin && added < room && values[added] > TW_STABILISER_CUT) {
        s->kept = fmin(s->kept, values[added]);
        added++;
    }
    if (added < thin && added < room) s->dropped = fmax(s->dropped, values[added]);
    tw_copy(n * added, U, s->Q[place] + n * s->anchored[place]);
    s->anchored[place] += added;
    *grown = *grown || added > 0;
cleanup:
    free(values);
    free(U);
    free(Vt);
    return status;
}

/* Images of the anchored spaces of both neighbours, each by its core over that core's norm. */
static tw_status grow(staircase *s, size_t place, bool *grown) {
    tw_status status = TW_OK;
    const tw_core_chain *c = s->chain;
    size_t n = c->size[place], low = s->anchored[place - 1], high = s->anchored[place + 1];
    double *X = NULL, *coefficients = NULL;
    if (s->anchored[place] == n) return TW_OK;
    if (tw_monitor_report(c->monitor, "stabilisers", 0.0, 0.0))
        return tw_fail(TW_STOPPED, "ended while looking for stabilisers");
    TW_TRY(TW_NEW(X, n * (low + high)));
    TW_TRY(TW_NEW(coefficients, n * (low + high)));
    if (low > 0 && s->norm[place - 1] > 0.0)
        tw_multiply(1.0 / s->norm[place - 1], tw_plain(c->core[place - 1], n, c->size[place - 1]),
                    tw_plain(s->Q[place - 1], c->size[place - 1], low), 0.0, tw_mat(X, n, low));
    if (high > 0 && s->norm[place] > 0.0)
        tw_multiply(1.0 / s->norm[place], tw_transposed(c->core[place], c->size[place + 1], n),
                    tw_plain(s->Q[place + 1], c->size[place + 1], high), 0.0,
                    tw_mat(X + n * low, n, high));
    for (int twice = 0; twice < 2; twice++) leave_anchored(s, place, low + high, X, coefficients);
    TW_TRY(anchor(s, place, low + high, X, grown));
cleanup:
    free(X);
    free(coefficients);
    return status;
}

/* Complete the anchored columns of one space to an orthonormal basis. */
static tw_status complete(staircase *s, size_t place) {
    tw_status status = TW_OK;
    size_t n = s->chain->size[place], v = s->anchored[place];
    double *P = NULL, *values = NULL;
    if (v == n) return TW_OK;
    TW_TRY(TW_NEW(P, n * n)); /* Q Q^T: eigenvalues 0 first */
    TW_TRY(TW_NEW(values, n));
    if (v > 0)
        tw_multiply(1.0, tw_plain(s->Q[place], n, v), tw_transposed(s->Q[place], n, v), 0.0,
                    tw_mat(P, n, n));
    TW_TRY(tw_sliced_eigen(n, P, values, s->chain->monitor));
    tw_copy(n * (n - v), P, s->Q[place] + n * v);
cleanup:
    free(P);
    free(values);
    return status;
}

/* rest->core[l] = R^T C_l R with the complements R on either side. */
static tw_status restrict_core(const staircase *s, size_t l, tw_core_chain *rest) {
    tw_status status = TW_OK;
    const tw_core_chain *c = s->chain;
    size_t rows = c->size[l + 1], cols = c->size[l], m = rest->size[l + 1], n = rest->size[l];
    double *image = NULL;
    TW_TRY(TW_NEW(rest->core[l], m * n));
    if (m == 0 || n == 0) return TW_OK;
    TW_TRY(TW_NEW(image, rows * n));
    tw_multiply(1.0, tw_plain(c->core[l], rows, cols),
                tw_plain(s->Q[l] + cols * s->anchored[l], cols, n), 0.0, tw_mat(image, rows, n));
    tw_multiply(1.0, tw_transposed(s->Q[l + 1] + rows * s->anchored[l + 1], rows, m),
                tw_plain(image, rows, n), 0.0, tw_mat(rest->core[l], m, n));
cleanup:
    free(image);
    return status;
}

tw_status tw_core_chain_reduce(const tw_core_chain *chain, tw_core_chain *rest, double *kept,
                               double *dropped) {
    tw_status status = TW_OK;
    staircase s = {.chain = chain, .kept = 1.0};
    tw_core_chain made = {.spaces = chain->spaces, .monitor = chain->monitor};
    TW_TRY(staircase_init(&s));
    for (bool grown = true; grown;) {
        grown = false;
        for (size_t place = 1; place <= chain->spaces; place++) TW_TRY(grow(&s, place, &grown));
        for (size_t place = chain->spaces; place > 0; place--) TW_TRY(grow(&s, place, &grown));
    }
    TW_TRY(TW_NEW(made.size, chain->spaces + 2));
    TW_TRY(TW_NEW(made.core, chain->spaces + 1));
    for (size_t place = 0; place < chain->spaces + 2; place++) {
        TW_TRY(complete(&s, place));
        made.size[place] = chain->size[place] - s.anchored[place];
    }
    for (size_t l = 0; l <= chain->spaces; l++) TW_TRY(restrict_core(&s, l, &made));
    *kept = s.kept;
    *dropped = s.dropped;
    *rest = made;
    made = (tw_core_chain){0};
cleanup:
    tw_core_chain_clear(&made);
    staircase_clear(&s);
    return status;
}
