/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/record/training_record.h>

#include <math.h>
#include <stdio.h>
#include <thalweg/record/point_record.h>

#include "record/fields_private.h"
#include "record/spectra_private.h"

TW_NAMES(reasons, tw_descent_reason, tw_descent_reason_name, TW_DESCENT_CANCELLED);
TW_NAMES(clarke_reasons, tw_clarke_reason, tw_clarke_reason_name, TW_CLARKE_CANCELLED);
TW_NAMES(smoothing_reasons, tw_smoothing_reason, tw_smoothing_reason_name, TW_SMOOTHING_CANCELLED);

static const tw_field descent_rows[] = {
    TW_NAME(tw_descent_result, reason, "reason", reasons, .title = "ended by",
            .meaning = "why it ended: `converged`, `stationary start` (the gradient was within the "
                       "tolerance before the first step), `step limit`, `end time`, `stalled`, "
                       "`diverged`, `cancelled`"),
    TW_SIZE(tw_descent_result, step, "steps", .title = "steps", .meaning = "steps taken"),
    TW_SIZE(tw_descent_result, evaluations, "evaluations", .title = "gradients",
            .meaning = "gradients since the start of the run"),
    TW_SIZE(tw_descent_result, batches, "batches", .title = "  of minibatches", .quiet = true,
            .meaning = "minibatch gradients, likewise"),
    TW_SIZE(tw_descent_result, products, "products", .title = "Hessian products", .quiet = true,
            .meaning = "Hessian products, likewise"),
    TW_NUMBER(tw_descent_result, time, "t", .title = "time of the flow", .quiet = true,
              .meaning = "time of the flow (rate times steps for methods with a rate)"),
    TW_NUMBER(tw_descent_result, seconds, "seconds", .meaning = "of this call"),
    TW_NUMBER(tw_descent_result, value_before, "loss_before", .title = "loss at the start",
              .digits = 12, .meaning = "where this call began"),
    TW_NUMBER(tw_descent_result, gradient_norm_before, "gradient_norm_before",
              .meaning = "likewise"),
};
static TW_TABLE(descent_fields, "a descent", tw_descent_result, descent_rows);

static tw_json *said(const void *record) {
    const tw_limit_direction *d = record;
    return tw_json_string(tw_separation_reason_text(d->separation.reason));
}

static void limit_cell(const tw_json *object, char *text, size_t room) {
    double limit = tw_cell_number(object, "margin_limit");
    bool early = limit > tw_cell_number(object, "margin_bound");
    snprintf(text, room, isnan(limit) ? "-" : "%.8g +- %.1g%s", limit,
             tw_cell_number(object, "margin_limit_error"),
             early ? ", above the bound: not on the line yet" : "");
}

static const tw_field direction_rows[] = {
    TW_NUMBER(tw_limit_direction, separation.normalised, "normalised_margin",
              .title = "normalised margin", .digits = 8,
              .meaning = "smallest margin over \\|\\|theta\\|\\|^(L+1)"),
    TW_NUMBER(tw_limit_direction, separation.simplex, "simplex_margin",
              .title = "  of the simplex frame", .digits = 8,
              .meaning = "that of the balanced simplex frame"),
    TW_NUMBER(tw_limit_direction, separation.bound, "margin_bound", .title = "  bound", .digits = 8,
              .meaning = "no point has a larger one"),
    TW_NUMBER(tw_limit_direction, separation.maximum, "maximum_margin",
              .meaning = "the largest that any point has, where it is known (L = 1 or K = 2, "
                         "balanced, linear)"),
    TW_NUMBER(tw_limit_direction, separation.spread, "margin_spread",
              .title = "spread of the margins", .digits = 3,
              .meaning = "(largest - smallest margin)/mean"),
    TW_NUMBER(tw_limit_direction, separation.deviation, "margin_deviation", .title = "  deviation",
              .digits = 3, .meaning = "standard deviation/mean"),
    TW_NUMBER(tw_limit_direction, separation.kkt_distance, "kkt_distance",
              .title = "distance to a KKT point", .digits = 3,
              .meaning = "of the direction to a KKT point of: smallest norm with all margins >= 1"),
    TW_NUMBER(tw_limit_direction, fit.limit, "margin_limit", .title = "margin for t to infinity",
              .cell = limit_cell,
              .meaning = "fit margin = limit + rate/log t over the last four decades of t; above "
                         "`margin_bound` the line is not reached yet; `null` for methods without a "
                         "time"),
    TW_NUMBER(tw_limit_direction, fit.limit_error, "margin_limit_error",
              .meaning = "its error, which knows the scatter about the fit only"),
    TW_NUMBER(tw_limit_direction, fit.rate, "margin_rate",
              .title = "rate: margin = limit + rate/log t", .digits = 4,
              .meaning = "the rate of that fit"),
    TW_MADE("direction", said, .title = "outcome", .meaning = "what was measured, or why not"),
};
static TW_TABLE(direction_fields, "a direction", tw_limit_direction, direction_rows);

static const tw_field clarke_rows[] = {
    TW_NUMBER(tw_clarke, smallest, "clarke_norm", .title = "smallest generalised gradient",
              .digits = 3,
              .meaning = "activations with kinks: norm of the smallest generalised gradient found "
                         "([mathematics](../mathematics.md), section 6.1)"),
    TW_NAME(tw_clarke, reason, "clarke_reason", clarke_reasons, .title = "  found by",
            .meaning = "how the search for it ended"),
};
static TW_TABLE(clarke_fields, "a generalised gradient", tw_clarke, clarke_rows);

static const tw_field smoothing_rows[] = {
    TW_NAME(tw_smoothing_result, reason, "smoothing", smoothing_reasons,
            .title = "smoothing ended by", .meaning = "with `--smooth`: how it ended"),
};
static TW_TABLE(smoothing_fields, "smoothing", tw_smoothing_result, smoothing_rows);

static tw_json *zero_of_start(const void *record) {
    return tw_zero_json(&((const tw_lowest *)record)->zero, false);
}

static const tw_field start_rows[] = {
    TW_NUMBER(tw_lowest, value, "lowest_curvature", .title = "lowest curvature at the start",
              .digits = 6,
              .meaning = "after a `stationary start` off the kinks, at the point written: the "
                         "smallest v'Hv found with 2000 Hessian products at most; `null` when none "
                         "was in time"),
    TW_MADE("zero_rule", zero_of_start, .of = &tw_zero_fields,
            .meaning = "likewise: what counts as zero, as in `degeneracy`; it has counted nothing"),
    TW_BOOLEAN(tw_lowest, negative, "saddle", .title = "  a saddle",
               .meaning =
                   "likewise: `lowest_curvature` is below minus the threshold, which proves a "
                   "strict saddle and makes the exit code 4"),
};
static TW_TABLE(start_fields, "a stationary start", tw_lowest, start_rows);

static const tw_field rows[] = {
    TW_TEXT(tw_training_record, method, "method", .title = "method", .meaning = "of descent"),
    TW_MEMBERS(tw_training_record, descent, descent_fields, .pointed = true),
    TW_OBJECT(tw_training_record, polish, "polish", tw_polishing_fields, .title = "polishing",
              .pointed = true, .optional = true,
              .meaning = "with `--polish`: as in `polish`; `loss` and `gradient_norm` are those "
                         "after it, `reason` is that of the descent"),
    TW_MEMBERS(tw_training_record, description, tw_description_fields, .title = "point",
               .pointed = true, .meaning = "the keys of `info`, of the point reached"),
    TW_MEMBERS(
        tw_training_record, direction, direction_fields, .title = "direction (no ridge)",
        .pointed = true,
        .meaning = "without any ridge, for cross entropy: where the direction is going, see below"),
    TW_MEMBERS(tw_training_record, clarke, clarke_fields, .title = "first-order optimality",
               .pointed = true),
    TW_MEMBERS(tw_training_record, smoothing, smoothing_fields, .pointed = true),
    TW_MEMBERS(tw_training_record, start, start_fields, .pointed = true),
};
TW_TABLE(tw_training_fields, "train", tw_training_record, rows);
