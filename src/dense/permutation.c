/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dense/permutation_private.h"

#include <math.h>
#include <string.h>

enum { SEARCH_LIMIT = 200000 };

/* May row `candidate` of A stand for row `at` of B, beside those chosen before? */
static bool fits(const tw_permutation *p, size_t at, size_t candidate) {
    size_t n = p->n;
    if (p->used[candidate] || p->colours[candidate] != p->colours[at]) return false;
    if (!(fabs(p->A[candidate + n * candidate] - p->B[at + n * at]) <= p->slack)) return false;
    for (size_t i = 0; i < at; i++) {
        size_t other = p->chosen[i];
        if (!(fabs(p->A[candidate + n * other] - p->B[at + n * i]) <= p->slack)) return false;
        if (!(fabs(p->A[other + n * candidate] - p->B[i + n * at]) <= p->slack)) return false;
    }
    return true;
}

/* Depth first, without recursion: chosen[at] is the last candidate tried for row `at`. */
tw_permutation_answer tw_permutation_find(tw_permutation *p) {
    size_t at = p->fixed, candidate = 0, tried = 0;
    memset(p->used, 0, p->n * sizeof *p->used);
    for (size_t i = 0; i < p->fixed; i++) p->used[p->chosen[i]] = true;
    while (at < p->n) {
        while (candidate < p->n && !fits(p, at, candidate)) candidate++;
        if (++tried > SEARCH_LIMIT) return TW_PERMUTATION_GAVE_UP;
        if (candidate < p->n) {
            p->chosen[at++] = candidate;
            p->used[candidate] = true;
            candidate = 0;
        } else {
            if (at == p->fixed) return TW_PERMUTATION_NONE;
            candidate = p->chosen[--at];
            p->used[candidate++] = false;
        }
    }
    return TW_PERMUTATION_FOUND;
}
