/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports.h"

#include <thalweg/report/report.h>

#include "progress.h"

bool reports_wanted(const cli_invocation *run) {
    const cli_common *c = run->common;
    return c->report || c->figures || c->markdown || c->latex;
}

static void warn(const char *path, const tw_report_result *result) {
    if (result->cancelled)
        progress_warn("%s: ended when %zu of %zu figures were drawn", path, result->drawn,
                      result->figures);
    else if (result->drawn < result->figures)
        progress_warn(
            "%s: %zu of %zu figures are not drawn: gnuplot was not found or failed; their data and "
            "scripts are there (Debian: apt install gnuplot-nox)",
            path, result->figures - result->drawn, result->figures);
}

tw_status reports_write(const cli_invocation *run, const tw_monitor *monitor, size_t count,
                        const tw_json *const *records) {
    tw_status status = TW_OK;
    const cli_common *c = run->common;
    tw_report_result result = {0};
    if (c->report) {
        TW_TRY(tw_report_write(count, records, c->report, monitor, &result));
        warn(c->report, &result);
    }
    if (c->figures) {
        TW_TRY(tw_figures_write(count, records, c->figures, monitor, &result));
        warn(c->figures, &result);
    }
    if (c->markdown) TW_TRY(tw_report_markdown(count, records, c->markdown));
    if (c->latex) TW_TRY(tw_report_latex(count, records, c->latex));
cleanup:
    return status;
}
