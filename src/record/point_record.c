/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/record/point_record.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc_private.h"
#include "record/fields_private.h"

/* ---- A model, and the file it is from ---- */

static tw_json *classes(const void *record) {
    return tw_json_integer((long long)tw_dufm_classes(record));
}

static tw_json *parameters(const void *record) {
    return tw_json_integer((long long)tw_dufm_parameters(record));
}

static tw_json *class_sizes(const void *record) {
    size_t count = tw_dufm_classes(record), *sizes = tw_alloc(count, sizeof *sizes);
    if (sizes == NULL) return NULL;
    tw_dufm_class_sizes(record, sizes);
    tw_json *list = tw_sizes_json(count, sizes);
    free(sizes);
    return list;
}

static bool has_bias(const void *record) {
    return ((const tw_dufm *)record)->bias;
}

static const tw_field loss_rows[] = {
    TW_TEXT(tw_loss, name, "loss", .title = "loss function",
            .meaning = "its name, after options have taken effect")};
static TW_TABLE(loss_fields, "loss", tw_loss, loss_rows);
static const tw_field activation_rows[] = {TW_TEXT(
    tw_activation, name, "activation", .title = "activation", .meaning = "its name, likewise")};
static TW_TABLE(activation_fields, "activation", tw_activation, activation_rows);

static const tw_field model_rows[] = {
    TW_MEMBERS(tw_dufm, loss, loss_fields, .pointed = true),
    TW_MEMBERS(tw_dufm, activation, activation_fields, .pointed = true),
    TW_MADE("classes", classes, .title = "classes K", .meaning = "K"),
    TW_SIZE(tw_dufm, samples, "samples", .title = "samples N", .meaning = "N"),
    TW_MADE("class_sizes", class_sizes, .meaning = "n_0 .. n_{K-1}"),
    TW_SIZE(tw_dufm, layers, "layers", .title = "layers L", .meaning = "L"),
    TW_SIZES(tw_dufm, widths, layers, "widths", .title = "widths", .meaning = "d_0 .. d_{L-1}"),
    TW_MADE("parameters", parameters, .title = "parameters", .meaning = "P"),
    TW_NUMBERS(tw_dufm, lambda_W, layers, "lambda_W", .title = "lambda_W", .digits = TW_SHORTEST,
               .meaning = "list of L"),
    TW_NUMBER(tw_dufm, lambda_H, "lambda_H", .title = "lambda_H", .digits = TW_SHORTEST,
              .meaning = "ridge of the features"),
    TW_NUMBER(tw_dufm, lambda_b, "lambda_b", .title = "lambda_b", .digits = TW_SHORTEST,
              .known = has_bias, .optional = true, .meaning = "only with a bias"),
};
static TW_TABLE(model_fields, "a model", tw_dufm, model_rows);

static bool has_file(const void *record) {
    return ((const tw_input *)record)->path != NULL;
}

static const tw_field input_rows[] = {
    TW_TEXT(tw_input, path, "file", .title = "file", .quiet = true, .cell = tw_file_cell,
            .known = has_file, .optional = true,
            .meaning = "path as given; absent where there is only a model"),
    TW_TEXT(tw_input, digest, "sha256", .known = has_file, .optional = true,
            .meaning = "of the file's bytes, 64 hexadecimal digits (of the `.npz`, not of the JSON "
                       "file beside it)"),
    TW_MEMBERS(tw_input, model, model_fields, .pointed = true),
};
TW_TABLE(tw_input_fields, "input", tw_input, input_rows);

/* ---- The description of a point ---- */

static const tw_field space_rows[] = {
    TW_SIZE(tw_collapse, space, "space", .meaning = "l"),
    TW_NUMBER(tw_collapse, nc1, "nc1", .meaning = "(1.5); `null` where a denominator is zero"),
    TW_NUMBER(tw_collapse, nc2, "nc2", .meaning = "(1.5); likewise"),
    TW_NUMBER(tw_collapse, nc3, "nc3", .meaning = "(1.5); likewise"),
};
static void nc_cell(const tw_json *object, char *text, size_t room) {
    double nc1 = tw_cell_number(object, "nc1");
    snprintf(text, room, isnan(nc1) ? "-" : "%.3g %.5f %.5f", nc1, tw_cell_number(object, "nc2"),
             tw_cell_number(object, "nc3"));
}

static TW_CELL_TABLE(space_fields, "collapse of a hidden space", tw_collapse, space_rows, nc_cell,
                     "space");

/* Space 0 is the first of the list. */
static const tw_field feature_rows[] = {
    TW_NUMBER(tw_collapse, nc1, "nc1", .meaning = "that of space 0, the features"),
    TW_NUMBER(tw_collapse, nc2, "nc2", .meaning = "likewise"),
    TW_NUMBER(tw_collapse, nc3, "nc3", .meaning = "likewise"),
};
static TW_TABLE(feature_fields, "collapse of the features", tw_collapse, feature_rows);

static const tw_field collapse_rows[] = {
    TW_OBJECTS(tw_shape, collapse, space_count, "spaces", space_fields,
               .title = "NC1 NC2 NC3 of space", .pointed = true,
               .meaning = "one object a hidden space"),
    TW_MEMBERS(tw_shape, collapse, feature_fields, .pointed = true),
};
static TW_TABLE(collapse_fields, "collapse", tw_shape, collapse_rows);

static bool has_class_logits(const void *record) {
    return ((const tw_shape *)record)->class_logits != NULL;
}

/* The description may have been ended before. */
static bool has_singular_values(const void *record) {
    return ((const tw_shape *)record)->logit_singular_values != NULL;
}

static const tw_field shape_rows[] = {
    TW_SIZE(tw_shape, logit_rank, "logit_rank", .title = "logit rank", .known = has_singular_values,
            .meaning = "singular values of Z above the rank tolerance times the largest, and above "
                       "1e-12; `null` where they were not found in time"),
    TW_NUMBERS(tw_shape, logit_singular_values, logit_count, "logit_singular_values",
               .title = "logit singular values", .digits = 5, .known = has_singular_values,
               .meaning = "of Z, descending, min(K, N) of them; likewise"),
    TW_MATRIX(tw_shape, class_logits, class_count, class_count, "class_logits",
              .known = has_class_logits, .optional = true,
              .meaning = "a list a class: the mean logits of its samples (K x K numbers); absent "
                         "for more than 64 classes"),
    TW_NUMBER(tw_shape, balance_defect, "balance_defect", .title = "balance defect", .digits = 3,
              .meaning = "largest relative violation of the balance law "
                         "([mathematics](../mathematics.md) (3.1)); `null` unless the activation "
                         "is linear"),
    TW_SELF("collapse", collapse_fields, .title = "", .meaning = "see below"),
};
static TW_TABLE(shape_fields, "logits", tw_shape, shape_rows);

static tw_json *kink_tolerance(const void *record) {
    (void)record;
    return tw_json_number(TW_KINK_TOLERANCE);
}

static void kinks_cell(const tw_json *object, char *text, size_t room) {
    snprintf(text, room, "%g of %g (|S|/rms <= %.1e, next %.1e)", tw_cell_number(object, "on_kink"),
             tw_cell_number(object, "pre_activations"), tw_cell_number(object, "largest_on"),
             tw_cell_number(object, "smallest_off"));
}

static const tw_field census_rows[] = {
    TW_SIZE(tw_kinks, total, "pre_activations",
            .meaning = "how many there are, 0 unless phi has a kink"),
    TW_SIZE(tw_kinks, on_kink, "on_kink", .title = "on a kink", .quiet = true, .cell = kinks_cell,
            .meaning = "of them within the tolerance"),
    TW_MADE("tolerance", kink_tolerance,
            .meaning = "relative to the root mean square of the layer"),
    TW_NUMBER(tw_kinks, largest_on, "largest_on", .meaning = "largest such ratio that counts"),
    TW_NUMBER(tw_kinks, smallest_off, "smallest_off",
              .meaning = "smallest that does not, `null` when there is none"),
};
static TW_TABLE(census_fields, "kink_census", tw_kinks, census_rows);

static tw_json *hessian_exists(const void *record) {
    return tw_json_boolean(((const tw_kinks *)record)->on_kink == 0);
}

static const tw_field kinked_rows[] = {
    TW_SIZE(tw_kinks, on_kink, "kinks",
            .meaning = "hidden pre-activations on a kink; the same as `kink_census.on_kink`"),
    TW_SELF("kink_census", census_fields, .title = "",
            .meaning = "how many were looked at, the tolerance, and what is next to it"),
    TW_MADE("hessian_exists", hessian_exists,
            .meaning = "`false` with a single one on a kink: eigenvalues and sums of them are "
                       "those of one branch, and there are no counts"),
};
TW_TABLE(tw_kinked_fields, "kinks of a point", tw_kinks, kinked_rows);

static const tw_field description_rows[] = {
    TW_NUMBER(tw_description, loss, "loss", .title = "loss", .digits = 12, .meaning = "f"),
    TW_NUMBER(tw_description, fit, "fit", .title = "  fit", .digits = 12,
              .meaning = "mean loss over the samples"),
    TW_NUMBER(tw_description, penalty, "penalty", .title = "  penalty", .digits = 12,
              .meaning = "sum of all ridges; `loss` is the sum of both"),
    TW_NUMBER(tw_description, gradient_norm, "gradient_norm", .title = "gradient norm", .digits = 3,
              .meaning = "\\|\\|g\\|\\|_2"),
    TW_SIZE(tw_description, parameters, "parameters", .meaning = "P"),
    TW_MEMBERS(tw_description, shape, shape_fields),
    TW_MEMBERS(tw_description, kinks, tw_kinked_fields),
};
TW_TABLE(tw_description_fields, "the description of a point", tw_description, description_rows);

/* ---- Polishing ---- */

static bool was_polished(const void *record) {
    tw_polish_outcome outcome = ((const tw_polishing *)record)->outcome;
    return outcome != TW_POLISH_NOT_ASKED && outcome != TW_POLISH_KINKED;
}

TW_NAMES(outcomes, tw_polish_outcome, tw_polish_outcome_name, TW_POLISH_KINKED);
TW_NAMES(newton_reasons, tw_newton_reason, tw_newton_reason_name, TW_NEWTON_CANCELLED);

static void moved_cell(const tw_json *object, char *text, size_t room) {
    double moved = tw_cell_number(object, "moved"), size = tw_cell_number(object, "theta_norm");
    snprintf(text, room, "%.3g (%.2g)", moved, size > 0.0 ? moved / size : 0.0);
}

static const tw_field newton_rows[] = {
    TW_NAME(tw_newton_result, reason, "reason", newton_reasons, .title = "  ended by",
            .meaning = "why it stopped: `converged`, `stagnated`, `iteration limit`, `product "
                       "limit`, `cancelled`. This and the keys below are absent when the outcome "
                       "is `kinked` or `not asked`"),
    TW_NUMBER(tw_newton_result, value_before, "loss_before", .title = "loss before", .digits = 12,
              .meaning = "f before"),
    TW_NUMBER(tw_newton_result, value, "loss", .meaning = "f after"),
    TW_NUMBER(tw_newton_result, gradient_norm_before, "gradient_norm_before",
              .title = "gradient norm before", .digits = 3, .meaning = "\\|\\|g\\|\\|_2 before"),
    TW_NUMBER(tw_newton_result, gradient_norm, "gradient_norm", .title = "gradient norm after",
              .digits = 3, .meaning = "\\|\\|g\\|\\|_2 after"),
    TW_NUMBER(tw_newton_result, threshold, "threshold", .title = "  asked for", .digits = 3,
              .meaning = "what \\|\\|g\\|\\| was asked to reach"),
    TW_NUMBER(tw_newton_result, moved, "moved", .title = "moved by (of ||theta||)",
              .cell = moved_cell, .meaning = "\\|\\|theta - theta_before\\|\\|_2"),
    TW_NUMBER(tw_newton_result, size, "theta_norm", .meaning = "\\|\\|theta\\|\\|_2 after"),
    TW_SIZE(tw_newton_result, iterations, "iterations", .title = "Newton steps",
            .meaning = "Newton steps tried"),
    TW_SIZE(tw_newton_result, evaluations, "evaluations", .meaning = "of value and gradient"),
    TW_SIZE(tw_newton_result, products, "products", .title = "Hessian products",
            .meaning = "Hessian products, 12 of them for the norm estimate"),
    TW_SIZE(tw_newton_result, negative_curvature, "negative_curvature_steps",
            .meaning = "steps that followed a direction of negative curvature"),
};
static TW_TABLE(newton_fields, "newton", tw_newton_result, newton_rows);

static const tw_field polishing_rows[] = {
    TW_NAME(tw_polishing, outcome, "outcome", outcomes, .title = "outcome",
            .meaning =
                "`converged`, `unfinished`, `endless` (ended where the loss falls for ever), "
                "`kinked` (not moved), `not asked` "
                "(`--no-polish`)"),
    TW_MEMBERS(tw_polishing, newton, newton_fields, .known = was_polished),
};
TW_TABLE(tw_polishing_fields, "polish", tw_polishing, polishing_rows);

static const tw_field polished_rows[] = {
    TW_MEMBERS(tw_examination, after, tw_description_fields, .title = "point",
               .meaning = "the keys of `info`, of the polished point"),
    TW_NUMBER(tw_examination, before.loss, "loss_before",
              .meaning = "of the point as the file has it"),
    TW_NUMBER(tw_examination, before.gradient_norm, "gradient_norm_before", .meaning = "likewise"),
    TW_OBJECT(tw_examination, polish, "polish", tw_polishing_fields, .title = "polishing",
              .meaning = "what polishing did, see below"),
};
TW_TABLE(tw_polished_fields, "a polished point", tw_examination, polished_rows);

/* ---- Constructions ---- */

static const tw_field made_rows[] = {
    TW_BOOLEAN(tw_construct_result, exists, "exists", .title = "exists",
               .meaning = "`false` beyond the fold; then the exit code is 1"),
    TW_TEXT(tw_construct_result, symbol, "scale_symbol", .title = "scales called", .quiet = true,
            .meaning = "what the scales are: `a`, `b`, `a_j`, `q`, `c_l` (of `srg`), or empty"),
    TW_NUMBERS(tw_construct_result, scales, scale_count, "scales", .title = "scales", .digits = 15,
               .quiet = true,
               .meaning = "one a part of a closed form, one a layer for `srg`; `null` where the "
                          "point does not exist"),
    TW_NUMBER(tw_construct_result, lambda, "mean_lambda", .title = "geometric mean of the lambdas",
              .digits = 8, .quiet = true,
              .meaning = "geometric mean of all ridges; `null` where nothing depends on it"),
    TW_NUMBER(tw_construct_result, fold_lambda, "fold_lambda", .title = "exists up to lambda",
              .digits = 8, .quiet = true,
              .meaning = "the point exists up to this mean; `null` where there is no fold"),
};
static TW_TABLE(made_fields, "what was made", tw_construct_result, made_rows);

static const tw_field construction_rows[] = {
    TW_TEXT(tw_construct_record, construction, "construction", .title = "construction",
            .meaning = "NAME as given"),
    TW_COUNT(tw_construct_record, gauge_seed, "gauge_seed", .meaning = "`--gauge-seed`"),
    TW_MEMBERS(tw_construct_record, result, made_fields, .pointed = true),
};
TW_TABLE(tw_construction_fields, "a construction", tw_construct_record, construction_rows);

static const tw_field construct_rows[] = {
    TW_OWN_MEMBERS(tw_construction_fields),
    TW_TEXT(tw_construct_record, file, "file", .title = "written to",
            .meaning = "path written; `null`: nothing was"),
    TW_MEMBERS(
        tw_construct_record, description, tw_description_fields, .title = "point", .pointed = true,
        .meaning = "the keys of `info`, of the point that was written; absent when there is none"),
};
TW_TABLE(tw_construct_fields, "construct", tw_construct_record, construct_rows);
