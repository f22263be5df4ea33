/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Eigenvalues of a symmetric operator, each with the residual of a fresh product.
 *
 * A residual bounds the error: within ||A v - t v||_2 of t (||v||_2 = 1) lies an eigenvalue of A
 * (Parlett, The Symmetric Eigenvalue Problem, theorem 4.5.1). */
#ifndef THALWEG_SPECTRUM_H
#define THALWEG_SPECTRUM_H

#include <stdbool.h>
#include <thalweg/base/budget.h>
#include <thalweg/base/cost.h>
#include <thalweg/operator/subspace.h>

/* Eigenpairs, values ascending. Owned; release with tw_eigenpairs_clear. */
typedef struct tw_eigenpairs {
    size_t n;          /* order of the operator */
    size_t count;      /* pairs held */
    double *values;    /* count */
    double *vectors;   /* n x count, orthonormal columns, leading dimension n; NULL if not asked */
    double *residuals; /* count: ||A v - t v||_2, absolute, by a fresh product with A itself */
} tw_eigenpairs;

TW_API void tw_eigenpairs_clear(tw_eigenpairs *pairs); /* idempotent, NULL-safe */

/* ---- Dense route: assemble A by products, diagonalise (LAPACK dsyevd). ---- */

typedef struct tw_dense_options {
    size_t block;              /* columns a product; default 64 */
    bool keep_vectors;         /* return the eigenvectors; default false */
    const tw_monitor *monitor; /* borrowed; default NULL */
} tw_dense_options;

#define TW_DENSE_DEFAULTS ((tw_dense_options){.block = 64})

typedef struct tw_dense_result {
    tw_eigenpairs pairs; /* all n */
    double norm;         /* ||A||_2 = largest |eigenvalue| */
    double asymmetry;    /* max |A_ij - A_ji| before symmetrising: evidence on the products */
    size_t products;     /* single-vector products used, verification included */
    bool cancelled;      /* the monitor ended it: only products is valid */
} tw_dense_result;

/* 2 n products. The monitor is asked before each block of them; LAPACK's part, about 9 n^3 flops
 * between the two halves, runs to its end. Memory: about 3 n^2 doubles. options: NULL for the
 * defaults. Errors: TW_ERR_ARGUMENT (block 0),
 * TW_ERR_UNSUPPORTED (n above 32000), TW_ERR_MEMORY, TW_ERR_NUMERIC (NaN or Inf in a product,
 * LAPACK failure), errors of A; the result is cleared on failure. */
TW_API tw_status tw_spectrum_dense(const tw_linop *A, const tw_dense_options *options,
                                   tw_dense_result *result);
TW_API void tw_dense_result_clear(tw_dense_result *result);

/* options: as there; NULL for the defaults. */
TW_API void tw_dense_cost(size_t n, const tw_dense_options *options, tw_cost *cost);

/* ---- Extreme eigenpairs by rounds of a Krylov engine with locking. ---- */

typedef enum tw_end { TW_END_SMALLEST, TW_END_LARGEST } tw_end;

/* Why a search ended. */
typedef enum tw_search_reason {
    TW_SEARCH_COMPLETE, /* `confirmations` fresh rounds in the complement found nothing new */
    TW_SEARCH_ALL,      /* the whole spectrum of the (deflated) operator was found */
    TW_SEARCH_PRODUCTS, /* the products are used up: pairs are verified, their list may have gaps */
    TW_SEARCH_STALLED,  /* rounds stopped giving pairs that pass verification */
    TW_SEARCH_CANCELLED /* the monitor or the deadline ended it */
} tw_search_reason;

TW_API const char *tw_search_reason_name(tw_search_reason reason);

typedef struct tw_search_options {
    tw_end end;             /* default TW_END_SMALLEST */
    size_t count;           /* pairs wanted, >= 1; default 6 */
    double beyond;          /* also go on until one pair lies beyond this value (above it for the
                               smallest end, below it for the largest); default NAN: no such wish */
    double tolerance;       /* a pair is accepted when ||A v - t v|| <= tolerance * ||A||;
                               > 0; default 1e-11 */
    unsigned confirmations; /* fresh rounds that must find nothing new, >= 1; default 2 */
    const char *engine;     /* "arpack" or "lanczos" (tw_engine_at lists them); default NULL: the
                               first of the list, lanczos */
    tw_subspace within;     /* its projector commutes with A: search only in its range; default: the
                               whole space */
    tw_budget budget;       /* start vectors: stream (seed, TW_PURPOSE_START, round); dense_limit is
                               not used */
} tw_search_options;

#define TW_SEARCH_DEFAULTS                                                                         \
    ((tw_search_options){.count = 6,                                                               \
                         .beyond = __builtin_nan(""),                                              \
                         .tolerance = 1e-11,                                                       \
                         .confirmations = 2,                                                       \
                         .budget = TW_BUDGET_DEFAULTS})

typedef struct tw_search_result {
    tw_eigenpairs pairs; /* the verified pairs at the wanted end, values ascending; `count` of them
                            (more when `beyond` asked for more; fewer when the reason says so) */
    bool cluster_cut;    /* the innermost value also belongs to pairs that are not listed (within
                            2 tolerance * norm): its multiplicity is a lower bound ("cluster cut
                            at k") */
    double next;         /* outermost eigenvalue met that is not listed, verified like the others;
                            NAN: none. To group with a tolerance of your own, compare it with the
                            innermost value as cluster_cut does */
    double norm;         /* ||A||_2 on the subspace searched, estimated from below; it scales the
                            tolerance */
    size_t products;     /* single-vector products with A, verification included */
    size_t rounds;
    tw_search_reason reason;
} tw_search_result;

/* Find the `count` outermost eigenpairs at one end with their multiplicities. Each pair passed
 * verification by a fresh product with A; all are orthonormal. Safe on clustered and degenerate
 * spectra: verified pairs are locked and projected out, and a fresh random vector looks for more
 * until `confirmations` rounds in a row find nothing beyond the innermost wanted value. options:
 * NULL for the defaults. Errors: TW_ERR_ARGUMENT (an unknown engine too), TW_ERR_SHAPE,
 * TW_ERR_UNSUPPORTED, TW_ERR_NUMERIC (NaN or Inf in a product), TW_ERR_MEMORY, errors of A. */
TW_API tw_status tw_spectrum_search(const tw_linop *A, const tw_search_options *options,
                                    tw_search_result *result);
TW_API void tw_search_result_clear(tw_search_result *result);

/* At least the products of a spectrum of few distinct values, at most those of the budget: how hard
 * the end of a generic one is to tell apart nobody knows beforehand. Memory: of the pairs that are
 * wanted; `beyond` and copies may ask for more. */
TW_API void tw_search_cost(size_t n, const tw_search_options *options, tw_cost *cost);

/* Engine names for help texts and tests; NULL past the last. */
TW_API const char *tw_engine_at(size_t index);

#endif
