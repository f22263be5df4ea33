/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Hutch++ (Meyer, Musco, Musco, Woodruff, SOSA 2021): the trace in two parts,
 *
 *     tr A = tr(Q^T A Q) + tr((I - Q Q^T) A (I - Q Q^T)),
 *
 * Q an orthonormal basis of A S for a random sketch S. The first part is a finite sum, the second
 * is estimated from vectors z uniform on the unit sphere of the complement of Q, of dimension c:
 * c z^T A z has exactly that mean, given Q. Hence the error is that of the second part alone, from
 * the sample variance of its probes, and the interval is Student's. What Q holds of the large
 * eigenvalues no longer adds to that variance. The same products give
 *
 *     ||A||_F^2 = tr A^2 = ||A Q||_F^2 + tr((I - Q Q^T) A^2 (I - Q Q^T)),   c ||A z||^2.
 *
 * A sketch that spans the whole subspace leaves nothing to estimate: exact. Directions of A S that
 * depend on earlier ones are left out rather than completed, so that Q stays in the range of A. */
#include <math.h>
#include <stdlib.h>

#include "base/alloc_private.h"
#include "dense/vector_private.h"
#include "spectrum/estimate_private.h"
#include "spectrum/trace_private.h"

#define DEPENDENT 1e-12 /* of a column of A S, relative to ||A||: rounding */
#define DEEP 1e-2       /* a rest below this carries visible rounding from outside the subspace */

enum { BLOCK = 16 };

typedef struct hutchinson {
    tw_probes *source;
    size_t n, sketch, probes; /* planned */
    size_t kept;              /* columns of Q */
    size_t done;              /* probes finished */
    double *Q;                /* n x sketch */
    double *X, *Y;            /* n x BLOCK */
    double *coefficients;     /* sketch x BLOCK */
    double *trace, *square;   /* probes: samples of the second parts */
    double trace_base, square_base;
    bool based; /* both bases are complete */
} hutchinson;

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

static tw_columns basis(const hutchinson *h) {
    return (tw_columns){h->Q, h->n, h->kept};
}

/* k vectors of the complement of Q: twice is enough. */
static void project(hutchinson *h, size_t k, double *X) {
    for (int pass = 0; pass < 2; pass++)
        tw_project_out(h->source->within.space, h->n, basis(h), k, X, h->n, h->coefficients);
}

/* Make y the next column of Q, unless it depends on those before. */
static tw_status append(hutchinson *h, const double *y) {
    tw_status status = TW_OK;
    const tw_space *space = h->source->within.space;
    double *q = h->Q + h->kept * h->n, size = h->source->size;
    if (h->kept == h->source->rank) return TW_OK;
    tw_copy(h->n, y, q);
    project(h, 1, q);
    double rest = tw_norm(space, h->n, q);
    if (rest <= DEPENDENT * size) return TW_OK;
    tw_scale(h->n, 1.0 / rest, q);
    if (rest < DEEP * size) {
        TW_TRY(tw_probes_keep(h->source, q));
        project(h, 1, q);
        tw_scale(h->n, 1.0 / tw_norm(space, h->n, q), q);
    }
    h->kept++;
cleanup:
    return status;
}

/* Q from A S. */
static tw_status make_sketch(hutchinson *h) {
    tw_status status = TW_OK;
    for (size_t j = 0; j < h->sketch; j += BLOCK) {
        size_t k = smaller(BLOCK, h->sketch - j);
        if (!tw_probes_allow(h->source, k)) return TW_OK;
        for (size_t c = 0; c < k; c++)
            TW_TRY(tw_probes_draw(h->source, TW_PROBES_SKETCH + j + c, h->X + c * h->n));
        TW_TRY(tw_probes_product(h->source, k, h->X, h->Y));
        for (size_t c = 0; c < k; c++) TW_TRY(append(h, h->Y + c * h->n));
    }
cleanup:
    return status;
}

/* The finite parts: tr(Q^T A Q) and ||A Q||_F^2. */
static tw_status sum_basis(hutchinson *h) {
    const tw_space *space = h->source->within.space;
    for (size_t j = 0; j < h->kept; j += BLOCK) {
        size_t k = smaller(BLOCK, h->kept - j);
        if (!tw_probes_allow(h->source, k)) return TW_OK;
        tw_status status = tw_probes_product(h->source, k, h->Q + j * h->n, h->Y);
        if (status != TW_OK) return status;
        for (size_t c = 0; c < k; c++) {
            const double *q = h->Q + (j + c) * h->n, *y = h->Y + c * h->n;
            h->trace_base += tw_dot(space, h->n, q, y);
            h->square_base += tw_dot(space, h->n, y, y);
        }
    }
    h->based = true;
    return TW_OK;
}

static tw_status draw_complement(hutchinson *h, uint64_t index, double *z) {
    tw_status status = tw_probes_draw(h->source, TW_PROBES_HUTCHINSON + index, z);
    if (status != TW_OK) return status;
    project(h, 1, z);
    tw_scale(h->n, 1.0 / tw_norm(h->source->within.space, h->n, z), z);
    return TW_OK;
}

static tw_status sample(hutchinson *h) {
    tw_status status = TW_OK;
    const tw_space *space = h->source->within.space;
    double dimension = (double)(h->source->rank - h->kept);
    while (h->based && h->done < h->probes) {
        size_t k = smaller(BLOCK, h->probes - h->done);
        if (!tw_probes_allow(h->source, k)) return TW_OK;
        for (size_t c = 0; c < k; c++) TW_TRY(draw_complement(h, h->done + c, h->X + c * h->n));
        TW_TRY(tw_probes_product(h->source, k, h->X, h->Y));
        for (size_t c = 0; c < k; c++, h->done++) {
            const double *z = h->X + c * h->n, *y = h->Y + c * h->n;
            h->trace[h->done] = dimension * tw_dot(space, h->n, z, y);
            h->square[h->done] = dimension * tw_dot(space, h->n, y, y);
        }
    }
cleanup:
    return status;
}

/* A short budget is split into three equal parts, as in the paper; the probes get what is left. */
static void plan(hutchinson *h, size_t probes) {
    tw_probes *source = h->source;
    size_t left = tw_budget_left(&source->budget, source->products);
    h->sketch = smaller(probes, source->rank);
    h->probes = h->sketch == source->rank ? 0 : probes;
    if (2 * h->sketch + h->probes > left) {
        source->refused = true;
        h->sketch = smaller(h->sketch, left / 3);
        h->probes = smaller(probes, left - 2 * h->sketch);
    }
    source->stage = "trace";
    source->planned = source->products + 2 * h->sketch + h->probes;
}

static tw_status allocate(hutchinson *h) {
    tw_status status = TW_OK;
    TW_TRY(TW_NEW_MATRIX(h->Q, h->n, h->sketch));
    TW_TRY(TW_NEW(h->X, h->n * BLOCK));
    TW_TRY(TW_NEW(h->Y, h->n * BLOCK));
    TW_TRY(TW_NEW(h->coefficients, h->sketch * BLOCK));
    TW_TRY(TW_NEW(h->trace, h->probes));
    TW_TRY(TW_NEW(h->square, h->probes));
cleanup:
    return status;
}

static void report(const hutchinson *h, tw_trace_result *r) {
    double n = (double)h->source->whole, size = h->source->size;
    r->sketch = h->kept;
    r->probes = h->done;
    if (h->based && h->kept == h->source->rank) {
        r->trace = tw_estimate_exact(h->trace_base);
        r->frobenius_squared = tw_estimate_exact(h->square_base);
    } else if (h->done > 0) {
        double slack = n * size * tw_probes_rounding(h->source);
        r->trace = tw_estimate_affine(h->trace_base, 1.0, tw_estimate_mean(h->done, h->trace));
        r->trace = tw_estimate_widen(r->trace, slack);
        r->frobenius_squared =
            tw_estimate_affine(h->square_base, 1.0, tw_estimate_mean(h->done, h->square));
        r->frobenius_squared = tw_estimate_widen(r->frobenius_squared, slack * size);
    }
    r->frobenius = tw_estimate_root(r->frobenius_squared);
}

tw_status tw_hutchinson_run(tw_probes *source, size_t probes, tw_trace_result *result) {
    tw_status status = TW_OK;
    hutchinson h = {.source = source, .n = source->A->n};
    plan(&h, probes);
    TW_TRY(allocate(&h));
    TW_TRY(make_sketch(&h));
    TW_TRY(sum_basis(&h));
    TW_TRY(sample(&h));
cleanup:
    if (status == TW_STOPPED) status = TW_OK; /* with what there is */
    if (status == TW_OK) report(&h, result);
    free(h.Q);
    free(h.X);
    free(h.Y);
    free(h.coefficients);
    free(h.trace);
    free(h.square);
    return status;
}

void tw_hutchinson_cost(size_t n, size_t probes, tw_cost *cost) {
    double order = (double)n, sketch = (double)smaller(probes, n), block = fmin(BLOCK, sketch);
    *cost = (tw_cost){.bytes = 8.0 * order * (sketch + 2.0 * block + 1.0),
                      .traffic = 4.0 * order * sketch};
    tw_cost_set_products(cost, 3.0 * sketch, 3.0 * sketch);
}
