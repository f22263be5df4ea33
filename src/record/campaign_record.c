/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/record/campaign_record.h>

#include <math.h>
#include <string.h>
#include <thalweg/record/point_record.h>

#include "record/fields_private.h"

/* ---- One setting ---- */

static const tw_field unseen_rows[] = {
    TW_NUMBER(tw_interval, value, "value", .meaning = "estimate"),
    TW_NUMBER(tw_interval, high, "high", .meaning = "at most this, 95 %"),
};
static TW_TABLE(unseen_fields, "unseen_mass", tw_interval, unseen_rows);

static const tw_field class_rows[] = {
    TW_TEXT(tw_campaign_class, name, "name", .meaning = "of the class"),
    TW_SIZE(tw_campaign_class, rank, "rank", .meaning = "of the logits"),
    TW_NUMBER(tw_campaign_class, loss, "loss", .meaning = "f"),
    TW_SIZE(tw_campaign_class, count, "count", .meaning = "restarts that ended in it"),
    TW_SIZE(tw_campaign_class, first, "first", .meaning = "smallest number of its restarts"),
    TW_NUMBER(tw_campaign_class, fraction.value, "fraction", .meaning = "of the restarts"),
    TW_NUMBER(tw_campaign_class, fraction.low, "low", .meaning = "95 %, Clopper-Pearson"),
    TW_NUMBER(tw_campaign_class, fraction.high, "high", .meaning = "likewise"),
};
static TW_TABLE(class_fields, "a class", tw_campaign_class, class_rows);

enum { STOPS = 48, RUNNING_CLASSES = 8 };

/* The counts of one class along the way, and at which numbers of restarts they are kept: in equal
 * ratios up to all of them. */
typedef struct running_class {
    const char *name;
    size_t count, *counts;
} running_class;

typedef struct running {
    size_t stop_count, class_count;
    size_t stops_[STOPS], counts[RUNNING_CLASSES][STOPS];
    size_t *stops;
    running_class classes[RUNNING_CLASSES];
} running;

static const tw_field running_class_rows[] = {
    TW_SIZES(running_class, counts, count, "counts", .meaning = "members among these restarts"),
    TW_TEXT(running_class, name, "name", .meaning = "of the class"),
};
static TW_TABLE(running_class_fields, "a class along the way", running_class, running_class_rows);

static const tw_field running_rows[] = {
    TW_SIZES(running, stops, stop_count, "restarts", .meaning = "numbers of restarts"),
    TW_OBJECTS(running, classes, class_count, "classes", running_class_fields,
               .size = RUNNING_CLASSES, .meaning = "the eight most frequent ones"),
};
static TW_TABLE(running_fields, "running", running, running_rows);

static size_t choose_stops(size_t done, size_t stops[STOPS]) {
    size_t count = 0;
    for (size_t i = 1; i <= STOPS; i++) {
        size_t stop = (size_t)llround(pow((double)done, (double)i / STOPS));
        if (stop > 0 && (count == 0 || stop > stops[count - 1])) stops[count++] = stop;
    }
    return count;
}

static void count_class(const tw_campaign_table *t, running *r, size_t class) {
    size_t met = 0, next = 0;
    for (size_t i = 0; i < t->done && next < r->stop_count; i++) {
        if (t->member[i] == class) met++;
        if (i + 1 == r->stops_[next]) r->counts[class][next++] = met;
    }
    r->classes[class] = (running_class){t->classes[class].name, r->stop_count, r->counts[class]};
}

static tw_json *course(const void *record) {
    const tw_campaign_table *t = record;
    running r = {.class_count = t->count < RUNNING_CLASSES ? t->count : RUNNING_CLASSES};
    r.stop_count = choose_stops(t->done, r.stops_);
    r.stops = r.stops_;
    for (size_t c = 0; c < r.class_count; c++) count_class(t, &r, c);
    return tw_fields_json(&running_fields, &r);
}

static tw_json *setting(const void *record) {
    const char *text = ((const tw_campaign_table *)record)->setting;
    tw_json *value = NULL;
    return tw_json_parse(text, strlen(text), &value) == TW_OK ? value : NULL;
}

static const tw_field table_rows[] = {
    TW_MADE("setting", setting, .meaning = "its members ([campaign](campaign.md))"),
    TW_SIZE(tw_campaign_table, asked, "asked", .meaning = "restarts in all"),
    TW_SIZE(tw_campaign_table, done, "restarts", .meaning = "finished"),
    TW_OBJECTS(tw_campaign_table, classes, count, "classes", class_fields, .pointed = true,
               .meaning = "most members first, see below"),
    TW_OBJECT(tw_campaign_table, unseen, "unseen_mass", unseen_fields,
              .meaning = "probability of a class that was not met"),
    TW_MADE("running", course, .of = &running_fields,
            .meaning = "how the counts came about, see below"),
    TW_SIZE(tw_campaign_table, evaluations, "evaluations", .meaning = "of all restarts"),
    TW_SIZE(tw_campaign_table, products, "products", .meaning = "likewise"),
};
static TW_TABLE(table_fields, "a setting", tw_campaign_table, table_rows);

/* ---- Settings against each other ---- */

static const tw_field difference_rows[] = {
    TW_SIZE(tw_difference, first, "first", .meaning = "number of a setting"),
    TW_SIZE(tw_difference, second, "second", .meaning = "likewise"),
    TW_TEXT(tw_difference, name, "class", .meaning = "that the test is about"),
    TW_NUMBER(tw_difference, p, "p", .meaning = "Fisher's exact test"),
    TW_NUMBER(tw_difference, adjusted, "p_holm", .meaning = "Holm's, over the whole list"),
};
static TW_TABLE(difference_fields, "a difference", tw_difference, difference_rows);

static const tw_field cell_rows[] = {
    TW_TEXT(tw_transition_cell, from, "from", .meaning = "class under the first setting"),
    TW_TEXT(tw_transition_cell, to, "to", .meaning = "class under the second"),
    TW_SIZE(tw_transition_cell, count, "count", .meaning = "restarts, at least one"),
};
static TW_TABLE(cell_fields, "a cell", tw_transition_cell, cell_rows);

static const tw_field transition_rows[] = {
    TW_SIZE(tw_transition, first, "first", .meaning = "number of a setting"),
    TW_SIZE(tw_transition, second, "second", .meaning = "likewise"),
    TW_SIZE(tw_transition, pairs, "pairs", .meaning = "restarts finished under both"),
    TW_SIZE(tw_transition, same, "same", .meaning = "of them in classes of one name"),
    TW_TEXT(tw_transition, name, "class", .meaning = "that the test is about"),
    TW_NUMBER(tw_transition, p, "p", .meaning = "McNemar's exact test on that class"),
    TW_OBJECTS(tw_transition, cells, cell_count, "cells", cell_fields, .pointed = true,
               .meaning = "see below"),
};
static TW_TABLE(transition_fields, "a transition", tw_transition, transition_rows);

/* ---- Return curves ---- */

static tw_json *ends(const tw_return_curve *c, size_t offset) {
    return tw_column_json(c->count, c->fraction, sizeof *c->fraction, offset);
}

static tw_json *fractions(const void *record) {
    return ends(record, offsetof(tw_interval, value));
}

static tw_json *lows(const void *record) {
    return ends(record, offsetof(tw_interval, low));
}

static tw_json *highs(const void *record) {
    return ends(record, offsetof(tw_interval, high));
}

static const tw_field interval_rows[] = {
    TW_NUMBER(tw_interval, value, "value",
              .meaning = "`null` where the radii do not hold it, and likewise"),
    TW_NUMBER(tw_interval, low, "low", .meaning = "lower end, 95 %"),
    TW_NUMBER(tw_interval, high, "high", .meaning = "upper end, 95 %"),
};
static TW_TABLE(interval_fields, "half_radius", tw_interval, interval_rows);

static const tw_field curve_rows[] = {
    TW_TEXT(tw_return_curve, optimum, "optimum", .meaning = "the file"),
    TW_TEXT(tw_return_curve, direction, "direction", .meaning = "of the perturbations"),
    TW_TEXT(tw_return_curve, method, "method", .meaning = "of descent"),
    TW_SIZES(
        tw_return_curve, setting, count, "settings",
        .meaning = "their numbers; this and the other lists have an entry a radius, ascending"),
    TW_NUMBERS(tw_return_curve, radius, count, "radius", .meaning = "distance of the starts"),
    TW_SIZES(tw_return_curve, done, count, "restarts", .meaning = "finished"),
    TW_SIZES(tw_return_curve, returned, count, "returned", .meaning = "of them to the optimum"),
    TW_MADE("fraction", fractions, .meaning = "of both"),
    TW_MADE("low", lows, .meaning = "95 %, Clopper-Pearson"),
    TW_MADE("high", highs, .meaning = "likewise"),
    TW_OBJECT(tw_return_curve, half, "half_radius", interval_fields,
              .meaning = "radius with return probability one half"),
};
static TW_TABLE(curve_fields, "a return curve", tw_return_curve, curve_rows);

/* ---- A campaign ---- */

static tw_json *tolerance_item(const void *record, size_t index) {
    (void)record;
    return tw_json_number(tw_scan_tolerance(index));
}

static tw_json *tolerances(const void *record) {
    return tw_list_json(TW_SCANNED, tolerance_item, record);
}

static tw_json *scanned_item(const void *record, size_t index) {
    return tw_sizes_json(TW_SCANNED, ((const tw_summary *)record)->scan + index * TW_SCANNED);
}

static tw_json *scanned(const void *record) {
    return tw_list_json(((const tw_summary *)record)->count, scanned_item, record);
}

static bool was_scanned(const void *record) {
    return ((const tw_summary *)record)->scan != NULL;
}

static bool lists_differences(const void *record) {
    return !((const tw_summary *)record)->too_many;
}

static const tw_field scan_rows[] = {
    TW_MADE("tolerance", tolerances, .meaning = "a list"),
    TW_MADE("classes", scanned, .meaning = "for every setting how many classes there are at each"),
};
static TW_TABLE(scan_fields, "tolerance_scan", tw_summary, scan_rows);

static const tw_field summary_rows[] = {
    TW_OBJECTS(tw_summary, tables, count, "settings", table_fields, .pointed = true,
               .meaning = "one object a setting, see below"),
    TW_OBJECTS(tw_summary, differences, difference_count, "differences", difference_fields,
               .pointed = true, .known = lists_differences,
               .meaning = "settings that differ in one member; `null` when there are more than "
                          "20,000"),
    TW_OBJECTS(tw_summary, transitions, transition_count, "transitions", transition_fields,
               .pointed = true, .meaning = "settings that share their starts"),
    TW_OBJECTS(tw_summary, curves, curve_count, "return_curves", curve_fields, .pointed = true,
               .meaning = "settings that start `around` a point and differ in `radius` alone"),
    TW_SELF("tolerance_scan", scan_fields, .known = was_scanned, .optional = true,
            .meaning = "with `--tolerance-scan`"),
};
TW_TABLE(tw_summary_fields, "basins", tw_summary, summary_rows);

/* ---- One restart ---- */

static bool has_negative(const void *record) {
    return ((const tw_store_row *)record)->negative >= 0;
}

static bool has_zero(const void *record) {
    return ((const tw_store_row *)record)->zero >= 0;
}

static tw_json *negative(const void *record) {
    return tw_json_integer(((const tw_store_row *)record)->negative);
}

static tw_json *zero(const void *record) {
    return tw_json_integer(((const tw_store_row *)record)->zero);
}

TW_NAMES(endings, tw_ending, tw_ending_name, TW_ENDINGS - 1);

static const tw_field end_rows[] = {
    TW_NAME(tw_store_row, reason, "reason", endings, .title = "ended by",
            .meaning = "why the descent ended"),
    TW_NUMBER(tw_store_row, loss, "loss", .title = "loss", .digits = 12, .meaning = "f"),
    TW_NUMBER(tw_store_row, gradient_norm, "gradient_norm", .title = "gradient norm", .digits = 3,
              .meaning = "\\|\\|g\\|\\|_2"),
    TW_SIZE(tw_store_row, rank, "rank", .title = "logit rank", .meaning = "of the logits"),
    TW_MADE("negative_modes", negative, .title = "negative modes", .known = has_negative,
            .meaning = "`null`: not counted"),
    TW_MADE("zero_modes", zero, .title = "zero modes", .known = has_zero, .meaning = "likewise"),
    TW_NUMBERS(tw_store_row, singular_values, singular_count, "logit_singular_values",
               .title = "logit singular values", .digits = 5, .meaning = "descending"),
    TW_SIZE(tw_store_row, evaluations, "evaluations", .title = "gradients",
            .meaning = "of value and gradient"),
    TW_SIZE(tw_store_row, products, "products", .title = "Hessian products",
            .meaning = "Hessian products"),
    TW_NUMBER(tw_store_row, seconds, "seconds", .title = "seconds", .digits = 3,
              .meaning = "of the clock"),
};
static TW_TABLE(end_fields, "the end of a restart", tw_store_row, end_rows);

static const tw_field number_rows[] = {
    TW_SIZE(tw_store_row, index, "index", .title = "restart", .meaning = "number of the restart"),
};
static TW_TABLE(number_fields, "a restart", tw_store_row, number_rows);

static bool was_stored(const void *record) {
    return ((const tw_restart_record *)record)->stored;
}

static const tw_field restart_rows[] = {
    TW_MEMBERS(tw_restart_record, row, number_fields, .pointed = true),
    TW_TEXT(tw_restart_record, class_name, "class", .title = "class", .meaning = "its name"),
    TW_MEMBERS(tw_restart_record, row, end_fields, .pointed = true),
    TW_BOOLEAN(tw_restart_record, same, "as_stored", .title = "as stored", .known = was_stored,
               .meaning = "whether the stored row has the same bits, `null` without one"),
};
TW_TABLE(tw_restart_fields, "basins --only", tw_restart_record, restart_rows);

/* ---- Critical points ---- */

static bool has_direction(const void *record) {
    return ((const tw_finding *)record)->direction != NULL;
}

static bool has_doubt(const void *record) {
    return ((const tw_finding *)record)->doubt[0] != '\0';
}

static const tw_field rayleigh_rows[] = {
    TW_NUMBER(tw_finding, rayleigh, "value", .meaning = "v^T H v / v^T v by doubles"),
    TW_NUMBER(tw_finding, rayleigh_lower, "lower", .meaning = "proved lower bound"),
    TW_NUMBER(tw_finding, rayleigh_upper, "upper", .title = "v'Hv proved below", .digits = 8,
              .meaning = "proved upper bound"),
};
static TW_TABLE(rayleigh_fields, "rayleigh of a critical point", tw_finding, rayleigh_rows);

static const tw_field proof_rows[] = {
    TW_BOOLEAN(tw_finding, certified, "proved",
               .meaning = "whether it is proved; numbers that "
                          "are not are `null`"),
    TW_SELF("rayleigh", rayleigh_fields, .title = "", .meaning = "`value`, `lower`, `upper`"),
    TW_NUMBER(tw_finding, gradient_upper, "gradient_norm_upper",
              .meaning = "\\|\\|g\\|\\|_2 is at most this"),
    TW_NUMBER(tw_finding, step, "step", .meaning = "t"),
    TW_NUMBER(tw_finding, decrease, "decrease",
              .meaning = "f(theta) - f(theta + t v) is at least this"),
};
static TW_TABLE(proof_fields, "certificate of a critical point", tw_finding, proof_rows);

static const tw_field finding_rows[] = {
    TW_CHARS(tw_finding, name, "name", .title = "name",
             .meaning = "of a known form, else made of rank and loss"),
    TW_CHARS(tw_finding, verdict, "verdict", .title = "verdict", .meaning = "as in `degeneracy`"),
    TW_NUMBER(tw_finding, loss, "loss", .title = "loss", .digits = 11, .meaning = "f"),
    TW_NUMBER(tw_finding, gradient_norm, "gradient_norm", .title = "||g||", .digits = 3,
              .meaning = "\\|\\|g\\|\\|_2"),
    TW_NUMBER(tw_finding, norm, "hessian_norm", .meaning = "\\|\\|H\\|\\|_2"),
    TW_NUMBER(tw_finding, smallest, "smallest_eigenvalue", .meaning = "of the Hessian"),
    TW_SIZE(tw_finding, index, "index", .title = "index", .meaning = "negative eigenvalues"),
    TW_SIZE(tw_finding, rank, "rank", .title = "rank", .meaning = "of the logits"),
    TW_SIZE(tw_finding, zero_modes, "zero_modes", .meaning = "as in `degeneracy`"),
    TW_SIZE(tw_finding, symmetry_modes, "symmetry_modes", .meaning = "as in `degeneracy`"),
    TW_SIZE(tw_finding, found, "found", .title = "found", .meaning = "starts that ended there"),
    TW_SIZE(tw_finding, first, "first", .meaning = "the first of them"),
    TW_CHARS(tw_finding, doubt, "doubt", .known = has_doubt, .optional = true,
             .meaning = "where a count hangs on rounding; otherwise absent"),
    TW_SELF("certificate", proof_fields, .title = "", .known = has_direction,
            .meaning = "`null` without a negative eigenvalue, else see below"),
};
TW_TABLE(tw_finding_fields, "a critical point", tw_finding, finding_rows);

static const tw_field critical_result_rows[] = {
    TW_OBJECTS(tw_critical_result, points, count, "points", tw_finding_fields,
               .title = "critical points", .pointed = true,
               .meaning = "one object a critical point, lowest loss first; see below"),
    TW_SIZE(tw_critical_result, starts, "starts", .title = "starts", .meaning = "finished starts"),
    TW_SIZE(tw_critical_result, converged, "converged", .title = "  at a critical point",
            .meaning = "how many of them ended at a critical point"),
    TW_BOOLEAN(tw_critical_result, cancelled, "cancelled",
               .meaning = "whether it was ended before all starts were done"),
};
static TW_TABLE(critical_result_fields, "a search", tw_critical_result, critical_result_rows);

static const tw_field critical_rows[] = {
    TW_MEMBERS(tw_critical_record, result, critical_result_fields, .pointed = true),
    TW_TEXT(tw_critical_record, file, "file", .meaning = "the [file](critical.md), or `null`"),
};
TW_TABLE(tw_critical_fields, "critical", tw_critical_record, critical_rows);

tw_status tw_critical_plan(const tw_dufm *model, const tw_critical_options *options, char **text) {
    tw_status status = TW_OK;
    const tw_critical_options how = options ? *options : TW_CRITICAL_DEFAULTS;
    const tw_input input = {NULL, "", model};
    tw_json *plan = tw_json_object();
    TW_TRY(plan ? TW_OK : TW_ERR_MEMORY);
    TW_TRY(tw_json_set(plan, "model", tw_fields_json(&tw_input_fields, &input)));
    TW_TRY(tw_json_set(plan, "seed", tw_json_integer((long long)how.seed)));
    TW_TRY(tw_json_set(plan, "max_iterations", tw_json_integer((long long)how.max_iterations)));
    TW_TRY(tw_json_set(plan, "match_tolerance", tw_json_number(how.match.tolerance)));
    TW_TRY(tw_json_set(plan, "rank_tolerance", tw_json_number(how.rank_tolerance)));
    *text = tw_json_text(plan, 0);
    status = *text ? TW_OK : TW_ERR_MEMORY;
cleanup:
    tw_json_destroy(plan);
    return status;
}
