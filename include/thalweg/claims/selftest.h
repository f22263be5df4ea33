/* SPDX-License-Identifier: GPL-3.0-or-later */
/* An installation against exact results: closed-form optima by every route, and planted spectra
 * that make eigensolvers drop copies. */
#ifndef THALWEG_SELFTEST_H
#define THALWEG_SELFTEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <thalweg/base/status.h>

/* A figure beside its bound. */
typedef struct tw_check {
    char name[96];
    double figure, bound; /* holds when figure <= bound: NAN does not */
} tw_check;

TW_API bool tw_check_holds(const tw_check *check);

#define TW_CHECKS 128 /* room: a full list is a failed one */

typedef struct tw_selftest_result {
    tw_check checks[TW_CHECKS];
    size_t count, failed;
    uint64_t seed;
} tw_selftest_result;

/* seed: of starts and rotations. result: out. A check that fails is an answer; errors are those of
 * what is checked. */
TW_API tw_status tw_selftest(uint64_t seed, tw_selftest_result *result);

#endif
