/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "selftest.h"
#include "subject.h"

void checks_add(cli_checks *checks, double figure, double bound, const char *format, ...) {
    va_list arguments;
    if (checks->count == sizeof checks->rows / sizeof *checks->rows) return;
    tw_check *row = &checks->rows[checks->count++];
    va_start(arguments, format);
    vsnprintf(row->name, sizeof row->name, format, arguments);
    va_end(arguments);
    row->figure = figure;
    row->bound = bound;
}

bool check_holds(const tw_check *check) {
    return check->figure <= check->bound;
}

static size_t count_failed(const cli_checks *checks) {
    size_t failed = 0;
    for (size_t i = 0; i < checks->count; i++) failed += !check_holds(&checks->rows[i]);
    return failed;
}

static void print_checks(const cli_checks *checks) {
    for (size_t i = 0; i < checks->count; i++) {
        const tw_check *row = &checks->rows[i];
        printf("  %-60s  %8.1e <= %-8.0e  %s\n", row->name, row->figure, row->bound,
               check_holds(row) ? "ok" : "FAILED");
    }
    printf("\n%zu passed, %zu failed\n", checks->count - count_failed(checks),
           count_failed(checks));
}

int run_selftest(const cli_invocation *run) {
    tw_status status = TW_OK;
    cli_checks checks = {.seed = run->settings.seed};
    TW_TRY(selftest_optima(&checks));
    TW_TRY(selftest_spectra(&checks));
    if (wants_table(run)) print_checks(&checks);
    const tw_selftest_record record = {checks.count, checks.rows, count_failed(&checks)};
    TW_TRY(write_result(run, tw_json_object(), &tw_selftest_fields, &record));
cleanup:
    if (status != TW_OK) return report_failure(status);
    return count_failed(&checks) > 0 ? EXIT_NEGATIVE : EXIT_DONE;
}
