/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/symmetry/copies.h>

#include <math.h>

#include "symmetry/exchange_private.h"

#define EXACT 30.0 /* up to here doubles tell a number of copies from the next one */

/* Permutations among classes of equal size. */
static double log_exchanges(size_t classes, const size_t *sizes) {
    double sum = 0.0;
    for (size_t k = 0; k < classes; k++) {
        size_t before = 1; /* classes of this size up to this one: their product is a factorial */
        for (size_t i = 0; i < k; i++) before += sizes[i] == sizes[k];
        sum += log((double)before);
    }
    return sum;
}

tw_status tw_copies_count(size_t classes, const size_t *class_sizes, const double *Z,
                          double tolerance, tw_copies *copies) {
    double largest = 0.0;
    if (!(tolerance > 0.0 && tolerance < 1.0))
        return tw_fail(TW_ERR_ARGUMENT, "tolerance %g is outside (0, 1)", tolerance);
    for (size_t i = 0; i < classes * classes; i++) largest = fmax(largest, fabs(Z[i]));
    tw_status status = tw_exchange_group(classes, class_sizes, Z, tolerance * largest,
                                         &copies->log_group, &copies->certain);
    if (status != TW_OK) return status;
    copies->log_copies = log_exchanges(classes, class_sizes) - copies->log_group;
    if (copies->log_copies < EXACT) copies->log_copies = log(rint(exp(copies->log_copies)));
    return TW_OK;
}
