/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The checks of `thalweg selftest`: each leaves one figure beside its bound. */
#ifndef SELFTEST_H
#define SELFTEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <thalweg/record/claims_record.h>

/* Room for every check; a full list is a failed one. */
typedef struct cli_checks {
    tw_check rows[128];
    size_t count;
    uint64_t seed;
} cli_checks;

void checks_add(cli_checks *checks, double figure, double bound, const char *format, ...)
    __attribute__((format(printf, 4, 5)));
bool check_holds(const tw_check *check); /* false for NAN */

/* Closed-form optima: gradient, loss, and their spectrum by formula, sectors, dense matrix, both
 * Krylov engines and the deflated count. */
tw_status selftest_optima(cli_checks *checks);

/* Planted spectra that make eigensolvers drop copies. */
tw_status selftest_spectra(cli_checks *checks);

#endif
