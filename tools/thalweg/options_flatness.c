/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "options.h"

static const cli_option rows[] = {
    {"epsilon", 0, GROUP_FLATNESS, OPTION_NUMBERS, FIELD(radii), "E[,..]", 0, 1e300, "0.01,0.1,1",
     NULL, "radii of the balls in which the worst case is sought"},
    {"sigma", 0, GROUP_FLATNESS, OPTION_NUMBERS, FIELD(sigmas), "S[,..]", 0, 1e300,
     "0.001,0.01,0.1", NULL, "standard deviations of the noise, of every parameter"},
    {"pairs", 0, GROUP_FLATNESS, OPTION_COUNT, FIELD(pairs), "N", 2, ANY_COUNT, "128", NULL,
     "pairs of opposite random points for the mean rise; errors fall with the square root"},
    {"ascents", 0, GROUP_FLATNESS, OPTION_COUNT, FIELD(ascents), "N", 0, ANY_COUNT, "4", NULL,
     "random starts of the worst case, beside the top eigenvectors"},

    {"beta", 0, GROUP_FREE_ENERGY, OPTION_NUMBERS, FIELD(betas), "B[,..]", 0, 1e300,
     "1e1,1e2,1e3,1e4,1e5,1e6", NULL, "inverse temperatures at which F is listed"},
    {"closed-form", 0, GROUP_FREE_ENERGY, OPTION_TEXT, FIELD(closed_form), "NAME/..", 0, 0, NULL,
     NULL,
     "in place of files, optima known in closed form with / between them: zero, dnc, "
     "cross-polytope, blocks:K1,K2,.. or projector:R; needs --classes, --samples, --depth, "
     "--lambda and --widths, and --loss (default ce)"},
    {"widths", 0, GROUP_FREE_ENERGY, OPTION_COUNTS, FIELD(widths), "D[,..]", 1, 1e9, NULL, NULL,
     "widths of every hidden space, for closed forms: one crossing each"},
};

const option_table flatness_options = {rows, sizeof rows / sizeof *rows};
