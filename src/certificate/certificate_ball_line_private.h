/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line through a model's parameter space over balls, as its passes see it. */
#ifndef TW_CERTIFICATE_BALL_LINE_PRIVATE_H
#define TW_CERTIFICATE_BALL_LINE_PRIVATE_H

#include <arb_mat.h>

#include "certificate/certificate_ball_private.h"
#include "certificate/certificate_private.h"

/* Blocks in the order of theta (dufm.h). */
struct tw_ball_line {
    const tw_dufm *model;
    tw_ball_watch *watch;
    const tw_ball_phi *phi;
    const tw_ball_loss *loss;
    size_t count;       /* blocks */
    arb_mat_struct *at; /* count: theta */
    arb_mat_struct *by; /* count: v */
    arb_ptr c;          /* 3: f along the line */
    arb_t length;       /* ||v|| */
    arb_t gradient;     /* ||g|| */
};

/* A matrix whose entries are series in t. */
typedef struct tw_ball_series {
    slong orders;
    arb_mat_struct c[TW_BALL_ORDERS];
} tw_ball_series;

void tw_ball_series_clear(tw_ball_series *s);

/* What a backward pass needs: A_0 .. A_{L-1} and the slopes of layers 1 .. L - 1, at t = 0. */
typedef struct tw_ball_trail {
    arb_mat_struct *A;      /* L */
    arb_mat_struct *slopes; /* L, the first unused */
} tw_ball_trail;

/* C = A B, in slices of rows. */
void tw_ball_multiply(tw_ball_watch *watch, arb_mat_struct *C, const arb_mat_struct *A,
                      const arb_mat_struct *B, slong bits);

/* Logits of the blocks `at` + t v as a series (out, to be cleared), with as many orders; keep:
 * NULL, or what to fill. Returns the pre-activations that cannot be told from a kink at t = 0. */
size_t tw_ball_forwards(const tw_ball_line *line, const arb_mat_struct *at,
                        const tw_ball_trail *keep, slong orders, tw_ball_series *Z, slong bits);

/* One sample's logits, and scratch for its loss, in `room`: tw_ball_sample_room(Z) balls. */
tw_ball_sample tw_ball_sample_of(const tw_ball_line *line, const tw_ball_series *Z, slong i,
                                 arb_ptr room);
slong tw_ball_sample_room(const tw_ball_series *Z);

/* The ball's middle, and its ends rounded outwards. */
tw_enclosure tw_ball_enclosure(const arb_t x);
extern const tw_enclosure tw_ball_nowhere; /* NAN throughout */

#endif
