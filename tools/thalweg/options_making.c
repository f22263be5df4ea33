/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "options.h"

#include <thalweg/examination/run.h>
#include <thalweg/model/initialisation.h>

static const char *descent_name(size_t index) {
    const tw_descent_method *method = tw_descent_method_at(index);
    return method ? tw_descent_method_name(method) : NULL;
}

static const char *law_name(size_t index) {
    const tw_init_law *law = tw_init_law_at(index);
    return law ? tw_init_law_name(law) : NULL;
}

static const cli_option rows[] = {
    {"loss", 0, GROUP_NEW, OPTION_TEXT, FIELD(loss), "NAME", 0, 0, NULL, choice_of_loss,
     "loss; without it: ce"},
    {"activation", 0, GROUP_NEW, OPTION_TEXT, FIELD(activation), "NAME", 0, 0, NULL,
     choice_of_activation, "activation; without it: linear"},
    {"samples", 0, GROUP_NEW, OPTION_COUNTS, FIELD(class_samples), "N[,..]", 1, 1e9, NULL, NULL,
     "samples of each class: one number for all, or N1,..,NK"},
    {"widths", 0, GROUP_NEW, OPTION_COUNTS, FIELD(widths), "D0,..", 1, 1e9, NULL, NULL,
     "width of each hidden space, in place of --width: D0,..,DL-1; --depth is then how many"},
    {"lambda", 0, GROUP_NEW, OPTION_RIDGE, FIELD(lambda_all), "X", 0, 0, NULL, NULL,
     "ridge of weights and features: a number >= 0"},
    {"lambda-W", 0, GROUP_NEW, OPTION_RIDGES, FIELD(lambda_W), "X", 0, 0, NULL, NULL,
     "ridge of the weights, in place of --lambda: one number >= 0, or [X1, .., XL]"},
    {"lambda-H", 0, GROUP_NEW, OPTION_RIDGE, FIELD(lambda_H), "X", 0, 0, NULL, NULL,
     "ridge of the features, in place of --lambda: a number >= 0"},
    {"bias", 0, GROUP_NEW, OPTION_FLAG, FIELD(bias), NULL, 0, 0, NULL, NULL,
     "give the last layer a bias"},
    {"lambda-b", 0, GROUP_NEW, OPTION_RIDGE, FIELD(lambda_b), "X", 0, 0, NULL, NULL,
     "ridge of the bias: a number >= 0; without it: 0"},
    {"gauge-seed", 0, GROUP_GAUGE, OPTION_COUNT, FIELD(gauge_seed), "S", 0, ANY_COUNT, "1", NULL,
     "seed of the random rotation of every hidden space"},

    {"method", 0, GROUP_DESCENT, OPTION_TEXT, FIELD(descent), "NAME", 0, 0, NULL, descent_name,
     "descent method; without it: lbfgs"},
    {"init", 0, GROUP_DESCENT, OPTION_PHRASE, FIELD(init), "LAW", 0, 0, NULL, law_name,
     "law of the start: NAME or NAME:S, or a list BLOCK:LAW,.. with BLOCK H, W, W1, .., b; without "
     "it: " TW_RUN_LAW},
    {"restart", 0, GROUP_TRAIN, OPTION_COUNT, FIELD(restart), "I", 0, 1e9, "0", NULL,
     "number of the start among those of the seed"},
    {"tolerance", 0, GROUP_DESCENT, OPTION_NUMBER, FIELD(goal), "G", 0, 1e9, NULL, NULL,
     "end when ||g|| <= G; without it: 1e-10"},
    {"steps", 0, GROUP_DESCENT, OPTION_COUNT, FIELD(descent_steps), "N", 1, ANY_COUNT, NULL, NULL,
     "steps allowed; without it: 100000"},
    {"lr", 0, GROUP_DESCENT, OPTION_NUMBER, FIELD(rate), "X", 0, 1e9, NULL, NULL,
     "step size of gd, momentum, sgd and adam; without it: 0.1"},
    {"momentum", 0, GROUP_DESCENT, OPTION_RIDGE, FIELD(momentum), "X", 0, 0, NULL, NULL,
     "of momentum, sgd and adam: a number >= 0 below 1; without it: 0.9"},
    {"batch", 0, GROUP_DESCENT, OPTION_COUNT, FIELD(batch), "N", 1, ANY_COUNT, NULL, NULL,
     "samples of a minibatch of sgd and adam; without it: 32"},
    {"t-end", 0, GROUP_DESCENT, OPTION_NUMBER, FIELD(end_time), "T", 0, 1e300, NULL, NULL,
     "time at which the flow ends; without it: when it has converged"},
    {"accuracy", 0, GROUP_DESCENT, OPTION_NUMBER, FIELD(accuracy), "X", 0, 1, NULL, NULL,
     "relative local error of a step of the flow; without it: 1e-8"},
    {"checkpoint", 0, GROUP_TRAIN, OPTION_COUNT, FIELD(checkpoint), "N", 1, ANY_COUNT, NULL, NULL,
     "steps between states that --resume can take up; lbfgs, newton and flow begin their history "
     "anew there; without it: 1000"},
    {"trajectory", 0, GROUP_TRAIN, OPTION_TEXT, FIELD(trajectory), "FILE", 0, 0, NULL, NULL,
     "write loss, gradient norm, logit singular values and collapse measures along the way: .csv, "
     "or a format of arrays"},
    {"every", 0, GROUP_TRAIN, OPTION_COUNT, FIELD(every), "N", 1, ANY_COUNT, NULL, NULL,
     "steps between rows of the trajectory; without it: about 50 rows a decade of steps"},
    {"lambda-min", 0, GROUP_TRAIN, OPTION_FLAG, FIELD(lambda_min), NULL, 0, 0, NULL, NULL,
     "the Hessian's smallest eigenvalue in every row of the trajectory"},
    {"polish", 0, GROUP_TRAIN, OPTION_FLAG, FIELD(polish_after), NULL, 0, 0, NULL, NULL,
     "finish with Newton steps down to rounding"},
    {"smooth", 0, GROUP_TRAIN, OPTION_FLAG, FIELD(smooth), NULL, 0, 0, NULL, NULL,
     "relu: finish at a first-order optimal point, through softplus of rising sharpness, with "
     "pre-activations held on their kinks"},
    {"resume", 0, GROUP_TRAIN, OPTION_TEXT, FIELD(resume), "FILE", 0, 0, NULL, NULL,
     "go on with the unfinished run in FILE, which names model and method; the result replaces it "
     "unless --output says otherwise"},

    {"restarts", 0, GROUP_BASINS, OPTION_COUNT, FIELD(restarts), "N", 1, 1e12, "100", NULL,
     "restarts of the one setting that options describe"},
    {"workers", 0, GROUP_BASINS, OPTION_COUNT, FIELD(workers), "N", 0, 1024, "0", NULL,
     "threads that run restarts; 0: all processors"},
    {"precision", 0, GROUP_BASINS, OPTION_NUMBER, FIELD(precision), "X", 0, 1, NULL, NULL,
     "end a setting when the 95 % interval of every fraction is narrower than X"},
    {"keep-points", 0, GROUP_BASINS, OPTION_FLAG, FIELD(keep_points), NULL, 0, 0, NULL, NULL,
     "store the end points too"},
    {"only", 0, GROUP_BASINS, OPTION_COUNT, FIELD(only), "I", 0, 1e12, NULL, NULL,
     "replay restart number I, and compare it with the one in --output when it is there"},
    {"setting", 0, GROUP_BASINS, OPTION_COUNT, FIELD(setting), "S", 0, 1e6, "0", NULL,
     "number of the plan's setting that --only means"},
    {"match-tolerance", 0, GROUP_BASINS, OPTION_NUMBER, FIELD(match_tolerance), "X", 0, 1, "1e-6",
     NULL, "end points within it (and what their gradient norms allow) are one class"},
    {"tolerance-scan", 0, GROUP_BASINS, OPTION_FLAG, FIELD(tolerance_scan), NULL, 0, 0, NULL, NULL,
     "how many classes there are at tolerances from 1e-10 to 1e-2"},
    {"csv", 0, GROUP_BASINS, OPTION_TEXT, FIELD(csv), "FILE", 0, 0, NULL, NULL,
     "write one line a finished restart: its numbers, and why it ended; - is standard output, and "
     "the "
     "tables are left out"},
};

const option_table making_options = {rows, sizeof rows / sizeof *rows};
