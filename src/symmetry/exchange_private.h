/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Exchanges of classes: permutations of the rows and columns of a matrix together that leave it as
 * it is, or take it to another one.
 *
 * Entries are compared as values: all entries, sorted, fall into groups at the gaps wider than
 * `slack`, and entries of one group count as equal. */
#ifndef TW_EXCHANGE_PRIVATE_H
#define TW_EXCHANGE_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>
#include <thalweg/base/status.h>

/* How many exchanges leave A (n x n) as it is, as a logarithm. colours: n; only indices of equal
 * colour are exchanged. *clear (out): no group of values is wider than slack, so that it does not
 * matter which entry of a group another one is compared with. */
tw_status tw_exchange_group(size_t n, const size_t *colours, const double *A, double slack,
                            double *log_order, bool *clear);

/* Is there one with |A(pi i, pi j) - B(i, j)| <= slack for all i, j? Where the groups of values are
 * wider than slack only one candidate is tried, and "no" may be wrong. */
tw_status tw_exchange_exists(size_t n, const size_t *colours, const double *A, const double *B,
                             double slack, bool *exists);

#endif
