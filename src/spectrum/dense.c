/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dense route: every eigenvalue of A, from its columns.
 *
 * A = [A e_1 ... A e_n] is assembled by block products, the asymmetry max |A_ij - A_ji| is kept as
 * evidence on the products, and (A + A^T)/2 is diagonalised (dsyevd). Nothing is believed on
 * LAPACK's word alone: every pair is multiplied afresh by A itself, ||A v - t v||_2, so the
 * residual covers the product, the symmetrisation and the solver together. That makes 2 n products
 * in all. */
#include <math.h>
#include <stdlib.h>
#include <thalweg/spectrum/spectrum.h>

#include "base/alloc_private.h"
#include "dense/slices_private.h"
#include "dense/vector_private.h"
#include "spectrum/assemble_private.h"

/* One run. `matrix` holds A, later its eigenvectors; `panel` one block of columns. */
typedef struct dense_run {
    tw_assembly assembly;
    size_t n;
    double *matrix; /* n x n */
    double *panel;  /* n x block */
    tw_dense_result result;
} dense_run;

static bool cancelled(dense_run *run, const char *stage, size_t done, size_t total) {
    return tw_assembly_report(&run->assembly, stage, done, total);
}

/* Residuals of all pairs by fresh products. */
static tw_status verify(dense_run *run) {
    size_t n = run->n;
    const tw_eigenpairs *pairs = &run->result.pairs;
    for (size_t j = 0; j < n && !cancelled(run, "verifying", j, n); j += run->assembly.block) {
        size_t k = tw_assembly_width(&run->assembly, j);
        tw_status status = tw_assembly_product(&run->assembly, k, run->matrix + j * n, run->panel);
        if (status != TW_OK) return status;
        for (size_t c = 0; c < k; c++) {
            double *residual = run->panel + c * n;
            tw_axpy(n, -pairs->values[j + c], run->matrix + (j + c) * n, residual);
            pairs->residuals[j + c] = tw_norm(NULL, n, residual);
        }
    }
    return TW_OK;
}

static tw_status diagonalise(dense_run *run) {
    tw_eigenpairs *pairs = &run->result.pairs;
    tw_status status = tw_sliced_eigen(run->n, run->matrix, pairs->values, run->assembly.monitor);
    run->assembly.cancelled = status == TW_STOPPED;
    if (status != TW_OK) return run->assembly.cancelled ? TW_OK : status;
    pairs->n = pairs->count = run->n;
    run->result.norm = fmax(fabs(pairs->values[0]), fabs(pairs->values[run->n - 1]));
    return TW_OK;
}

static tw_status run_stages(dense_run *run) {
    tw_status status = TW_OK;
    TW_TRY(tw_assemble(&run->assembly, run->matrix));
    run->result.asymmetry = run->assembly.asymmetry;
    if (run->assembly.cancelled) goto cleanup;
    TW_TRY(diagonalise(run));
    if (run->assembly.cancelled) goto cleanup;
    TW_TRY(verify(run));
cleanup:
    run->result.products = run->assembly.products;
    return status;
}

static tw_status check(const tw_linop *A, const tw_dense_options *options) {
    if (options->block == 0) return tw_fail(TW_ERR_ARGUMENT, "a block of 0 columns");
    return tw_assembly_check(A);
}

tw_status tw_spectrum_dense(const tw_linop *A, const tw_dense_options *options,
                            tw_dense_result *result) {
    tw_status status = TW_OK;
    tw_dense_options defaults = TW_DENSE_DEFAULTS;
    if (options == NULL) options = &defaults;
    size_t block = options->block < A->n ? options->block : A->n;
    dense_run run = {.assembly = {.A = A, .monitor = options->monitor, .block = block}, .n = A->n};
    *result = (tw_dense_result){0};
    if (A->n == 0) return TW_OK;
    TW_TRY(check(A, options));
    TW_TRY(TW_NEW(run.matrix, run.n * run.n));
    TW_TRY(TW_NEW(run.panel, run.n * block));
    run.assembly.panel = run.panel;
    TW_TRY(TW_NEW(run.result.pairs.values, run.n));
    TW_TRY(TW_NEW(run.result.pairs.residuals, run.n));
    TW_TRY(run_stages(&run));
    if (run.assembly.cancelled) {
        tw_dense_result_clear(&run.result);
        run.result.products = run.assembly.products;
        run.result.cancelled = true;
    } else if (options->keep_vectors) {
        run.result.pairs.vectors = run.matrix;
        run.matrix = NULL;
    }
    *result = run.result;
cleanup:
    if (status != TW_OK) tw_dense_result_clear(&run.result);
    free(run.matrix);
    free(run.panel);
    return status;
}

void tw_dense_result_clear(tw_dense_result *result) {
    if (result == NULL) return;
    tw_eigenpairs_clear(&result->pairs);
    *result = (tw_dense_result){0};
}

/* The matrix and LAPACK's workspace of two more; a panel of columns. */
void tw_dense_cost(size_t n, const tw_dense_options *options, tw_cost *cost) {
    const tw_dense_options defaults = TW_DENSE_DEFAULTS;
    if (options == NULL) options = &defaults;
    double order = (double)n, block = fmin((double)options->block, order);
    *cost = (tw_cost){.bytes = 8.0 * order * (3.0 * order + block + 8.0),
                      .flops = 9.0 * order * order * order};
    tw_cost_set_products(cost, 2.0 * order, 2.0 * order);
}
