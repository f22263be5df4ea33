/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "options.h"

#include <thalweg/model/evaluator.h>
#include <thalweg/spectrum/spectrum.h>

/* The dense route, the engines, and what stands above them. */
static const char *route_name(size_t index) {
    static const char *const first[] = {"auto", "dense", "sectors"};
    return index < 3 ? first[index] : tw_engine_at(index - 3);
}

/* The routes of density and trace. */
static const char *estimate_name(size_t index) {
    static const char *const names[] = {"auto", "dense", "sectors", "lanczos"};
    return index < sizeof names / sizeof *names ? names[index] : NULL;
}

static const char *shell_name(size_t index) {
    return index == 0 ? "bash" : NULL;
}

static const cli_option rows[] = {
    {"json", 0, GROUP_COMMON, OPTION_TEXT, FIELD(json), "FILE", 0, 0, NULL, NULL,
     "write the result as JSON; - is standard output, and the table is left out"},
    {"threads", 0, GROUP_COMMON, OPTION_COUNT, FIELD(threads), "N", 0, 1024, "0", NULL,
     "threads for large matrix products; 0: all processors"},
    {"seed", 0, GROUP_COMMON, OPTION_COUNT, FIELD(seed), "S", 0, ANY_COUNT, "1", NULL,
     "seed of every random start vector and probe"},
    {"help", 'h', GROUP_COMMON, OPTION_FLAG, FIELD(help), NULL, 0, 0, NULL, NULL, "show this page"},

    {"loss", 0, GROUP_MODEL, OPTION_TEXT, FIELD(loss), "NAME", 0, 0, NULL, choice_of_loss,
     "loss, in place of the file's"},
    {"activation", 0, GROUP_MODEL, OPTION_TEXT, FIELD(activation), "NAME", 0, 0, NULL,
     choice_of_activation, "activation, in place of the file's"},
    {"lambda-W", 0, GROUP_MODEL, OPTION_RIDGES, FIELD(lambda_W), "X", 0, 0, NULL, NULL,
     "ridge of the weights, in place of the file's: one number >= 0, or [X1, .., XL]"},
    {"lambda-H", 0, GROUP_MODEL, OPTION_RIDGE, FIELD(lambda_H), "X", 0, 0, NULL, NULL,
     "ridge of the features, in place of the file's: a number >= 0"},
    {"lambda-b", 0, GROUP_MODEL, OPTION_RIDGE, FIELD(lambda_b), "X", 0, 0, NULL, NULL,
     "ridge of the bias, in place of the file's: a number >= 0"},
    {"map", 0, GROUP_MODEL | GROUP_GAUGE, OPTION_WORDS, FIELD(map), "FILE_NAME=MODEL_NAME", 0, 0,
     NULL, NULL,
     "read the file's array FILE_NAME as the model's MODEL_NAME (H, W1 .. WL, b, labels); may be "
     "repeated"},
    {"ignore", 0, GROUP_MODEL | GROUP_GAUGE, OPTION_WORDS, FIELD(ignore), "NAME", 0, 0, NULL, NULL,
     "leave out the file's array, or metadata entry, of that name; may be repeated"},
    {"rank-tolerance", 0, GROUP_MODEL | GROUP_GAUGE | GROUP_DESCENT, OPTION_NUMBER,
     FIELD(rank_tolerance), "X", 0, 1, "1e-3", NULL,
     "a singular value counts towards a rank when it exceeds X times the largest"},

    {"tolerance", 0, GROUP_POLISH, OPTION_NUMBER, FIELD(tolerance), "X", 0, 1, "1e-12", NULL,
     "polish until ||g|| <= X min(||H||, 1) max(1, ||theta||)"},
    {"max-iterations", 0, GROUP_POLISH, OPTION_COUNT, FIELD(max_iterations), "N", 0, ANY_COUNT,
     "500", NULL, "Newton iterations allowed"},
    {"max-products", 0, GROUP_BUDGET, OPTION_COUNT, FIELD(max_products), "N", 1, ANY_COUNT,
     "200000", NULL, "Hessian products allowed, for polishing, for each search, for each estimate"},
    {"max-seconds", 0, GROUP_BUDGET | GROUP_DESCENT | GROUP_CRITICAL | GROUP_SLICE | GROUP_SECONDS,
     OPTION_NUMBER, FIELD(max_seconds), "S", 0, 1e9, NULL, NULL,
     "end with what there is after S seconds, as Ctrl-C does (exit code 4)"},
    {"memory-limit", 0, GROUP_BUDGET | GROUP_NEW, OPTION_NUMBER, FIELD(memory_limit), "GB", 0, 1e9,
     NULL, NULL,
     "refuse what would take more memory, before taking it; without it: 80 % of the machine"},
    {"plan", 0, GROUP_PLAN, OPTION_FLAG, FIELD(plan), NULL, 0, 0, NULL, NULL,
     "predict products, memory and time from a short calibration, and stop"},
    {"no-polish", 0, GROUP_SKIP_POLISH, OPTION_FLAG, FIELD(no_polish), NULL, 0, 0, NULL, NULL,
     "count at the point as the file has it"},

    {"output", 'o', GROUP_OUTPUT, OPTION_TEXT, FIELD(output), "FILE", 0, 0, NULL, NULL,
     "write the point; the format follows the extension"},

    {"method", 0, GROUP_METHOD, OPTION_TEXT, FIELD(method), "NAME", 0, 0, "auto", route_name,
     "dense: the whole matrix; arpack, lanczos: products only; sectors: exact, for collapsed "
     "optima of "
     "linear models; auto: dense up to --dense-limit, then lanczos"},
    {"cluster-tolerance", 0, GROUP_METHOD, OPTION_NUMBER, FIELD(cluster_tolerance), "X", 0, 1,
     "1e-9", NULL, "eigenvalues closer than X ||H|| are one entry with a multiplicity"},
    {"dense-limit", 0, GROUP_DENSE, OPTION_COUNT, FIELD(dense_limit), "P", 1, 32000, "6000", NULL,
     "largest number of parameters for the dense route"},
    {"method", 0, GROUP_PROBES, OPTION_TEXT, FIELD(method), "NAME", 0, 0, "auto", estimate_name,
     "dense: all eigenvalues; sectors: exact, for collapsed optima of linear models; lanczos: "
     "random "
     "probes; auto: the first of these that is possible, dense up to --dense-limit and within "
     "--max-products"},
    {"probes", 0, GROUP_PROBES | GROUP_FREE_ENERGY, OPTION_COUNT, FIELD(probes), "N", 2, ANY_COUNT,
     "16", NULL,
     "random vectors where nothing exact is possible; errors fall with their square root"},
    {"steps", 0, GROUP_PROBES | GROUP_FREE_ENERGY, OPTION_COUNT, FIELD(steps), "M", 2, ANY_COUNT,
     "80", NULL, "Lanczos steps a probe: distinct eigenvalues that it can resolve"},
    {"largest", 0, GROUP_COUNTS, OPTION_COUNT, FIELD(largest), "K", 0, ANY_COUNT, "0", NULL,
     "largest eigenvalues to find"},
    {"smallest", 0, GROUP_COUNTS, OPTION_COUNT, FIELD(smallest), "K", 0, ANY_COUNT, "0", NULL,
     "smallest eigenvalues to find"},

    {"near-zero", 0, GROUP_INTERIOR, OPTION_COUNT, FIELD(near_zero), "K", 1, ANY_COUNT, NULL, NULL,
     "the K eigenvalues nearest to zero that the symmetry orbit does not explain"},
    {"below", 0, GROUP_INTERIOR, OPTION_NUMBER, FIELD(below), "X", -1e300, 1e300, NULL, NULL,
     "all eigenvalues up to X"},
    {"interval", 0, GROUP_INTERIOR, OPTION_RANGE, FIELD(interval), "A B", -1e300, 1e300, NULL, NULL,
     "all eigenvalues from A to B"},
    {"max-count", 0, GROUP_INTERIOR, OPTION_COUNT, FIELD(max_count), "N", 1, ANY_COUNT, NULL, NULL,
     "eigenvalues that --below or --interval list at most; without it: 200"},
    {"block", 0, GROUP_PARTS, OPTION_TEXT, FIELD(blocks), "NAME", 0, 0, NULL, NULL,
     "only the rows and columns of one block of the parameters: W1, W2, .., H, b"},
    {"blocks", 0, GROUP_PARTS, OPTION_TEXT, FIELD(blocks), "LIST", 0, 0, NULL, NULL,
     "the same for several, with commas: W1,W2"},
    {"part", 0, GROUP_PARTS, OPTION_TEXT, FIELD(part), "NAME", 0, 0, "all", tw_hessian_part_name,
     "part of the Hessian: data = gauss-newton + residual; all = data + ridge"},

    {"closed-form", 0, GROUP_CLOSED, OPTION_TEXT, FIELD(closed_form), "NAME", 0, 0, NULL, NULL,
     "in place of FILE, an optimum known in closed form: zero, dnc, cross-polytope, "
     "blocks:K1,K2,.. "
     "or projector:R; needs the next five options, and --loss (default ce)"},
    {"classes", 0, GROUP_CLOSED | GROUP_NEW | GROUP_FREE_ENERGY, OPTION_COUNT, FIELD(classes), "K",
     2, 1e6, NULL, NULL, "classes"},
    {"samples", 0, GROUP_CLOSED | GROUP_FREE_ENERGY, OPTION_COUNT, FIELD(samples), "N", 1, 1e9,
     NULL, NULL, "samples of each class"},
    {"width", 0, GROUP_CLOSED | GROUP_NEW, OPTION_COUNT, FIELD(width), "D", 1, 1e9, NULL, NULL,
     "width of every hidden space"},
    {"depth", 0, GROUP_CLOSED | GROUP_NEW | GROUP_FREE_ENERGY, OPTION_COUNT, FIELD(depth), "L", 1,
     1e6, NULL, NULL, "number of weight matrices"},
    {"lambda", 0, GROUP_CLOSED | GROUP_FREE_ENERGY, OPTION_NUMBER, FIELD(lambda), "X", 0, 1e300,
     NULL, NULL, "ridge of every block"},

    {"man", 0, GROUP_HELP, OPTION_TEXT, FIELD(man), "NAME", 0, 0, NULL, NULL,
     "print the manual page of a subcommand (or of thalweg) in man(7) format"},
    {"completion", 0, GROUP_HELP, OPTION_TEXT, FIELD(completion), "SHELL", 0, 0, NULL, shell_name,
     "print a completion script"},
};

const option_table analysis_options = {rows, sizeof rows / sizeof *rows};
