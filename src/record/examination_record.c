/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Examinations as records: all of polishing, the count, and the second route to it. */
#include <thalweg/record/degeneracy_record.h>
#include <thalweg/record/point_record.h>

#include "record/fields_private.h"
#include "record/spectra_private.h"

static const tw_field space_rows[] = {
    TW_SIZE(tw_hidden_space, index, "space", .meaning = "l"),
    TW_SIZE(tw_hidden_space, width, "width", .meaning = "d_l"),
    TW_SIZE(tw_hidden_space, rank, "rank", .meaning = "r_l"),
    TW_SIZE(tw_hidden_space, modes, "modes", .meaning = "r d - r (r + 1)/2, its generators"),
    TW_NUMBER(tw_hidden_space, kept, "smallest_kept",
              .meaning = "smallest singular value of [F_l/\\|\\|F_l\\|\\|, "
                         "F_{l+1}^T/\\|\\|F_{l+1}\\|\\|] above the rank tolerance, over the "
                         "largest"),
    TW_NUMBER(tw_hidden_space, dropped, "largest_dropped",
              .meaning = "largest one below it, likewise: the gap between both justifies the rank"),
};
static TW_TABLE(space_fields, "a hidden space", tw_hidden_space, space_rows);

static const tw_field evidence_rows[] = {
    TW_NUMBER(tw_sector_evidence, stationary, "stationary",
              .meaning = "gradient by weights and class means, relative to the norms of H and "
                         "theta"),
    TW_NUMBER(tw_sector_evidence, balanced, "balanced",
              .meaning = "relative violation of the balance law on the class means"),
    TW_NUMBER(tw_sector_evidence, collapsed, "collapsed",
              .meaning = "distance of the features from their class means, relative"),
    TW_NUMBER(tw_sector_evidence, confined, "confined",
              .meaning = "largest part of a factor outside the signal spaces, relative"),
};
static TW_TABLE(evidence_fields, "evidence of sectors", tw_sector_evidence, evidence_rows);

static bool is_applicable(const void *record) {
    return ((const tw_examination *)record)->sectors.applicable;
}

static bool was_compared(const void *record) {
    tw_routes routes = ((const tw_examination *)record)->routes;
    return routes != TW_ROUTES_NOT_COMPARED && routes != TW_ROUTES_UNRESOLVED;
}

static tw_json *agrees(const void *record) {
    return tw_json_boolean(((const tw_examination *)record)->routes != TW_ROUTES_DISAGREE);
}

static tw_json *levels(const void *record) {
    return tw_levels_json(&((const tw_examination *)record)->sectors.levels, 0.0);
}

TW_NAMES(routes, tw_routes, tw_routes_name, TW_ROUTES_DISAGREE);

static const tw_field sector_rows[] = {
    TW_BOOLEAN(tw_examination, sectors.applicable, "applicable",
               .meaning = "whether the formula of [mathematics](../mathematics.md), section 3, "
                          "holds for this point: linear, stationary, balanced, samples of a class "
                          "equal"),
    TW_CHARS(tw_examination, sectors.refusal, "refusal",
             .meaning = "a sentence when it is not applicable, else empty"),
    TW_MADE("agrees", agrees, .known = was_compared,
            .meaning = "`true`: the counts of the result are its own; `false`: it contradicts the "
                       "first route; `null`: nothing was compared, because it is not applicable "
                       "or knows less than the first route, or no count was made, or neither "
                       "resolves the values next to zero"),
    TW_NAME(tw_examination, routes, "outcome", routes, .title = "outcome",
            .meaning = "`agrees`: same counts, smallest non-zero and largest eigenvalue; "
                       "`decides`: the first route could not tell some values from zero, the "
                       "counts are those of the sectors; `does not resolve`: neither can, the "
                       "verdict is `ambiguous`; `disagrees`; `not compared`"),
    TW_MEMBERS(tw_examination, sectors.evidence, evidence_fields),
    TW_MADE("eigenvalues", levels, .of = &tw_level_fields, .known = is_applicable, .optional = true,
            .meaning = "when it is applicable: clusters of the complete spectrum with their labels "
                       "(`include/thalweg/optima/sectors.h` explains them), exact as far as the "
                       "formula holds"),
};
static TW_TABLE(sector_fields, "sectors", tw_examination, sector_rows);

static const tw_field stabiliser_rows[] = {
    TW_SIZE(tw_stabilisers, pairs, "rotations",
            .meaning = "within the signal spaces: r (r - 1)/2 a rotated space"),
    TW_SIZE(tw_stabilisers, count, "count",
            .meaning = "dimension of what moves nothing among them"),
    TW_NUMBER(tw_stabilisers, kept, "smallest_kept",
              .meaning = "smallest singular value of their map to the factors that counts as "
                         "moving, over the largest; `null` where it could not be had"),
    TW_NUMBER(tw_stabilisers, dropped, "largest_dropped",
              .meaning = "largest that does not: their gap justifies the count"),
    TW_TEXT(tw_stabilisers, method, "method",
            .meaning = "`decoupled`, `singular values` or `staircase` (mathematics, section 3)"),
};
static TW_TABLE(stabiliser_fields, "stabilisers", tw_stabilisers, stabiliser_rows);

static const tw_field examination_rows[] = {
    TW_MEMBERS(tw_examination, after, tw_description_fields, .title = "point",
               .meaning = "the keys of `info`, of the polished point"),
    TW_NUMBER(tw_examination, before.loss, "loss_before",
              .meaning = "of the point as the file has it"),
    TW_NUMBER(tw_examination, before.gradient_norm, "gradient_norm_before", .meaning = "likewise"),
    TW_OBJECTS(tw_examination, spaces, space_count, "hidden_spaces", space_fields, .pointed = true,
               .meaning = "one object a rotated hidden space"),
    TW_SIZE(tw_examination, shift_modes, "bias_shift",
            .meaning = "1 when adding a constant to the bias is a symmetry, else 0"),
    TW_OBJECT(tw_examination, stabilisers, "stabilisers", stabiliser_fields,
              .meaning = "rotations that move nothing, and are no modes, see below"),
    TW_OBJECT(tw_examination, polish, "polish", tw_polishing_fields, .title = "polishing",
              .meaning = "what polishing did"),
    TW_MEMBERS(tw_examination, degeneracy, tw_degeneracy_fields, .title = "Hessian"),
    TW_SELF("sectors", sector_fields, .title = "second route (sectors)",
            .meaning = "the second route, see below"),
};
TW_TABLE(tw_examination_fields, "an examination", tw_examination, examination_rows);

static const tw_field compared_rows[] = {
    TW_MEMBERS(tw_compared, examination, tw_examination_fields, .pointed = true,
               .meaning = "the keys of `degeneracy`"),
    TW_TEXT(tw_compared, file, "file", .meaning = "as given"),
};
static TW_TABLE(compared_fields, "a point of compare", tw_compared, compared_rows);

static const tw_field compare_rows[] = {
    TW_OBJECTS(tw_compare_record, points, count, "points", compared_fields, .title = "",
               .across = true, .pointed = true,
               .meaning = "list, in the order of the files: the keys of `degeneracy`, and `file`"),
};
TW_TABLE(tw_compare_fields, "compare", tw_compare_record, compare_rows);
