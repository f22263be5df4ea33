/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records (docs/formats/results.md) made into something to look at: one HTML page that needs no
 * network, no other file and no script; figures; tables to paste.
 *
 * Everything comes from the records alone, so that numbers have the records' digits. Figures are
 * drawn by the program gnuplot; without it they are left out and the page says so. */
#ifndef THALWEG_REPORT_H
#define THALWEG_REPORT_H

#include <thalweg/base/monitor.h>
#include <thalweg/files/json.h>

typedef struct tw_report_result {
    size_t figures; /* that the records have data for */
    size_t drawn;   /* of them; fewer where gnuplot is missing or complained */
    bool cancelled; /* the monitor ended the drawing */
} tw_report_result;

/* One page about `count` >= 1 records together: points of all of them stand side by side. Errors:
 * TW_ERR_ARGUMENT when there is none, TW_ERR_DATA when one is no record, TW_ERR_IO, TW_ERR_MEMORY.
 * monitor (may be NULL) is asked before every figure, and none is drawn from its yes on. result
 * (out): NULL allowed. */
TW_API tw_status tw_report_write(size_t count, const tw_json *const *records, const char *path,
                                 const tw_monitor *monitor, tw_report_result *result);

/* Every figure of that page in a folder, which is made when it is not there: NAME.csv (data),
 * NAME.gp (script), and NAME.svg, NAME.pdf and NAME.png, drawn by that script. */
TW_API tw_status tw_figures_write(size_t count, const tw_json *const *records, const char *folder,
                                  const tw_monitor *monitor, tw_report_result *result);

/* The sentences and tables of that page. */
TW_API tw_status tw_report_markdown(size_t count, const tw_json *const *records, const char *path);
TW_API tw_status tw_report_latex(size_t count, const tw_json *const *records, const char *path);

#endif
