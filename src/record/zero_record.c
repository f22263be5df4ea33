/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rules for zero as JSON. */
#include <math.h>
#include <stdio.h>

#include "record/fields_private.h"
#include "record/spectra_private.h"

static bool is_whole(const void *record) {
    return ((const tw_zero_record *)record)->whole;
}

static tw_json *factor_below(const void *record) {
    return tw_json_number(tw_zero_rule_below(&((const tw_zero_record *)record)->rule));
}

static tw_json *factor_above(const void *record) {
    return tw_json_number(tw_zero_rule_above(&((const tw_zero_record *)record)->rule));
}

static tw_json *stands(const void *record) {
    const tw_zero_rule *rule = &((const tw_zero_record *)record)->rule;
    return tw_json_boolean(tw_zero_rule_doubt(rule) == TW_ZERO_CLEAR);
}

TW_NAMES(origins, tw_zero_origin, tw_zero_origin_name, TW_ZERO_TOLD);

static void threshold_cell(const tw_json *object, char *text, size_t room) {
    double threshold = tw_cell_number(object, "threshold");
    snprintf(text, room, "-");
    if (isfinite(threshold))
        snprintf(text, room, "%.2g (%s)", threshold,
                 tw_json_as_string(tw_json_get(object, "origin")));
}

static const tw_field rows[] = {
    TW_NAME(tw_zero_record, rule.origin, "origin", origins,
            .meaning = "which error is the largest: `rounding`, `gradient`, `tangent probes`, "
                       "`resolving route` (sectors, closed form), or `told` by the user"),
    TW_NUMBER(tw_zero_record, rule.threshold, "threshold", .title = "zero means |t| <=",
              .cell = threshold_cell, .meaning = "\\|t\\| up to it counts as zero"),
    TW_NUMBER(tw_zero_record, rule.error, "error",
              .meaning = "what the known errors explain: a zero mode beyond it that no symmetry "
                         "explains, and that is not one cluster with those within it, is a doubt"),
    TW_NUMBER(tw_zero_record, rule.gap, "gap",
              .meaning = "the factor that is demanded above the threshold"),
    TW_NUMBER(tw_zero_record, rule.largest_zero, "largest_zero",
              .title = "  largest |t| counted zero", .digits = 2, .quiet = true,
              .meaning = "what was seen below the threshold, next to it"),
    TW_NUMBER(tw_zero_record, rule.smallest_nonzero, "smallest_nonzero", .title = "  next |t|",
              .quiet = true, .digits = 6, .meaning = "what was seen above it"),
    TW_MADE("factor_below", factor_below, .title = "  times below it", .digits = 2, .quiet = true,
            .meaning = "threshold/`largest_zero`; `null`: nothing was seen there"),
    TW_MADE("factor_above", factor_above, .title = "  times to the next value", .digits = 2,
            .quiet = true, .meaning = "\\|`smallest_nonzero`\\|/threshold; likewise"),
    TW_COUNT(tw_zero_record, rule.negative, "negative", .title = "negative modes",
             .known = is_whole,
             .meaning = "the count; `null` when not the whole spectrum was seen"),
    TW_COUNT(tw_zero_record, rule.zero, "zero", .title = "zero modes", .known = is_whole,
             .meaning = "likewise"),
    TW_COUNT(tw_zero_record, rule.positive, "positive", .title = "positive modes",
             .known = is_whole, .meaning = "likewise"),
    TW_MADE("stands", stands, .known = is_whole,
            .meaning = "whether the counts stand: a gap on both sides, and no other route that "
                       "contradicts them; `null` likewise"),
};
TW_TABLE(tw_zero_fields, "zero_rule", tw_zero_record, rows);

tw_json *tw_zero_json(const tw_zero_rule *rule, bool whole) {
    const tw_zero_record record = {*rule, whole};
    return tw_fields_json(&tw_zero_fields, &record);
}
