/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "claims/selftest_private.h"

#include <stdarg.h>
#include <stdio.h>

bool tw_check_holds(const tw_check *check) {
    return check->figure <= check->bound;
}

void tw_checks_add(tw_selftest_result *checks, double figure, double bound, const char *format,
                   ...) {
    va_list arguments;
    if (checks->count == TW_CHECKS) return;
    tw_check *row = &checks->checks[checks->count++];
    va_start(arguments, format);
    vsnprintf(row->name, sizeof row->name, format, arguments);
    va_end(arguments);
    row->figure = figure;
    row->bound = bound;
    checks->failed += !tw_check_holds(row);
}

tw_status tw_selftest(uint64_t seed, tw_selftest_result *result) {
    *result = (tw_selftest_result){.seed = seed};
    tw_status status = tw_selftest_blas(result);
    if (status == TW_OK) status = tw_selftest_optima(result);
    return status == TW_OK ? tw_selftest_spectra(result) : status;
}
