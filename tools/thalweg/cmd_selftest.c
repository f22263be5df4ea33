/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdarg.h>
#include <stdio.h>

#include "selftest.h"
#include "subject.h"

void checks_add(cli_checks *checks, double figure, double bound, const char *format, ...) {
    va_list arguments;
    if (checks->count == sizeof checks->rows / sizeof *checks->rows) return;
    cli_check *row = &checks->rows[checks->count++];
    va_start(arguments, format);
    vsnprintf(row->name, sizeof row->name, format, arguments);
    va_end(arguments);
    row->figure = figure;
    row->bound = bound;
}

bool check_holds(const cli_check *check) {
    return check->figure <= check->bound;
}

static size_t count_failed(const cli_checks *checks) {
    size_t failed = 0;
    for (size_t i = 0; i < checks->count; i++) failed += !check_holds(&checks->rows[i]);
    return failed;
}

static void print_checks(const cli_checks *checks) {
    for (size_t i = 0; i < checks->count; i++) {
        const cli_check *row = &checks->rows[i];
        printf("  %-60s  %8.1e <= %-8.0e  %s\n", row->name, row->figure, row->bound,
               check_holds(row) ? "ok" : "FAILED");
    }
    printf("\n%zu passed, %zu failed\n", checks->count - count_failed(checks),
           count_failed(checks));
}

static tw_status append_check(tw_json *list, const cli_check *check) {
    tw_status status = TW_OK;
    tw_json *row = tw_json_object();
    TW_TRY(tw_json_append(list, row));
    TW_TRY(tw_json_set(row, "name", tw_json_string(check->name)));
    TW_TRY(tw_json_set(row, "figure", tw_json_number(check->figure)));
    TW_TRY(tw_json_set(row, "bound", tw_json_number(check->bound)));
    TW_TRY(tw_json_set(row, "holds", tw_json_boolean(check_holds(check))));
cleanup:
    return status;
}

static tw_status record_checks(const cli_invocation *run, const cli_checks *checks) {
    tw_status status = TW_OK;
    tw_json *result = tw_json_object(), *list = tw_json_array();
    TW_TRY(result && list ? TW_OK : TW_ERR_MEMORY);
    for (size_t i = 0; i < checks->count; i++) TW_TRY(append_check(list, &checks->rows[i]));
    status = tw_json_set(result, "checks", list);
    list = NULL;
    TW_TRY(status);
    TW_TRY(tw_json_set(result, "failed", tw_json_integer((long long)count_failed(checks))));
    status = write_record(run, tw_json_object(), result);
    result = NULL;
cleanup:
    tw_json_destroy(result);
    tw_json_destroy(list);
    return status;
}

int run_selftest(const cli_invocation *run) {
    tw_status status = TW_OK;
    cli_checks checks = {.seed = run->settings.seed};
    TW_TRY(selftest_optima(&checks));
    TW_TRY(selftest_spectra(&checks));
    if (wants_table(run)) print_checks(&checks);
    if (wants_record(run)) TW_TRY(record_checks(run, &checks));
cleanup:
    if (status != TW_OK) return report_failure(status);
    return count_failed(&checks) > 0 ? EXIT_NEGATIVE : EXIT_DONE;
}
