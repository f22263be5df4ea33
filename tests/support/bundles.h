/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bundles to write, compare and refuse. Failures are cmocka's. */
#ifndef TEST_BUNDLES_H
#define TEST_BUNDLES_H

#include <thalweg/files/bundle.h>

/* Arrays of every element type and of ranks 0 to 3, with values at the ends of their ranges, and
 * metadata that reads back the same text from every format. */
void bundle_fill_sample(tw_bundle *bundle);

/* Same arrays and metadata, in any order. */
void assert_bundles_equal(const tw_bundle *left, const tw_bundle *right);

/* A status for assert_refused: reading succeeds, but leaves something out with that status. */
#define LEFT_OUT(status) ((tw_status)((unsigned)(status) + 100U))

/* Reading fails with this status, a sentence that begins with the path and has `part` in it, and
 * leaves the bundle empty. */
void assert_refused(const char *path, tw_status status, const char *part);

/* Element number i in C order of every array is i minus 2.5, or minus 2 for integers. */
void assert_counted(const tw_bundle *bundle);

#endif
