/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/base/cost.h>

#include <math.h>

void tw_cost_then(tw_cost *total, const tw_cost *next) {
    total->traffic = fmax(total->traffic, next->traffic);
    total->products += next->products;
    total->products_most += next->products_most;
    total->bytes = fmax(total->bytes, next->bytes);
    total->flops += next->flops;
}

void tw_cost_set_products(tw_cost *cost, double least, double most) {
    cost->products = fmin(least, most);
    cost->products_most = most;
}
