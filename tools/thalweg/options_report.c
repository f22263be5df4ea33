/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "options.h"

static const cli_option rows[] = {
    {"report", 0, GROUP_REPORT, OPTION_TEXT, FIELD(report), "FILE", 0, 0, NULL, NULL,
     "write the result as one HTML page with figures, which needs no other file"},
    {"output", 'o', GROUP_PAGE, OPTION_TEXT, FIELD(page), "FILE", 0, 0, NULL, NULL,
     "write the page there"},
    {"figures", 0, GROUP_REPORT | GROUP_PAGE, OPTION_TEXT, FIELD(figures), "DIR", 0, 0, NULL, NULL,
     "leave every figure of the page there as SVG, PDF and PNG, with its data (CSV) and its "
     "gnuplot "
     "script"},
    {"markdown", 0, GROUP_PASTE | GROUP_PAGE, OPTION_TEXT, FIELD(markdown_file), "FILE", 0, 0, NULL,
     NULL, "write the page's tables as Markdown"},
    {"latex", 0, GROUP_PASTE | GROUP_PAGE, OPTION_TEXT, FIELD(latex_file), "FILE", 0, 0, NULL, NULL,
     "write the page's tables as LaTeX"},
};

const option_table report_options = {rows, sizeof rows / sizeof *rows};
