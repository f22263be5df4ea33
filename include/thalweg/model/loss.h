/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Losses of the logits Z (K x N), averaged over the N samples. */
#ifndef THALWEG_LOSS_H
#define THALWEG_LOSS_H

#include <stdbool.h>
#include <stddef.h>
#include <thalweg/base/status.h>

/* Logits and what a loss keeps of them. Column i of Z and P belongs to sample i. */
typedef struct tw_logits {
    size_t classes; /* K */
    size_t samples; /* N */
    const int *labels;
    const double *Z; /* K x N */
    double *P;       /* K x N: what the Hessian needs (softmax probabilities for ce) */
} tw_logits;

typedef struct tw_loss {
    const char *name;     /* as in metadata: "ce" */
    const char *summary;  /* formula, for help texts */
    bool shift_invariant; /* the same for z and z + c 1 */
    bool separates;       /* its infimum is that of infinite margins, approached like exp(-margin):
                             without a ridge a point grows for ever, along a direction of largest
                             margin, and its gradient falls like 1/t */
    /* Mean loss; D = its gradient by Z (K x N, 1/N included); fills P. D may be NULL. */
    double (*eval)(const tw_logits *logits, double *D);
    /* RD = (Hessian by Z) R for k directions at once; entry (i, j, s) of R and RD (class,
     * direction, sample) at i + K (j + k s). P as left by eval. R and RD may be the same array. */
    void (*product)(const tw_logits *logits, size_t k, const double *R, double *RD);
} tw_loss;

TW_API const tw_loss *tw_loss_at(size_t index);       /* NULL past the last */
TW_API const tw_loss *tw_loss_find(const char *name); /* NULL: none has that name */

#endif
