/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of a selftest: each leaves figures beside their bounds. */
#ifndef TW_SELFTEST_PRIVATE_H
#define TW_SELFTEST_PRIVATE_H

#include <thalweg/claims/selftest.h>

void tw_checks_add(tw_selftest_result *checks, double figure, double bound, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* The kernel that computes, against plain loops. */
tw_status tw_selftest_blas(tw_selftest_result *checks);

/* Closed-form optima: gradient, loss, and their spectrum by formula, sectors, dense matrix, both
 * Krylov engines and the deflated count. */
tw_status tw_selftest_optima(tw_selftest_result *checks);

/* Planted spectra that make eigensolvers drop copies. */
tw_status tw_selftest_spectra(tw_selftest_result *checks);

#endif
