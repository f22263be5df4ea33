/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/record/claims_record.h>

#include "record/fields_private.h"

/* ---- Figures ---- */

static bool is_comparison(const void *record) {
    return ((const tw_claim_figure *)record)->relation[0] != '\0';
}

static const tw_field figure_rows[] = {
    TW_CHARS(tw_claim_figure, name, "name", .meaning = "what it is"),
    TW_NUMBER(tw_claim_figure, value, "value", .meaning = "as computed"),
    TW_TEXT(tw_claim_figure, relation, "relation", .known = is_comparison, .optional = true,
            .meaning = "of a comparison, as the next three: `=`, `<=`, `>=`, `<`, `>`"),
    TW_NUMBER(tw_claim_figure, reference, "reference", .known = is_comparison, .optional = true,
              .meaning = "what `value` is compared with"),
    TW_NUMBER(tw_claim_figure, tolerance, "tolerance", .known = is_comparison, .optional = true,
              .meaning = "of `=`"),
    TW_BOOLEAN(tw_claim_figure, holds, "holds", .known = is_comparison, .optional = true,
               .meaning = "whether it does"),
};
static TW_TABLE(figure_fields, "a figure", tw_claim_figure, figure_rows);

/* ---- Claims ---- */

static bool is_decided(const void *record) {
    return ((const tw_claim_verdict *)record)->result.answer != TW_CLAIM_UNDECIDED;
}

static bool expects_answer(const void *record) {
    return ((const tw_claim_verdict *)record)->claim->expected != TW_CLAIM_UNDECIDED;
}

static tw_json *holds(const void *record) {
    return tw_json_boolean(((const tw_claim_verdict *)record)->result.answer == TW_CLAIM_HOLDS);
}

static tw_json *expected(const void *record) {
    return tw_json_boolean(((const tw_claim_verdict *)record)->claim->expected == TW_CLAIM_HOLDS);
}

static tw_json *constants(const void *record) {
    const tw_claim_verdict *v = record;
    tw_json *object = tw_json_object();
    for (size_t c = 0; object && c < tw_claim_constants(v->claim); c++)
        if (tw_json_set(object, v->claim->constants[c].name, tw_json_number(v->constants[c])) !=
            TW_OK) {
            tw_json_destroy(object);
            return NULL;
        }
    return object;
}

static const tw_field claim_rows[] = {
    TW_TEXT(tw_claim, id, "id", .meaning = "`a`, `b`, .."),
    TW_TEXT(tw_claim, source, "source",
            .meaning = "where it was published, and where the documentation has it"),
    TW_TEXT(tw_claim, statement, "statement", .meaning = "exactly what was put to the test"),
};
static TW_TABLE(claim_fields, "the text of a claim", tw_claim, claim_rows);

static const tw_field verdict_rows[] = {
    TW_MEMBERS(tw_claim_verdict, claim, claim_fields, .pointed = true),
    TW_CHARS(tw_claim_verdict, result.computed, "computed", .meaning = "what was computed"),
    TW_MADE("holds", holds, .known = is_decided,
            .meaning = "`true`, `false`, or `null`: undecided"),
    TW_MADE("expected", expected, .known = expects_answer,
            .meaning = "the same, as this version's table has it"),
    TW_CHARS(tw_claim_verdict, result.doubt, "doubt",
             .meaning = "why it is undecided; \"\" otherwise"),
    TW_MADE("constants", constants,
            .meaning = "numbers that the statement names, with the values of this run"),
    TW_OBJECTS(tw_claim_verdict, result.figures, result.figure_count, "figures", figure_fields,
               .size = TW_CLAIM_FIGURES, .meaning = "see below"),
};
static TW_TABLE(verdict_fields, "a claim", tw_claim_verdict, verdict_rows);

static tw_json *unexpected(const void *record) {
    const tw_claim_list *r = record;
    long long count = 0;
    for (size_t i = 0; i < r->count; i++) count += !tw_claim_is_expected(&r->claims[i]);
    return tw_json_integer(count);
}

static tw_json *seconds(const void *record) {
    const tw_claim_list *r = record;
    double sum = 0.0;
    for (size_t i = 0; i < r->count; i++) sum += r->claims[i].seconds;
    return tw_json_number(sum);
}

static const tw_field verify_rows[] = {
    TW_OBJECTS(tw_claim_list, claims, count, "claims", verdict_fields, .pointed = true,
               .meaning = "one object a claim, see below, in the order of their ids"),
    TW_MADE("unexpected", unexpected,
            .meaning = "claims whose answer is not what this version expects: not 0 means exit "
                       "code 1"),
    TW_MADE("seconds", seconds, .meaning = "of all computations"),
};
TW_TABLE(tw_verify_fields, "verify", tw_claim_list, verify_rows);

/* ---- Checks ---- */

static tw_json *check_holds(const void *record) {
    return tw_json_boolean(tw_check_holds(record));
}

static const tw_field check_rows[] = {
    TW_CHARS(tw_check, name, "name", .title = "check", .meaning = "what was checked"),
    TW_NUMBER(tw_check, figure, "figure", .title = "figure", .digits = 2, .meaning = "as computed"),
    TW_NUMBER(tw_check, bound, "bound", .title = "bound", .digits = 2,
              .meaning = "what it may be at most"),
    TW_MADE("holds", check_holds, .title = "holds",
            .meaning = "whether the figure is at most the bound"),
};
static TW_TABLE(check_fields, "a check", tw_check, check_rows);

static const tw_field selftest_rows[] = {
    TW_OBJECTS(tw_selftest_result, checks, count, "checks", check_fields, .title = "checks",
               .size = TW_CHECKS, .meaning = "see below"),
    TW_SIZE(tw_selftest_result, failed, "failed", .title = "failed",
            .meaning = "how many do not hold"),
};
TW_TABLE(tw_selftest_fields, "selftest", tw_selftest_result, selftest_rows);
