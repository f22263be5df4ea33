/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which BLAS computes, and with which of its kernels.
 *
 * OpenBLAS carries one kernel a family of processors and picks one when it is loaded. A processor
 * that is newer than the library is unknown to it, and it falls back to its oldest kernel, which
 * reaches a fifth of the speed. tw_blas_choose mends that: it asks the processor itself which
 * instructions it has, and lets OpenBLAS take its best kernel among those that need no others.
 *
 * Another kernel gives other last bits: results are repeatable at one kernel and one count of
 * threads. */
#ifndef THALWEG_BLAS_H
#define THALWEG_BLAS_H

#include <stddef.h>
#include <thalweg/base/status.h>

#define TW_BLAS_WORD 40  /* bytes of a name with its NUL */
#define TW_BLAS_TEXT 320 /* of a remark */

/* What computes. */
typedef struct tw_blas {
    char name[TW_BLAS_WORD];    /* "OpenBLAS" */
    char version[TW_BLAS_WORD]; /* "0.3.21"; "" when the library does not say */
    char kernel[TW_BLAS_WORD];  /* "Haswell": the processor it was written for; "" likewise */
    char best[TW_BLAS_WORD];    /* the best that this processor runs, of OpenBLAS's; "" unknown */
    size_t threads;             /* that large products may use */
} tw_blas;

TW_API tw_blas tw_blas_describe(void);

/* What became of the kernel. */
typedef enum tw_kernel_outcome {
    TW_KERNEL_FITS,     /* the library's own choice is the best for this processor */
    TW_KERNEL_REPLACED, /* the library's own choice was below the processor and was replaced */
    TW_KERNEL_ASKED,    /* OPENBLAS_CORETYPE says which */
    TW_KERNEL_UNKNOWN,  /* a library, kernel or processor of which nothing is known */
    TW_KERNEL_BELOW     /* the library's choice is below the processor, and no better can be had */
} tw_kernel_outcome;

typedef struct tw_kernel_choice {
    tw_kernel_outcome outcome;
    char before[TW_BLAS_WORD];  /* the kernel found */
    char after[TW_BLAS_WORD];   /* the kernel in use now */
    char remarks[TW_BLAS_TEXT]; /* better ones that were passed over, and why; "" when none was */
} tw_kernel_choice;

/* Give OpenBLAS the best kernel that this processor runs, unless the environment's
 * OPENBLAS_CORETYPE names one. A kernel is kept only when it passes tw_blas_check; else the next
 * one is tried, and in the end the library's own choice comes back. The environment is left as it
 * was. To be called once, before the first computation and before there are other threads: it
 * changes the process. Takes some milliseconds when a kernel is replaced, else microseconds.
 * choice (out). Errors: TW_ERR_MEMORY (for the check; the kernel is then the library's own). */
TW_API tw_status tw_blas_choose(tw_kernel_choice *choice);

/* The figures of a check of the kernel in use: the largest error over small, odd and blocked sizes,
 * in units of the bound that rounding allows; at most 1 each when all is well, NAN-safe: a result
 * that is not a number gives INFINITY. Products and solutions against plain loops, eigenpairs by
 * ||A V - V D|| and ||V'V - I||. */
typedef struct tw_blas_figures {
    double gemm, syrk, trsm, syevd;
} tw_blas_figures;

/* figures (out). Errors: TW_ERR_MEMORY, TW_ERR_NUMERIC (an eigensolver that did not converge). */
TW_API tw_status tw_blas_check(tw_blas_figures *figures);

#endif
