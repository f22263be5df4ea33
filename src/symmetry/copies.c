/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Orbit and stabiliser: the group that leaves Z as it is has as many elements as class 0 has images
 * under it, times the elements that keep class 0, and so on down the classes. Each image asks for
 * one permutation with a given beginning. */
#include <thalweg/symmetry/copies.h>

#include <math.h>
#include <stdlib.h>

#include "base/alloc_private.h"
#include "dense/permutation_private.h"

#define EXACT 30.0 /* up to here doubles tell a number of copies from the next one */

/* Images of class `at` under permutations that keep the classes before it. */
static size_t images(tw_permutation *p, size_t at, bool *certain) {
    size_t count = 0;
    for (size_t to = at; to < p->n; to++) {
        bool fit = p->colours[to] == p->colours[at] &&
                   fabs(p->A[to + p->n * to] - p->B[at + p->n * at]) <= p->slack;
        for (size_t i = 0; fit && i < at; i++)
            fit = fabs(p->A[to + p->n * i] - p->B[at + p->n * i]) <= p->slack &&
                  fabs(p->A[i + p->n * to] - p->B[i + p->n * at]) <= p->slack;
        if (!fit) continue;
        for (size_t i = 0; i < at; i++) p->chosen[i] = i;
        p->chosen[at] = to;
        p->fixed = at + 1;
        tw_permutation_answer answer = tw_permutation_find(p);
        if (answer == TW_PERMUTATION_GAVE_UP) *certain = false;
        count += answer == TW_PERMUTATION_FOUND;
    }
    return count;
}

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
    tw_status status = TW_OK;
    double largest = 0.0;
    tw_permutation p = {.n = classes, .A = Z, .B = Z, .colours = class_sizes};
    if (!(tolerance > 0.0 && tolerance < 1.0))
        return tw_fail(TW_ERR_ARGUMENT, "tolerance %g is outside (0, 1)", tolerance);
    for (size_t i = 0; i < classes * classes; i++) largest = fmax(largest, fabs(Z[i]));
    p.slack = tolerance * largest;
    TW_TRY(TW_NEW(p.chosen, classes));
    TW_TRY(TW_NEW(p.used, classes));
    *copies = (tw_copies){.certain = true};
    for (size_t at = 0; at < classes; at++)
        copies->log_group += log((double)images(&p, at, &copies->certain));
    copies->log_copies = log_exchanges(classes, class_sizes) - copies->log_group;
    if (copies->log_copies < EXACT) copies->log_copies = log(rint(exp(copies->log_copies)));
cleanup:
    free(p.chosen);
    free(p.used);
    return status;
}
