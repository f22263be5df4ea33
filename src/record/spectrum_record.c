/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/record/spectrum_record.h>

#include <math.h>
#include <stdio.h>

#include "record/fields_private.h"
#include "record/spectra_private.h"

/* ---- A list ---- */

static tw_json *eigenvalues(const void *record) {
    const tw_listing *s = record;
    return tw_levels_json(&s->levels, s->norm);
}

static bool is_counted(const void *record) {
    return ((const tw_listing *)record)->counted;
}

static tw_json *zero_rule(const void *record) {
    return tw_zero_json(&((const tw_listing *)record)->zero, true);
}

static void outcome_cell(const tw_json *object, char *text, size_t room) {
    bool all = false;
    tw_json_as_boolean(tw_json_get(object, "converged"), &all);
    bool any = tw_json_size(tw_json_get(object, "eigenvalues")) > 0;
    snprintf(text, room, "%s%s", tw_json_as_string(tw_json_get(object, "reason")),
             all || !any ? "" : ": there may be gaps, and more copies than are shown");
}

static bool has_gap(const void *record) {
    return ((const tw_listing *)record)->gap > 0;
}

static const tw_field listing_rows[] = {
    TW_COUNT(tw_listing, parameters, "parameters", .title = "order",
             .meaning = "order of the operator: P, or that of the blocks asked for"),
    TW_TEXT(tw_listing, method, "method", .title = "route",
            .meaning = "the route taken: `dense`, `lanczos`, `arpack`; `sectors`, `closed-form` "
                       "(exact, no products); `end`, `krylov`, `filter` (searches inside the "
                       "spectrum)"),
    TW_NUMBER(tw_listing, norm, "hessian_norm", .title = "norm",
              .meaning = "norm of the operator; for the iterative routes the largest estimate from "
                         "below"),
    TW_SIZE(tw_listing, products, "products", .title = "Hessian products",
            .meaning = "Hessian products, verification included"),
    TW_BOOLEAN(tw_listing, converged, "converged",
               .meaning = "whether the list is what was asked for"),
    TW_TEXT(tw_listing, reason, "reason", .title = "outcome", .cell = outcome_cell,
            .meaning = "`all`, `complete`, `products` (budget used up), `stalled`, `cancelled`; "
                       "the lesser one of both ends. Inside the spectrum also `count` (more pairs "
                       "than a search lists; see `expected`) and `disagrees` (the inertia or the "
                       "sectors count "
                       "otherwise). Closed forms: `all`, `does not exist`, or `dense limit`, "
                       "`memory limit` when the signal sector is too large: then the exit code is "
                       "4 and `eigenvalues` is empty, and all else stands"),
    TW_MADE("eigenvalues", eigenvalues, .title = "eigenvalues", .spread = true,
            .of = &tw_level_fields, .meaning = "ascending list of clusters, see below"),
    TW_SIZE(tw_listing, gap, "gap", .title = "the middle is left out after entry", .known = has_gap,
            .optional = true,
            .meaning = "where both ends were asked for: how many entries the lower one has; absent "
                       "when nothing is left out between them"),
    TW_MADE("zero_rule", zero_rule, .title = "", .of = &tw_zero_fields, .known = is_counted,
            .meaning =
                "what counts as zero, as in `degeneracy`; `null` when the list does not tell "
                "how many eigenvalues have which sign"),
};
static TW_TABLE(listing_fields, "a list of eigenvalues", tw_listing, listing_rows);

static const tw_field spectrum_rows[] = {
    TW_MEMBERS(tw_spectrum_record, listing, listing_fields, .pointed = true,
               .meaning = "a list, see below"),
    TW_TEXT(tw_spectrum_record, part, "part",
            .meaning = "`all`, `data`, `gauss-newton` or `residual`"),
    TW_TEXT(tw_spectrum_record, blocks, "blocks",
            .meaning = "`null` for the whole operator, else the names as given"),
    TW_NUMBER(tw_spectrum_record, cluster_tolerance, "cluster_tolerance",
              .meaning = "neighbours closer than this times the norm are one entry"),
    TW_MEMBERS(tw_spectrum_record, standing, tw_standing_fields),
};
TW_TABLE(tw_spectrum_fields, "spectrum", tw_spectrum_record, spectrum_rows);

/* ---- Inside the spectrum ---- */

static const tw_field inertia_rows[] = {
    TW_NUMBER(tw_interior_result, inertia_low, "from", .title = "inertia from", .digits = 10,
              .meaning = "lower end; `null`: infinite"),
    TW_NUMBER(tw_interior_result, inertia_high, "to", .title = "  to", .digits = 10,
              .meaning = "upper end; `null`: infinite"),
    TW_SIZE(tw_interior_result, inertia_count, "count", .title = "  between both",
            .meaning = "eigenvalues between both by the pivots of a factorisation"),
    TW_SIZE(tw_interior_result, inertia_listed, "listed", .title = "  found by the search",
            .meaning = "those of them that the search found"),
    TW_NUMBER(tw_interior_result, inertia_margin, "margin", .title = "  margin", .digits = 2,
              .meaning = "distance of the nearest eigenvalue from both ends relative to rounding"),
};
static TW_TABLE(inertia_fields, "inertia of a search", tw_interior_result, inertia_rows);

static const tw_field expected_rows[] = {
    TW_NUMBER(tw_interior_result, expected, "count", .title = "at least",
              .meaning = "at least about so many"),
    TW_NUMBER(tw_interior_result, expected_error, "error", .title = "  error",
              .meaning = "standard error"),
    TW_NUMBER(tw_interior_result, expected_reach, "reach", .title = "  within",
              .meaning = "they lie within this distance of the interval or of zero"),
};
static TW_TABLE(expected_fields, "expected", tw_interior_result, expected_rows);

static bool is_too_much(const void *record) {
    return !isnan(((const tw_interior_result *)record)->expected);
}

static bool has_inertia(const void *record) {
    return ((const tw_interior_result *)record)->inertia_checked;
}

static const tw_field rounds_rows[] = {
    TW_SIZE(tw_interior_result, rounds, "rounds", .title = "rounds",
            .meaning = "searches made, the ones that confirm included"),
    TW_SIZE(tw_interior_result, degree, "filter_degree",
            .meaning = "of the last polynomial filter; 0: none was needed"),
};
static TW_TABLE(rounds_fields, "rounds of a search", tw_interior_result, rounds_rows);

static const tw_field evidence_rows[] = {
    TW_SELF("expected", expected_fields, .title = "expected in the range", .known = is_too_much,
            .meaning = "`null`, or when there are too many pairs: how many, from one random "
                       "vector"),
    TW_SELF("inertia", inertia_fields, .title = "inertia", .known = has_inertia,
            .meaning = "`null` when not made (above order 1000, or not certain), else a second "
                       "count"),
};
static TW_TABLE(evidence_fields, "evidence of a search", tw_interior_result, evidence_rows);

static uint64_t total(const tw_inside_record *r) {
    return tw_levels_total(&r->list.listing->levels);
}

static tw_json *count(const void *record) {
    return tw_json_integer((long long)total(record));
}

static tw_json *count_orbit(const void *record) {
    const tw_inside_record *r = record;
    return tw_json_integer((long long)(total(r) - r->search->pairs.count));
}

static void count_cell(const tw_json *object, char *text, size_t room) {
    bool all = false;
    tw_json_as_boolean(tw_json_get(object, "converged"), &all);
    snprintf(text, room, "%s%.0f", all ? "" : "at least ", tw_cell_number(object, "count"));
}

static const tw_field inside_rows[] = {
    TW_MEMBERS(tw_inside_record, list, tw_spectrum_fields, .meaning = "all keys above"),
    TW_NUMBER(tw_inside_record, gradient_norm, "gradient_norm", .title = "gradient norm",
              .digits = 3, .meaning = "\\|\\|g\\|\\|_2 at the point"),
    TW_BOOLEAN(tw_inside_record, deflated, "deflated",
               .meaning = "whether the symmetry orbit was projected out; where its zero modes "
                          "belong to the list they are one entry, `symmetry orbit`"),
    TW_MEMBERS(tw_inside_record, search, rounds_fields, .pointed = true),
    TW_OBJECT(tw_inside_record, orbit, "symmetry", tw_orbit_fields, .title = "symmetry orbit",
              .pointed = true, .optional = true,
              .meaning = "where the whole Hessian was asked for, see below"),
    TW_MADE("count", count, .title = "eigenvalues found", .cell = count_cell,
            .meaning = "sum of the multiplicities; a lower bound unless `converged`"),
    TW_MADE("count_orbit", count_orbit, .title = "  of the symmetry orbit",
            .meaning = "of these, modes of the symmetry orbit"),
    TW_SIZE(tw_inside_record, max_count, "max_count",
            .meaning = "pairs that were searched for at most"),
    TW_MEMBERS(tw_inside_record, search, evidence_fields, .pointed = true),
};
TW_TABLE(tw_inside_fields, "spectrum inside", tw_inside_record, inside_rows);

/* ---- Closed forms ---- */

static tw_json *name(const void *record) {
    return tw_json_string(((const tw_closed_form *)record)->kind->name);
}

static tw_json *parts_json(const tw_closed_form *form, size_t offset) {
    return tw_column_json(form->part_count, form->parts, sizeof *form->parts, offset);
}

static tw_json *scales(const void *record) {
    return parts_json(record, offsetof(tw_closed_part, scale));
}

static tw_json *other_scales(const void *record) {
    return parts_json(record, offsetof(tw_closed_part, other_scale));
}

TW_NAMES(stabilities, tw_closed_stability, tw_closed_stability_name, TW_CLOSED_SADDLE);

static const tw_field form_rows[] = {
    TW_MADE("scales", scales, .title = "scales", .digits = 15,
            .meaning = "a, b, a_j or q of each part; `null` where it does not exist"),
    TW_MADE("other_scales", other_scales, .title = "  smaller roots, towards zero", .digits = 15,
            .meaning = "the smaller root of each part, its barrier towards zero; `null` for L = 1, "
                       "where there is one root"),
    TW_MADE("name", name, .title = "closed form", .meaning = "as given, without its argument"),
    TW_BOOLEAN(tw_closed_form, exists, "exists",
               .meaning = "`false` beyond the fold; then the exit code is 1"),
    TW_SIZE(tw_closed_form, rank, "rank", .title = "rank", .meaning = "of the logits"),
    TW_NUMBER(tw_closed_form, fold_lambda, "fold_lambda", .title = "exists up to lambda",
              .digits = TW_SHORTEST, .meaning = "largest lambda at which it exists; `null`: none"),
    TW_NUMBER(tw_closed_form, stable_lambda, "stable_lambda", .title = "  stable below",
              .digits = TW_SHORTEST,
              .meaning = "up to here it is a minimum; `null`: unknown; 0: below the smallest "
                         "double"),
    TW_NUMBER(tw_closed_form, beats_zero_lambda, "beats_zero_lambda", .title = "  beats zero below",
              .digits = TW_SHORTEST, .meaning = "up to here it has a lower loss than zero"),
    TW_NAME(tw_closed_form, stability, "stability", stabilities, .title = "stability",
            .meaning = "`stable`, `saddle` or `unknown`: by formula, else from the spectrum where "
                       "it is listed"),
    TW_COUNT(tw_closed_form, orbit_zero_modes, "orbit_zero_modes",
             .meaning = "zero modes by rotations of the hidden spaces"),
    TW_COUNT(tw_closed_form, other_zero_modes, "other_zero_modes", .meaning = "and others"),
};
static TW_TABLE(form_fields, "closed_form", tw_closed_form, form_rows);

static const tw_field value_rows[] = {
    TW_NUMBER(tw_closed_form, loss, "loss", .title = "loss", .digits = 12,
              .meaning = "f; `null` where the point does not exist"),
    TW_NUMBER(tw_closed_form, fit, "fit", .title = "  fit", .digits = 12,
              .meaning = "mean loss; likewise"),
    TW_NUMBER(tw_closed_form, penalty, "penalty", .title = "  penalty", .digits = 12,
              .meaning = "sum of the ridges; likewise"),
};
static TW_TABLE(value_fields, "value of a closed form", tw_closed_form, value_rows);

static const tw_field closed_rows[] = {
    TW_MEMBERS(tw_closed_record, form, value_fields, .pointed = true),
    TW_OBJECT(tw_closed_record, form, "closed_form", form_fields, .title = "", .pointed = true,
              .meaning = "see below"),
    TW_MEMBERS(tw_closed_record, listing, listing_fields, .pointed = true,
               .meaning = "a list, as above"),
};
TW_TABLE(tw_closed_fields, "spectrum of a closed form", tw_closed_record, closed_rows);

static tw_json *case_loss(const void *record) {
    return tw_json_string(((const tw_closed_case *)record)->loss->name);
}

static bool has_width(const void *record) {
    return ((const tw_closed_case *)record)->width > 0;
}

static const tw_field case_rows[] = {
    TW_MADE("loss", case_loss, .title = "loss function", .meaning = "its name"),
    TW_SIZE(tw_closed_case, classes, "classes", .title = "classes K", .meaning = "K"),
    TW_SIZE(tw_closed_case, samples, "samples_per_class", .title = "samples of a class n",
            .meaning = "n"),
    TW_SIZE(tw_closed_case, width, "width", .title = "width d", .known = has_width,
            .optional = true, .meaning = "d; absent where several are asked for"),
    TW_SIZE(tw_closed_case, layers, "depth", .title = "layers L", .meaning = "L"),
    TW_NUMBER(tw_closed_case, lambda, "lambda", .title = "lambda", .meaning = "of every block"),
};
static TW_TABLE(case_fields, "a case of closed forms", tw_closed_case, case_rows);

static bool has_names(const void *record) {
    return ((const tw_closed_input *)record)->names != NULL;
}

static const tw_field input_rows[] = {
    TW_TEXT(tw_closed_input, names, "closed_form", .known = has_names, .optional = true,
            .meaning = "of `free-energy`: the names as given"),
    TW_MEMBERS(tw_closed_input, given, case_fields, .pointed = true),
};
TW_TABLE(tw_closed_input_fields, "input of closed forms", tw_closed_input, input_rows);

/* ---- Plans ---- */

static const tw_field plan_rows[] = {
    TW_TEXT(tw_plan_record, route, "route",
            .meaning = "`dense`, `products`, `inside` (searches inside the spectrum), `probes`, "
                       "`sectors`, `closed-form`"),
    TW_COUNT(tw_plan_record, parameters, "parameters", .meaning = "order of the operator"),
    TW_COUNT(tw_plan_record, products, "products", .meaning = "Hessian products, at least"),
    TW_COUNT(tw_plan_record, products_most, "products_most",
             .meaning = "and at most: the same where they are known; else what is met decides, up "
                        "to the budget"),
    TW_NUMBER(tw_plan_record, seconds_a_product, "seconds_a_product",
              .meaning =
                  "measured in a short calibration, with the vector work that goes with one; "
                  "0 where there are none"),
    TW_NUMBER(tw_plan_record, dense_flops, "dense_flops",
              .meaning = "of dense factorisations: 9 n^3 for all eigenvalues of order n"),
    TW_NUMBER(tw_plan_record, gigabytes, "gigabytes",
              .meaning = "memory above that of the bare program: the point, and the most that the "
                         "work holds at a time"),
    TW_NUMBER(tw_plan_record, seconds, "seconds",
              .meaning = "at least, for a matrix without copies; those with many take down to a "
                         "third"),
    TW_NUMBER(tw_plan_record, seconds_most, "seconds_most", .meaning = "at most"),
};
TW_TABLE(tw_plan_fields, "plan", tw_plan_record, plan_rows);
