/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dense/frames_private.h"

#include <math.h>
#include <stdlib.h>
#include <thalweg/base/random.h>

#include "base/alloc_private.h"
#include "dense/factor_private.h"
#include "dense/vector_private.h"

/* Householder QR fixes the signs of Q by its own convention; with R's diagonal made positive Q is
 * uniformly distributed (Mezzadri, "How to generate random matrices from the classical compact
 * groups", Notices AMS 54, 2007). */
tw_status tw_random_frame(uint64_t seed, size_t l, size_t d, size_t r, double **frame) {
    tw_status status = TW_OK;
    tw_random stream;
    double *R = NULL;
    TW_TRY(TW_NEW(*frame, d * r));
    TW_TRY(TW_NEW(R, r * r));
    tw_random_init(&stream, seed, TW_PURPOSE_GAUGE, l);
    tw_random_fill_normal(&stream, d * r, *frame);
    TW_TRY(tw_orthonormalise(d, r, *frame, R));
    for (size_t j = 0; j < r; j++)
        if (R[j + r * j] < 0.0) tw_scale(d, -1.0, *frame + d * j);
cleanup:
    free(R);
    return status;
}

/* The first r entries of a Fisher-Yates shuffle of 0 .. d - 1. */
tw_status tw_random_placement(uint64_t seed, size_t l, size_t d, size_t r, double **frame) {
    tw_status status = TW_OK;
    tw_random stream;
    size_t *order = NULL;
    *frame = NULL;
    TW_TRY(TW_NEW(order, d));
    TW_TRY(TW_NEW(*frame, d * r));
    tw_random_init(&stream, seed, TW_PURPOSE_GAUGE, l);
    for (size_t i = 0; i < d; i++) order[i] = i;
    for (size_t j = 0; j < r; j++) {
        size_t chosen = j + (size_t)(tw_random_uniform(&stream) * (double)(d - j)), row;
        row = order[chosen];
        order[chosen] = order[j];
        (*frame)[row + d * j] = 1.0;
    }
cleanup:
    free(order);
    return status;
}
