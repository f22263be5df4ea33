/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "reports.h"

#include <stdio.h>
#include <thalweg/report/report.h>

static const char *page_of(const cli_settings *settings) {
    return settings->report ? settings->report : settings->page;
}

bool reports_wanted(const cli_invocation *run) {
    const cli_settings *s = &run->settings;
    return page_of(s) || s->figures || s->markdown_file || s->latex_file;
}

static void warn(const char *path, const tw_report_result *result) {
    if (result->cancelled)
        fprintf(stderr, "thalweg: %s: ended when %zu of %zu figures were drawn\n", path,
                result->drawn, result->figures);
    else if (result->drawn < result->figures)
        fprintf(stderr,
                "thalweg: %s: %zu of %zu figures are not drawn: gnuplot was not found or failed; "
                "their data and scripts are there (Debian: apt install gnuplot-nox)\n",
                path, result->figures - result->drawn, result->figures);
}

tw_status reports_write(const cli_invocation *run, const tw_monitor *monitor, size_t count,
                        const tw_json *const *records) {
    tw_status status = TW_OK;
    const cli_settings *s = &run->settings;
    tw_report_result result = {0};
    if (page_of(s)) {
        TW_TRY(tw_report_write(count, records, page_of(s), monitor, &result));
        warn(page_of(s), &result);
    }
    if (s->figures) {
        TW_TRY(tw_figures_write(count, records, s->figures, monitor, &result));
        warn(s->figures, &result);
    }
    if (s->markdown_file) TW_TRY(tw_report_markdown(count, records, s->markdown_file));
    if (s->latex_file) TW_TRY(tw_report_latex(count, records, s->latex_file));
cleanup:
    return status;
}
