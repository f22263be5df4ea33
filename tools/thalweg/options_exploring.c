/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "options.h"

static const cli_option rows[] = {
    {"starts", 0, GROUP_CRITICAL, OPTION_COUNT, FIELD(starts), "N", 1, 1e9, "100", NULL,
     "starts in all, those that FILE holds already included"},
    {"max-iterations", 0, GROUP_CRITICAL, OPTION_COUNT, FIELD(search_iterations), "N", 1, ANY_COUNT,
     "300", NULL, "steps allowed from one start, each with a spectrum of the Hessian"},
    {"match-tolerance", 0, GROUP_CRITICAL, OPTION_NUMBER, FIELD(match_tolerance), "X", 0, 1, "1e-9",
     NULL, "points within it (and what their gradient norms allow) are one"},
    {"rank-tolerance", 0, GROUP_CRITICAL, OPTION_NUMBER, FIELD(rank_tolerance), "X", 0, 1, "1e-6",
     NULL, "a singular value counts towards a rank when it exceeds X times the largest"},
};

const option_table exploring_options = {rows, sizeof rows / sizeof *rows};
