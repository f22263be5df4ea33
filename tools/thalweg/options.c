/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "options.h"

#include <thalweg/examination/run.h>
#include <thalweg/model/evaluator.h>
#include <thalweg/model/initialisation.h>

const char *choice_of_loss(size_t index) {
    return tw_loss_at(index) ? tw_loss_at(index)->name : NULL;
}

const char *choice_of_activation(size_t index) {
    return tw_activation_at(index) ? tw_activation_at(index)->name : NULL;
}

/* The routes of density and trace. */
static const char *estimate_name(size_t index) {
    static const char *const names[] = {"auto", "dense", "sectors", "lanczos"};
    return index < sizeof names / sizeof *names ? names[index] : NULL;
}

static const char *descent_name(size_t index) {
    const tw_descent_method *method = tw_descent_method_at(index);
    return method ? tw_descent_method_name(method) : NULL;
}

static const char *law_name(size_t index) {
    const tw_init_law *law = tw_init_law_at(index);
    return law ? tw_init_law_name(law) : NULL;
}

const cli_option common_options[] = {
    PLAIN(OPTION_RESULT, cli_common, json, "json", "FILE",
          "write the result as JSON; - is standard output, and the table is left out"),
    RANGED(OPTION_COUNT, cli_common, threads, "threads", "N", 0, 1024, "0",
           "threads for large matrix products; 0: all processors"),
    RANGED(OPTION_COUNT, cli_common, seed, "seed", "S", 0, ANY_COUNT, "1",
           "seed of every random start vector and probe"),
    {.name = "help",
     .letter = 'h',
     .kind = OPTION_FLAG,
     .offset = offsetof(cli_common, help),
     .help = "show this page"},
    {0},
};

const cli_option figure_options[] = {
    PLAIN(OPTION_TEXT, cli_common, figures, "figures", "DIR",
          "leave every figure of the page there as SVG, PDF and PNG, with its data (CSV) and its "
          "gnuplot script"),
    {0},
};

const cli_option page_options[] = {
    PLAIN(OPTION_RESULT, cli_common, report, "report", "FILE",
          "write the result as one HTML page with figures, which needs no other file"),
    TABLE(figure_options, 0),
    {0},
};

const cli_option paste_options[] = {
    PLAIN(OPTION_RESULT, cli_common, markdown, "markdown", "FILE",
          "write the page's tables as Markdown"),
    PLAIN(OPTION_RESULT, cli_common, latex, "latex", "FILE", "write the page's tables as LaTeX"),
    {0},
};

const cli_option result_options[] = {
    TABLE(common_options, 0),
    TABLE(page_options, 0),
    TABLE(paste_options, 0),
    {0},
};

const cli_option seconds_options[] = {
    RANGED(OPTION_NUMBER, cli_common, max_seconds, "max-seconds", "S", 0, 1e9, NULL,
           "end with what there is after S seconds, as Ctrl-C does (exit code 4)"),
    {0},
};

const cli_option limit_options[] = {
    TABLE(seconds_options, 0),
    RANGED(OPTION_NUMBER, cli_common, memory_limit, "memory-limit", "GB", 0, 1e9, NULL,
           "refuse what would take more memory, before taking it; without it: 80 % of the machine"),
    {0},
};

const cli_option output_options[] = {
    {.name = "output",
     .letter = 'o',
     .kind = OPTION_ARRAYS,
     .metavar = "FILE",
     .help = "write the point; the format follows the extension"},
    {0},
};

const cli_option store_options[] = {
    {.name = "output",
     .letter = 'o',
     .kind = OPTION_FILE,
     .metavar = "FILE",
     .help = "keep everything in that SQLite file; what is there already is gone on with"},
    {0},
};

const cli_option naming_options[] = {
    PLAIN(OPTION_WORDS, cli_reading, map, "map", "FILE_NAME=MODEL_NAME",
          "read the file's array FILE_NAME as the model's MODEL_NAME (H, W1 .. WL, b, labels); may "
          "be repeated"),
    PLAIN(OPTION_WORDS, cli_reading, ignore, "ignore", "NAME",
          "leave out the file's array, or metadata entry, of that name; may be repeated"),
    {0},
};

const cli_option rank_options[] = {
    {.name = "rank-tolerance",
     .kind = OPTION_NUMBER,
     .metavar = "X",
     .low = 0,
     .high = 1,
     .fallback = "1e-3",
     .help = "a singular value counts towards a rank when it exceeds X times the largest"},
    {0},
};

const cli_option saying_options[] = {
    CHOICE(OPTION_TEXT, cli_reading, model.loss, "loss", "NAME", NULL, choice_of_loss,
           "loss, in place of the file's"),
    CHOICE(OPTION_TEXT, cli_reading, model.activation, "activation", "NAME", NULL,
           choice_of_activation, "activation, in place of the file's"),
    PLAIN(OPTION_RIDGES, cli_reading, model.lambda_W, "lambda-W", "X",
          "ridge of the weights, in place of the file's: one number >= 0, or [X1, .., XL]"),
    PLAIN(OPTION_RIDGE, cli_reading, model.lambda_H, "lambda-H", "X",
          "ridge of the features, in place of the file's: a number >= 0"),
    PLAIN(OPTION_RIDGE, cli_reading, model.lambda_b, "lambda-b", "X",
          "ridge of the bias, in place of the file's: a number >= 0"),
    TABLE(naming_options, 0),
    {0},
};

const cli_option reading_options[] = {
    TABLE(saying_options, 0),
    EMBED(rank_options, cli_reading, rank_tolerance),
    {0},
};

const cli_option polish_options[] = {
    RANGED(OPTION_NUMBER, cli_polish, tolerance, "tolerance", "X", 0, 1, "1e-12",
           "polish until ||g|| <= X min(||H||, 1) max(1, ||theta||)"),
    RANGED(OPTION_COUNT, cli_polish, max_iterations, "max-iterations", "N", 0, ANY_COUNT, "500",
           "Newton iterations allowed"),
    {0},
};

static const cli_option skip_polish_options[] = {
    FLAG(cli_polish, no_polish, "no-polish", "count at the point as the file has it"),
    {0},
};

const cli_option budget_options[] = {
    RANGED(OPTION_COUNT, cli_budget, max_products, "max-products", "N", 1, ANY_COUNT, "200000",
           "Hessian products allowed, for polishing, for each search, for each estimate"),
    {0},
};

const cli_option dense_options[] = {
    RANGED(OPTION_COUNT, cli_budget, dense_limit, "dense-limit", "P", 1, 32000, "6000",
           "largest number of parameters for the dense route"),
    {0},
};

const cli_option plan_options[] = {
    FLAG(cli_budget, plan, "plan",
         "predict products, memory and time from a short calibration, and stop"),
    {0},
};

const cli_option probe_options[] = {
    RANGED(OPTION_COUNT, cli_probing, probes, "probes", "N", 2, ANY_COUNT, "16",
           "random vectors where nothing exact is possible; errors fall with their square root"),
    RANGED(OPTION_COUNT, cli_probing, steps, "steps", "M", 2, ANY_COUNT, "80",
           "Lanczos steps a probe: distinct eigenvalues that it can resolve"),
    {0},
};

const cli_option examining_options[] = {
    EMBED(reading_options, cli_examining, reading),    EMBED(polish_options, cli_examining, polish),
    EMBED(skip_polish_options, cli_examining, polish), EMBED(budget_options, cli_examining, budget),
    EMBED(dense_options, cli_examining, budget),       {0},
};

const cli_option estimating_options[] = {
    EMBED(reading_options, cli_estimating, reading),
    EMBED(budget_options, cli_estimating, budget),
    EMBED(dense_options, cli_estimating, budget),
    EMBED(plan_options, cli_estimating, budget),
    CHOICE(OPTION_TEXT, cli_estimating, probing.method, "method", "NAME", "auto", estimate_name,
           "dense: all eigenvalues; sectors: exact, for collapsed optima of linear models; "
           "lanczos: random probes; auto: the first of these that is possible, dense up to "
           "--dense-limit and within --max-products"),
    EMBED(probe_options, cli_estimating, probing),
    {0},
};

const cli_option shape_options[] = {
    RANGED(OPTION_COUNT, cli_shape, classes, "classes", "K", 2, 1e6, NULL, "classes"),
    RANGED(OPTION_COUNT, cli_shape, depth, "depth", "L", 1, 1e6, NULL, "number of weight matrices"),
    {0},
};

const cli_option width_options[] = {
    RANGED(OPTION_COUNT, cli_shape, width, "width", "D", 1, 1e9, NULL,
           "width of every hidden space"),
    {0},
};

const cli_option new_options[] = {
    EMBED(shape_options, cli_new, shape),
    EMBED(width_options, cli_new, shape),
    CHOICE(OPTION_TEXT, cli_new, model.loss, "loss", "NAME", NULL, choice_of_loss,
           "loss; without it: ce"),
    CHOICE(OPTION_TEXT, cli_new, model.activation, "activation", "NAME", NULL, choice_of_activation,
           "activation; without it: linear"),
    RANGED(OPTION_COUNTS, cli_new, samples, "samples", "N[,..]", 1, 1e9, NULL,
           "samples of each class: one number for all, or N1,..,NK"),
    RANGED(OPTION_COUNTS, cli_new, widths, "widths", "D0,..", 1, 1e9, NULL,
           "width of each hidden space, in place of --width: D0,..,DL-1; --depth is then how many"),
    PLAIN(OPTION_RIDGE, cli_new, lambda, "lambda", "X",
          "ridge of weights and features: a number >= 0"),
    PLAIN(OPTION_RIDGES, cli_new, model.lambda_W, "lambda-W", "X",
          "ridge of the weights, in place of --lambda: one number >= 0, or [X1, .., XL]"),
    PLAIN(OPTION_RIDGE, cli_new, model.lambda_H, "lambda-H", "X",
          "ridge of the features, in place of --lambda: a number >= 0"),
    FLAG(cli_new, bias, "bias", "give the last layer a bias"),
    PLAIN(OPTION_RIDGE, cli_new, model.lambda_b, "lambda-b", "X",
          "ridge of the bias: a number >= 0; without it: 0"),
    {0},
};

const cli_option closed_options[] = {
    EMBED(shape_options, cli_closed, shape),
    RANGED(OPTION_COUNT, cli_closed, samples, "samples", "N", 1, 1e9, NULL,
           "samples of each class"),
    RANGED(OPTION_NUMBER, cli_closed, lambda, "lambda", "X", 0, 1e300, NULL,
           "ridge of every block"),
    {0},
};

const cli_option descent_options[] = {
    CHOICE(OPTION_TEXT, cli_descent, method, "method", "NAME", NULL, descent_name,
           "descent method; without it: lbfgs"),
    CHOICE(OPTION_PHRASE, cli_descent, init, "init", "LAW", NULL, law_name,
           "law of the start: NAME or NAME:S, or a list BLOCK:LAW,.. with BLOCK H, W, W1, .., b; "
           "without it: " TW_RUN_LAW),
    RANGED(OPTION_NUMBER, cli_descent, tolerance, "tolerance", "G", 0, 1e9, NULL,
           "end when ||g|| <= G; without it: 1e-10"),
    RANGED(OPTION_COUNT, cli_descent, steps, "steps", "N", 1, ANY_COUNT, NULL,
           "steps allowed; without it: 100000"),
    RANGED(OPTION_NUMBER, cli_descent, rate, "lr", "X", 0, 1e9, NULL,
           "step size of gd, momentum, sgd and adam; without it: 0.1"),
    PLAIN(OPTION_RIDGE, cli_descent, momentum, "momentum", "X",
          "of momentum, sgd and adam: a number >= 0 below 1; without it: 0.9"),
    RANGED(OPTION_COUNT, cli_descent, batch, "batch", "N", 1, ANY_COUNT, NULL,
           "samples of a minibatch of sgd and adam; without it: 32"),
    RANGED(OPTION_NUMBER, cli_descent, end_time, "t-end", "T", 0, 1e300, NULL,
           "time at which the flow ends; without it: when it has converged"),
    RANGED(OPTION_NUMBER, cli_descent, accuracy, "accuracy", "X", 0, 1, NULL,
           "relative local error of a step of the flow; without it: 1e-8"),
    {0},
};
