/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a computation will take, said by the computation itself before it starts: tw_<x>_cost stands
 * beside each algorithm. Who adds the seconds of a product and the rates of the machine has its
 * time. */
#ifndef THALWEG_COST_H
#define THALWEG_COST_H

#include <thalweg/base/status.h>

/* Doubles, since they may exceed any integer. Initialise with {0}. */
typedef struct tw_cost {
    double products;      /* single-vector products of the operator, or gradients: at least */
    double products_most; /* .. and at most; equal when it is known; at least `products` */
    double bytes;         /* the most it holds at a time, beyond the operator and its inputs */
    double flops;         /* of dense factorisations */
    double traffic;       /* doubles that vector work passes over, for each product */
} tw_cost;

/* *total becomes the cost of what it was and then `next`: products and flops add up, the memory is
 * that of the larger; `next` finds released what was held before. */
TW_API void tw_cost_then(tw_cost *total, const tw_cost *next);

/* Products from `least` to the `most` that a budget allows. */
TW_API void tw_cost_set_products(tw_cost *cost, double least, double most);

#endif
