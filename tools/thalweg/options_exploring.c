/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "options.h"

static const cli_option rows[] = {
    {"starts", 0, GROUP_CRITICAL, OPTION_COUNT, FIELD(starts), "N", 1, 1e9, "100", NULL,
     "starts in all, those that FILE holds already included"},
    {"max-iterations", 0, GROUP_CRITICAL, OPTION_COUNT, FIELD(search_iterations), "N", 1, ANY_COUNT,
     "300", NULL, "steps allowed from one start, each with a spectrum of the Hessian"},
    {"points", 0, GROUP_CRITICAL, OPTION_TEXT, FIELD(points), "PREFIX", 0, 0, NULL, NULL,
     "write every point to PREFIX-NAME.h5, its names' colons and commas as dashes"},
    {"match-tolerance", 0, GROUP_CRITICAL, OPTION_NUMBER, FIELD(match_tolerance), "X", 0, 1, "1e-9",
     NULL, "points within it (and what their gradient norms allow) are one"},
    {"rank-tolerance", 0, GROUP_CRITICAL, OPTION_NUMBER, FIELD(rank_tolerance), "X", 0, 1, "1e-6",
     NULL, "a singular value counts towards a rank when it exceeds X times the largest"},

    {"along", 0, GROUP_SLICE, OPTION_TEXT, FIELD(along), "KIND[,KIND]", 0, 0, NULL, NULL,
     "one or two directions: random (each filter with the norm of the point's), eigen:K (the K-th "
     "largest eigenvalue's), eigen:-K (the K-th smallest's), gauge (the symmetry orbit's tangent) "
     "or to (FILE2); without it: to with FILE2, else random"},
    {"grid", 0, GROUP_SLICE, OPTION_COUNT, FIELD(grid), "N", 3, 1e5, "41", NULL,
     "points of each axis, both ends included"},
    {"range", 0, GROUP_SLICE, OPTION_RANGE, FIELD(interval), "A B", -1e300, 1e300, NULL, NULL,
     "ends of each axis in lengths of its direction; without it: -1 to 1, and 0 to 1 for to"},
    {"permute-classes", 0, GROUP_SLICE, OPTION_FLAG, FIELD(permute_classes), NULL, 0, 0, NULL, NULL,
     "align FILE2 over exchanges of classes of equal size too"},
    {"dense-limit", 0, GROUP_SLICE, OPTION_COUNT, FIELD(dense_limit), "P", 1, 32000, "1000", NULL,
     "largest number of parameters for eigenvectors from the whole spectrum"},
    {"csv", 0, GROUP_SLICE, OPTION_TEXT, FIELD(csv), "FILE", 0, 0, NULL, NULL,
     "write the grid: one line a point; - is standard output, and the table is left out"},
};

const option_table exploring_options = {rows, sizeof rows / sizeof *rows};
