/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Losses and activations over balls: second sources for src/model, with no code in common. */
#ifndef TW_CERTIFICATE_BALL_PRIVATE_H
#define TW_CERTIFICATE_BALL_PRIVATE_H

#include <arb.h>
#include <stdbool.h>

/* d (3, out): phi, phi', phi'' at s. False when s cannot be told from a kink: then the two
 * derivatives are indeterminate, the value still holds. */
typedef struct tw_ball_phi {
    const char *name; /* as in activation.h */
    bool (*eval)(double sharpness, const arb_t s, arb_ptr d, slong bits);
} tw_ball_phi;

const tw_ball_phi *tw_ball_phi_find(const char *name); /* NULL: none has that name */

#define TW_BALL_ORDERS 3 /* coefficients of a series in t, at most */

/* One sample: K logits, each a series in t of `orders` (1 to 3) coefficients, that of t^k at
 * z + k K. */
typedef struct tw_ball_sample {
    slong classes; /* K */
    slong label;
    slong orders;
    arb_srcptr z; /* 3 K, whatever the orders */
    arb_ptr room; /* K + 10, scratch */
} tw_ball_sample;

typedef struct tw_ball_loss {
    const char *name; /* as in loss.h */
    /* sum (in/out: orders) += the loss as a series. */
    void (*add)(const tw_ball_sample *sample, arb_ptr sum, slong bits);
    /* d (K, out): the gradient by the logits at t = 0. */
    void (*gradient)(const tw_ball_sample *sample, arb_ptr d, slong bits);
} tw_ball_loss;

const tw_ball_loss *tw_ball_loss_find(const char *name); /* NULL: none has that name */

#endif
