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
#include <string.h>
#include <thalweg/spectrum.h>

#include "base/alloc_private.h"
#include "dense/factor_private.h"
#include "dense/vector_private.h"

enum { MAX_ORDER = 32000 }; /* dsyevd counts its 2 n^2 doubles of workspace in an int */

/* One run. `matrix` holds A, later its eigenvectors; `panel` one block of columns. */
typedef struct dense_run {
    const tw_linop *A;
    const tw_monitor *monitor;
    size_t n, block;
    double *matrix; /* n x n */
    double *panel;  /* n x block */
    tw_dense_result result;
} dense_run;

static bool cancelled(dense_run *run, const char *stage, size_t done, size_t total) {
    run->result.cancelled = tw_monitor_report(run->monitor, stage, (double)done, (double)total);
    return run->result.cancelled;
}

static size_t block_at(const dense_run *run, size_t column) {
    size_t left = run->n - column;
    return left < run->block ? left : run->block;
}

static tw_status multiply(dense_run *run, size_t k, const double *X, double *Y) {
    tw_status status = tw_linop_apply(run->A, k, X, run->n, Y, run->n);
    if (status != TW_OK) return status;
    run->result.products += k;
    if (!tw_all_finite(k * run->n, Y))
        return tw_fail(TW_ERR_NUMERIC, "a product of the operator of order %zu is not finite",
                       run->n);
    return TW_OK;
}

/* matrix = A, from the columns of the identity. */
static tw_status assemble(dense_run *run) {
    size_t n = run->n;
    for (size_t j = 0; j < n && !cancelled(run, "assembling", j, n); j += run->block) {
        size_t k = block_at(run, j);
        memset(run->panel, 0, n * k * sizeof *run->panel);
        for (size_t c = 0; c < k; c++) run->panel[j + c + c * n] = 1.0;
        tw_status status = multiply(run, k, run->panel, run->matrix + j * n);
        if (status != TW_OK) return status;
    }
    return TW_OK;
}

static void symmetrise(dense_run *run) {
    size_t n = run->n;
    for (size_t j = 0; j < n; j++)
        for (size_t i = 0; i < j; i++) {
            double *upper = run->matrix + i + j * n, *lower = run->matrix + j + i * n;
            run->result.asymmetry = fmax(run->result.asymmetry, fabs(*upper - *lower));
            *upper = *lower = 0.5 * *upper + 0.5 * *lower;
        }
}

/* Residuals of all pairs by fresh products. */
static tw_status verify(dense_run *run) {
    size_t n = run->n;
    const tw_eigenpairs *pairs = &run->result.pairs;
    for (size_t j = 0; j < n && !cancelled(run, "verifying", j, n); j += run->block) {
        size_t k = block_at(run, j);
        tw_status status = multiply(run, k, run->matrix + j * n, run->panel);
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
    if (cancelled(run, "diagonalising", 0, 1)) return TW_OK;
    tw_status status = tw_symmetric_eigen(run->n, run->matrix, pairs->values);
    if (status != TW_OK) return status;
    pairs->n = pairs->count = run->n;
    run->result.norm = fmax(fabs(pairs->values[0]), fabs(pairs->values[run->n - 1]));
    return TW_OK;
}

static tw_status run_stages(dense_run *run) {
    tw_status status = TW_OK;
    TW_TRY(assemble(run));
    if (run->result.cancelled) goto cleanup;
    symmetrise(run);
    TW_TRY(diagonalise(run));
    if (run->result.cancelled) goto cleanup;
    TW_TRY(verify(run));
cleanup:
    return status;
}

static tw_status check(const tw_linop *A, const tw_dense_options *options) {
    if (options->block == 0) return tw_fail(TW_ERR_ARGUMENT, "a block of 0 columns");
    if (A->n > MAX_ORDER)
        return tw_fail(TW_ERR_UNSUPPORTED, "order %zu is too large for the dense route (%d)", A->n,
                       MAX_ORDER);
    return TW_OK;
}

tw_status tw_spectrum_dense(const tw_linop *A, const tw_dense_options *options,
                            tw_dense_result *result) {
    tw_status status = TW_OK;
    tw_dense_options defaults = TW_DENSE_DEFAULTS;
    if (options == NULL) options = &defaults;
    dense_run run = {.A = A,
                     .monitor = options->monitor,
                     .n = A->n,
                     .block = options->block < A->n ? options->block : A->n};
    *result = (tw_dense_result){0};
    if (A->n == 0) return TW_OK;
    TW_TRY(check(A, options));
    TW_TRY(TW_NEW(run.matrix, run.n * run.n));
    TW_TRY(TW_NEW(run.panel, run.n * run.block));
    TW_TRY(TW_NEW(run.result.pairs.values, run.n));
    TW_TRY(TW_NEW(run.result.pairs.residuals, run.n));
    TW_TRY(run_stages(&run));
    if (run.result.cancelled) {
        tw_dense_result_clear(&run.result);
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
