/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/record/degeneracy_record.h>

#include <math.h>
#include <stdio.h>

#include "record/fields_private.h"
#include "record/spectra_private.h"

#define ROW(kind, member, ...) kind(tw_degeneracy_result, member, __VA_ARGS__)

static bool is_counted(const void *record) {
    return ((const tw_degeneracy_result *)record)->counted;
}

static bool inertia_checked(const void *record) {
    return ((const tw_degeneracy_result *)record)->inertia_checked;
}

static tw_json *gap(const void *record) {
    const tw_degeneracy_result *d = record;
    return tw_json_number(tw_zero_rule_above(&d->zero));
}

static tw_json *largest(const void *record) {
    const tw_eigenpairs *high = &((const tw_degeneracy_result *)record)->high;
    return high->count ? tw_json_number(high->values[high->count - 1]) : tw_json_null();
}

static tw_json *largest_eigenvalues(const void *record) {
    const tw_degeneracy_result *d = record;
    return tw_pairs_json(&d->high, d->norm);
}

static tw_json *low_eigenvalues(const void *record) {
    const tw_degeneracy_result *d = record;
    return tw_pairs_json(&d->low, d->norm);
}

static tw_json *zero_rule(const void *record) {
    const tw_degeneracy_result *d = record;
    return tw_zero_json(&d->zero, d->counted);
}

static tw_json *eigenvalues(const void *record) {
    return tw_degeneracy_levels_json(record);
}

static const tw_field zero_rows[] = {
    ROW(TW_SIZE, zero_modes, "found", .known = is_counted,
        .meaning = "eigenvalues with \\|t\\| at most the threshold"),
    ROW(TW_SIZE, symmetry_modes, "symmetry", .title = "zero modes by symmetry",
        .meaning = "dimension of the symmetry orbit (3.4): the sum of `hidden_spaces[].modes`, "
                   "less `stabilisers.count`, and `bias_shift`"),
    ROW(TW_INTEGER, unexplained, "unexplained", .title = "  unexplained", .known = is_counted,
        .meaning = "`found` - `symmetry`; negative when a route lost some"),
    ROW(TW_NUMBER, zero.threshold, "threshold", .meaning = "(7.1)"),
    ROW(TW_NUMBER, zero.largest_zero, "largest_zero",
        .meaning = "largest \\|t\\| that was counted as zero"),
    TW_MADE("gap", gap,
            .meaning = "\\|`smallest_nonzero`\\|/`threshold`; below the `gap` of the "
                       "`zero_rule` the verdict is `ambiguous`"),
    ROW(TW_NUMBER, tangent_residual, "tangent_residual",
        .meaning = "largest \\|\\|H v\\|\\| over random unit tangent vectors of the orbit"),
};
static TW_TABLE(zero_fields, "zero_modes", tw_degeneracy_result, zero_rows);

static const tw_field inertia_rows[] = {
    ROW(TW_BOOLEAN, inertia_checked, "checked", .meaning = "whether this count was made"),
    ROW(TW_BOOLEAN, inertia_agrees, "agrees", .known = inertia_checked,
        .meaning = "`null` when not checked; a disagreement makes the verdict `ambiguous`"),
    ROW(TW_NUMBER, inertia.margin, "margin", .known = inertia_checked,
        .meaning = "distance of the nearest eigenvalue from the shifts relative to rounding"),
};
static TW_TABLE(inertia_fields, "inertia of an examination", tw_degeneracy_result, inertia_rows);

TW_NAMES(verdicts, tw_verdict, tw_verdict_name, TW_VERDICT_AMBIGUOUS);

static double worst(const tw_json *pairs) {
    double largest = 0.0;
    for (size_t i = 0; i < tw_json_size(pairs); i++)
        largest = fmax(largest, tw_cell_number(tw_json_at(pairs, i), "residual"));
    return largest;
}

/* Of all pairs that were searched for. */
static void residual_cell(const tw_json *object, char *text, size_t room) {
    const tw_json *high = tw_json_get(object, "largest_eigenvalues");
    const tw_json *low = tw_json_get(object, "low_eigenvalues");
    bool any = tw_json_size(high) + tw_json_size(low) > 0;
    snprintf(text, room, any ? "%.2g" : "-", fmax(worst(high), worst(low)));
}

static const tw_field rows[] = {
    ROW(TW_NUMBER, norm, "hessian_norm", .title = "norm", .meaning = "\\|\\|H\\|\\|_2"),
    ROW(TW_SIZE, negative_modes, "negative_modes", .known = is_counted,
        .meaning = "eigenvalues below minus the threshold"),
    ROW(TW_SIZE, positive_modes, "positive_modes", .known = is_counted,
        .meaning = "all others: P - `negative_modes` - `zero_modes.found`"),
    TW_SELF("inertia", inertia_fields,
            .meaning = "the counts without eigenvalues, dense route only, see below"),
    ROW(TW_NUMBER, smallest, "smallest", .title = "smallest eigenvalue", .digits = 10,
        .meaning = "smallest eigenvalue; 0 when above the dense limit only zero modes of the "
                   "tangent are below the positive ones"),
    ROW(TW_NUMBER, smallest_nonzero, "smallest_nonzero", .title = "smallest non-zero", .digits = 10,
        .meaning = "smallest \\|t\\| above the threshold, with its sign; `null`: none found"),
    TW_MADE("largest", largest, .meaning = "largest eigenvalue; `null`: none found"),
    TW_MADE("largest_eigenvalues", largest_eigenvalues, .title = "  worst residual / ||H||",
            .cell = residual_cell, .of = &tw_pair_fields,
            .meaning = "the largest six, ascending: pairs"),
    TW_MADE("low_eigenvalues", low_eigenvalues, .of = &tw_pair_fields,
            .meaning = "above the dense limit: the pairs at the lower end outside the symmetry's "
                       "tangent, up to the first above the threshold"),
    TW_MADE("eigenvalues", eigenvalues, .title = "eigenvalues", .of = &tw_level_fields,
            .meaning = "clusters as in `spectrum` (tolerance 1e-9). Dense route: all. Otherwise: "
                       "what is known, with the zero modes as one entry of value 0"),
    ROW(TW_TEXT, method, "method", .title = "route",
        .meaning = "`dense`, `deflated lanczos`, or `both ends` where the zero modes are those "
                   "between the negative and the positive ones"),
    ROW(TW_SIZE, products, "products", .title = "Hessian products",
        .meaning = "Hessian products of the analysis, polishing not included"),
    TW_MADE("zero_rule", zero_rule, .title = "", .of = &tw_zero_fields,
            .meaning = "the rule of the counts, see below"),
    TW_SELF("zero_modes", zero_fields, .title = "", .meaning = "the ledger, see below"),
    ROW(TW_NAME, verdict, "verdict", verdicts, .title = "verdict",
        .meaning = "`minimum`, `strict saddle`, `degenerate`, `not stationary`, `ambiguous`"),
    ROW(TW_CHARS, doubt, "doubt",
        .meaning = "a sentence when the verdict is one of the last two, else empty"),
};
TW_TABLE(tw_degeneracy_fields, "counts and verdict", tw_degeneracy_result, rows);
