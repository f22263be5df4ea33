/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Activations phi of the hidden pre-activations S_1 .. S_{L-1}, with two derivatives. */
#ifndef THALWEG_ACTIVATION_H
#define THALWEG_ACTIVATION_H

#include <stdbool.h>
#include <stddef.h>
#include <thalweg/base/status.h>

typedef struct tw_activation tw_activation;

struct tw_activation {
    const char *name;    /* as in metadata: "leaky-relu" */
    const char *summary; /* formula, for help texts */
    bool linear;         /* phi = id: first and second are never asked for */
    bool kinked;         /* phi' jumps at 0 */
    bool homogeneous;    /* phi(c s) = c phi(s) for c > 0 */
    const char *smooth;  /* of a kinked one: the activation without kinks that comes to it as its
                            sharpness grows; NULL: there is none, or no need */
    double sharpness;    /* beta > 0: 1 in the table; only softplus uses it. A copy of its row with
                            another value is another activation, which no file can name. */
    /* n entries: value = phi(S), first = phi'(S), second = phi''(S) for the phi of `self`. At a
     * kink: the derivatives from the left, as PyTorch takes them. `value` may be S itself. */
    void (*eval)(const tw_activation *self, size_t n, const double *S, double *value, double *first,
                 double *second);
};

TW_API const tw_activation *tw_activation_at(size_t index);       /* NULL past the last */
TW_API const tw_activation *tw_activation_find(const char *name); /* NULL: none has that name */

#endif
