/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "settings.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/descent.h>
#include <thalweg/evaluator.h>
#include <thalweg/json.h>
#include <thalweg/spectrum.h>

#define FIELD(name) offsetof(cli_settings, name)
#define ANY_COUNT 9e15 /* counts are parsed through double: exact up to 2^53 */

/* Choices, from the tables they belong to. */

static const char *loss_name(size_t index) {
    return tw_loss_at(index) ? tw_loss_at(index)->name : NULL;
}

static const char *activation_name(size_t index) {
    return tw_activation_at(index) ? tw_activation_at(index)->name : NULL;
}

static const char *descent_name(size_t index) {
    const tw_descent_method *method = tw_descent_method_at(index);
    return method ? tw_descent_method_name(method) : NULL;
}

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

static const cli_option options[] = {
    {"json", 0, GROUP_COMMON, OPTION_TEXT, FIELD(json), "FILE", 0, 0, NULL, NULL,
     "write the result as JSON; - is standard output, and the table is left out"},
    {"threads", 0, GROUP_COMMON, OPTION_COUNT, FIELD(threads), "N", 0, 1024, "0", NULL,
     "threads for large matrix products; 0: all processors"},
    {"seed", 0, GROUP_COMMON, OPTION_COUNT, FIELD(seed), "S", 0, ANY_COUNT, "1", NULL,
     "seed of every random start vector and probe"},
    {"help", 'h', GROUP_COMMON, OPTION_FLAG, FIELD(help), NULL, 0, 0, NULL, NULL, "show this page"},

    {"loss", 0, GROUP_MODEL, OPTION_TEXT, FIELD(loss), "NAME", 0, 0, NULL, loss_name,
     "loss, in place of the file's"},
    {"activation", 0, GROUP_MODEL, OPTION_TEXT, FIELD(activation), "NAME", 0, 0, NULL,
     activation_name, "activation, in place of the file's"},
    {"lambda-W", 0, GROUP_MODEL, OPTION_RIDGES, FIELD(lambda_W), "X", 0, 0, NULL, NULL,
     "ridge of the weights, in place of the file's: one number >= 0, or [X1, .., XL]"},
    {"lambda-H", 0, GROUP_MODEL, OPTION_RIDGE, FIELD(lambda_H), "X", 0, 0, NULL, NULL,
     "ridge of the features, in place of the file's: a number >= 0"},
    {"lambda-b", 0, GROUP_MODEL, OPTION_RIDGE, FIELD(lambda_b), "X", 0, 0, NULL, NULL,
     "ridge of the bias, in place of the file's: a number >= 0"},
    {"rank-tolerance", 0, GROUP_MODEL | GROUP_NEW, OPTION_NUMBER, FIELD(rank_tolerance), "X", 0, 1,
     "1e-3", NULL, "a singular value counts towards a rank when it exceeds X times the largest"},

    {"tolerance", 0, GROUP_POLISH, OPTION_NUMBER, FIELD(tolerance), "X", 0, 1, "1e-12", NULL,
     "polish until ||g|| <= X min(||H||, 1) max(1, ||theta||)"},
    {"max-iterations", 0, GROUP_POLISH, OPTION_COUNT, FIELD(max_iterations), "N", 0, ANY_COUNT,
     "500", NULL, "Newton iterations allowed"},
    {"max-products", 0, GROUP_BUDGET, OPTION_COUNT, FIELD(max_products), "N", 1, ANY_COUNT,
     "200000", NULL, "Hessian products allowed, for polishing, for each search, for each estimate"},
    {"max-seconds", 0, GROUP_BUDGET | GROUP_DESCENT, OPTION_NUMBER, FIELD(max_seconds), "S", 0, 1e9,
     NULL, NULL, "end with what there is after S seconds, as Ctrl-C does (exit code 4)"},
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
    {"probes", 0, GROUP_PROBES, OPTION_COUNT, FIELD(probes), "N", 2, ANY_COUNT, "16", NULL,
     "random vectors where nothing exact is possible; errors fall with their square root"},
    {"steps", 0, GROUP_PROBES, OPTION_COUNT, FIELD(steps), "M", 2, ANY_COUNT, "80", NULL,
     "Lanczos steps a probe: distinct eigenvalues that it can resolve"},
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
    {"classes", 0, GROUP_CLOSED | GROUP_NEW, OPTION_COUNT, FIELD(classes), "K", 2, 1e6, NULL, NULL,
     "classes"},
    {"samples", 0, GROUP_CLOSED, OPTION_COUNT, FIELD(samples), "N", 1, 1e9, NULL, NULL,
     "samples of each class"},
    {"width", 0, GROUP_CLOSED | GROUP_NEW, OPTION_COUNT, FIELD(width), "D", 1, 1e9, NULL, NULL,
     "width of every hidden space"},
    {"depth", 0, GROUP_CLOSED | GROUP_NEW, OPTION_COUNT, FIELD(depth), "L", 1, 1e6, NULL, NULL,
     "number of weight matrices"},
    {"lambda", 0, GROUP_CLOSED, OPTION_NUMBER, FIELD(lambda), "X", 0, 1e300, NULL, NULL,
     "ridge of every block"},

    {"loss", 0, GROUP_NEW, OPTION_TEXT, FIELD(loss), "NAME", 0, 0, NULL, loss_name,
     "loss; without it: ce"},
    {"activation", 0, GROUP_NEW, OPTION_TEXT, FIELD(activation), "NAME", 0, 0, NULL,
     activation_name, "activation; without it: linear"},
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
    {"init", 0, GROUP_DESCENT, OPTION_TEXT, FIELD(init), "LAW", 0, 0, NULL, NULL,
     "law of the start: normal:S, normal-fanin:S, uniform-fanin, orthogonal:S or zero, or a list "
     "BLOCK:LAW,.. with BLOCK H, W, W1, .., b; without it: H:normal:1,W:uniform-fanin"},
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
     "export: one line a finished restart"},

    {"man", 0, GROUP_HELP, OPTION_TEXT, FIELD(man), "NAME", 0, 0, NULL, NULL,
     "print the manual page of a subcommand (or of thalweg) in man(7) format"},
    {"completion", 0, GROUP_HELP, OPTION_TEXT, FIELD(completion), "SHELL", 0, 0, NULL, shell_name,
     "print a completion script"},
};

_Static_assert(sizeof options / sizeof options[0] <= OPTION_ROOM, "more options than flags");

const cli_option *option_at(size_t index) {
    return index < sizeof options / sizeof options[0] ? &options[index] : NULL;
}

static bool among(const cli_option *option, const char *text) {
    for (size_t i = 0; option->choice_at(i); i++)
        if (strcmp(option->choice_at(i), text) == 0) return true;
    return false;
}

void option_choices(const cli_option *option, char separator, char *text, size_t room) {
    size_t length = 0;
    text[0] = '\0';
    for (size_t i = 0; option->choice_at && option->choice_at(i) && length < room; i++) {
        if (i > 0) text[length++] = separator;
        length += (size_t)snprintf(text + length, room - length, "%s", option->choice_at(i));
    }
}

static tw_status parse_number(const cli_option *option, const char *text, double *value) {
    char *end;
    errno = 0;
    *value = strtod(text, &end);
    if (end == text || *end != '\0' || !isfinite(*value))
        return tw_fail(TW_ERR_ARGUMENT, "--%s: '%s' is not a number", option->name, text);
    return TW_OK;
}

static tw_status set_count(const cli_option *option, const char *text, size_t *field) {
    double value = 0.0;
    tw_status status = parse_number(option, text, &value);
    if (status != TW_OK) return status;
    if (value != floor(value) || value < option->low || value > option->high)
        return tw_fail(TW_ERR_ARGUMENT, "--%s: %s is not a whole number from %.0f to %.0f",
                       option->name, text, option->low, option->high);
    *field = (size_t)value;
    return TW_OK;
}

static tw_status set_number(const cli_option *option, const char *text, double *field) {
    double value = 0.0;
    tw_status status = parse_number(option, text, &value);
    if (status != TW_OK) return status;
    if (!(value > option->low && value < option->high))
        return tw_fail(TW_ERR_ARGUMENT, "--%s: %s is not between %g and %g (both excluded)",
                       option->name, text, option->low, option->high);
    *field = value;
    return TW_OK;
}

bool count_list_next(const char **at, size_t *count) {
    char *end;
    errno = 0;
    unsigned long long value = strtoull(*at, &end, 10);
    if (**at < '0' || **at > '9' || errno != 0 || value > SIZE_MAX) return false;
    if (*end != ',' && *end != '\0') return false;
    *at = *end ? end + 1 : NULL;
    *count = (size_t)value;
    return true;
}

static bool is_ridge(double value) {
    return isfinite(value) && value >= 0.0;
}

static bool is_ridge_list(const char *text) {
    tw_json *json = NULL;
    bool good = tw_json_parse(text, strlen(text), &json) == TW_OK && tw_json_is_array(json) &&
                tw_json_size(json) > 0;
    for (size_t i = 0; good && i < tw_json_size(json); i++) {
        double value = 0.0;
        good = tw_json_as_number(tw_json_at(json, i), &value) && is_ridge(value);
    }
    tw_json_destroy(json);
    return good;
}

/* The text is read again where it is used; a wrong one is the caller's, not the file's. */
static tw_status set_ridge(const cli_option *option, const char *text, const char **field) {
    double value = 0.0;
    bool good = parse_number(option, text, &value) == TW_OK && is_ridge(value);
    if (!good && !(option->kind == OPTION_RIDGES && is_ridge_list(text)))
        return tw_fail(TW_ERR_ARGUMENT, "--%s: '%s' is not a number >= 0%s", option->name, text,
                       option->kind == OPTION_RIDGES ? " or a list of them" : "");
    *field = text;
    return TW_OK;
}

/* The text is read again where it is used, with count_list_next. */
static tw_status set_counts(const cli_option *option, const char *text, const char **field) {
    const char *at = text;
    size_t count = 0;
    do {
        if (!count_list_next(&at, &count) || (double)count < option->low ||
            (double)count > option->high)
            return tw_fail(
                TW_ERR_ARGUMENT,
                "--%s: '%s' is not a list of whole numbers from %.0f to %.0f with commas "
                "between them",
                option->name, text, option->low, option->high);
    } while (at);
    *field = text;
    return TW_OK;
}

/* The first bound, then the second. */
static tw_status set_bound(cli_settings *values, const cli_option *option, const char *text) {
    size_t *given = &values->interval_bounds;
    tw_status status = set_number(option, text, &values->interval[*given % 2]);
    if (status != TW_OK) return status;
    *given = *given % 2 + 1;
    if (*given == 2 && !(values->interval[0] <= values->interval[1]))
        return tw_fail(TW_ERR_ARGUMENT, "--%s: %g is above %g", option->name, values->interval[0],
                       values->interval[1]);
    return TW_OK;
}

static tw_status refuse_choice(const cli_option *option, const char *text) {
    char choices[OPTION_CHOICES];
    option_choices(option, '|', choices, sizeof choices);
    return tw_fail(TW_ERR_ARGUMENT, "--%s: '%s' is not one of %s", option->name, text, choices);
}

tw_status settings_set(cli_settings *values, const cli_option *option, const char *text) {
    char *field = (char *)values + option->offset;
    values->given[option - options] = true;
    switch (option->kind) {
    case OPTION_FLAG:
        *(bool *)(void *)field = true;
        return TW_OK;
    case OPTION_COUNT:
        return set_count(option, text, (size_t *)(void *)field);
    case OPTION_NUMBER:
        return set_number(option, text, (double *)(void *)field);
    case OPTION_RIDGE:
    case OPTION_RIDGES:
        return set_ridge(option, text, (const char **)(void *)field);
    case OPTION_COUNTS:
        return set_counts(option, text, (const char **)(void *)field);
    case OPTION_RANGE:
        return set_bound(values, option, text);
    case OPTION_TEXT:
        if (option->choice_at && !among(option, text)) return refuse_choice(option, text);
        *(const char **)(void *)field = text;
        return TW_OK;
    }
    return tw_fail(TW_ERR_ARGUMENT, "--%s: unknown kind of option", option->name);
}

void settings_init(cli_settings *values) {
    memset(values, 0, sizeof *values);
    values->below = (double)NAN;
    values->only = CLI_NO_INDEX;
    for (size_t i = 0; option_at(i); i++)
        if (option_at(i)->fallback) settings_set(values, option_at(i), option_at(i)->fallback);
    memset(values->given, 0, sizeof values->given);
}

bool settings_given(const cli_settings *values, const char *name) {
    for (size_t i = 0; option_at(i); i++)
        if (values->given[i] && strcmp(option_at(i)->name, name) == 0) return true;
    return false;
}
