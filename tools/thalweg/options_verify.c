/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "options.h"

static const cli_option rows[] = {
    {"quick", 0, GROUP_VERIFY, OPTION_FLAG, FIELD(quick), NULL, 0, 0, NULL, NULL,
     "fewer and smaller cases of every claim"},
    {"only", 0, GROUP_VERIFY, OPTION_TEXT, FIELD(claims), "LIST", 0, 0, NULL, NULL,
     "these claims alone, with commas: a,f"},
    {"constant", 0, GROUP_VERIFY, OPTION_TEXT, FIELD(constants), "LIST", 0, 0, NULL, NULL,
     "state a claim with another constant: ID.NAME=X, several with commas; it is then another "
     "claim, and may fail"},
    {"markdown", 0, GROUP_VERIFY, OPTION_FLAG, FIELD(markdown), NULL, 0, 0, NULL, NULL,
     "print a Markdown table"},
    {"latex", 0, GROUP_VERIFY, OPTION_FLAG, FIELD(latex), NULL, 0, 0, NULL, NULL,
     "print a LaTeX longtable"},
    {"max-seconds", 0, GROUP_VERIFY, OPTION_NUMBER, FIELD(max_seconds), "S", 0, 1e9, NULL, NULL,
     "end then, as Ctrl-C does; what was not computed is undecided"},
};

const option_table verify_options = {rows, sizeof rows / sizeof *rows};
