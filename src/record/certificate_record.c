/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/record/certificate_record.h>

#include <math.h>
#include <stdio.h>
#include <thalweg/record/point_record.h>

#include "record/fields_private.h"

static const tw_field enclosure_rows[] = {
    TW_NUMBER(tw_enclosure, value, "value", .meaning = "by doubles, or the middle"),
    TW_NUMBER(tw_enclosure, lower, "lower", .meaning = "proved lower bound"),
    TW_NUMBER(tw_enclosure, upper, "upper", .meaning = "proved upper bound"),
};
static void enclosure_cell(const tw_json *object, char *text, size_t room) {
    double lower = tw_cell_number(object, "lower");
    snprintf(text, room, isnan(lower) ? "-" : "[%.17g, %.17g]", lower,
             tw_cell_number(object, "upper"));
}

static TW_CELL_TABLE(enclosure_fields, "an enclosed number", tw_enclosure, enclosure_rows,
                     enclosure_cell, NULL);

/* ---- A certificate ---- */

static bool is_proved(const void *record) {
    return ((const tw_certificate *)record)->proved;
}

TW_NAMES(reasons, tw_certificate_reason, tw_certificate_reason_name, TW_CERTIFICATE_REFUTED);

static const tw_field certificate_rows[] = {
    TW_BOOLEAN(tw_certificate, proved, "proved", .meaning = "whether there is a certificate"),
    TW_NAME(tw_certificate, reason, "reason", reasons, .title = "outcome",
            .meaning = "`proved`, or why not: [certify](../manual/certify.md#how-to-read-it)"),
    TW_TEXT(tw_certificate, refuted, "refuted", .title = "refuted", .quiet = true,
            .meaning = "with `--check`: `rayleigh`, `gradient`, `decrease` or `step`; else empty"),
    TW_OBJECT(tw_certificate, rayleigh, "rayleigh", enclosure_fields,
              .title = "Rayleigh quotient in",
              .meaning = "v^T H v / v^T v of the last direction tried, enclosed; members `null` "
                         "without one"),
    TW_OBJECT(tw_certificate, gradient, "gradient", enclosure_fields, .title = "gradient norm in",
              .meaning = "\\|\\|g\\|\\|_2, enclosed; `gradient_norm` is the plain double"),
    TW_NUMBER(tw_certificate, step, "step", .title = "step t", .digits = 17, .quiet = true,
              .known = is_proved, .meaning = "t; `null` unless proved"),
    TW_NUMBER(tw_certificate, decrease, "decrease", .title = "f(theta) - f(theta + t v) >=",
              .digits = 17, .quiet = true, .known = is_proved,
              .meaning = "the proved bound of f(theta) - f(theta + t v); `null` unless proved"),
    TW_SIZE(tw_certificate, bits, "bits", .title = "bits of the mantissas", .quiet = true,
            .meaning = "mantissas that decided it; 0 when no direction was tried"),
};
static TW_TABLE(certificate_fields, "a certificate", tw_certificate, certificate_rows);

/* ---- certify ---- */

static bool is_matched(const void *record) {
    return ((const tw_null_match *)record)->matched;
}

static const tw_field match_rows[] = {
    TW_BOOLEAN(tw_null_match, matched, "matched", .meaning = "by the dense route"),
    TW_SIZE(tw_null_match, found, "found", .known = is_matched,
            .meaning = "zero modes found; `null` unless matched, like the next"),
    TW_SIZE(tw_null_match, symmetry, "symmetry", .known = is_matched,
            .meaning = "dimension of the symmetry's tangent"),
    TW_NUMBER(tw_null_match, angle, "largest_principal_angle",
              .title = "largest angle to the symmetry tangent, rad", .digits = 2, .quiet = true,
              .meaning = "between the two, in radians"),
    TW_NUMBER(tw_null_match, residual, "residual", .title = "  largest residual", .digits = 2,
              .quiet = true, .meaning = "largest of all eigenpairs, absolute"),
};
static TW_TABLE(match_fields, "null_space", tw_null_match, match_rows);

static bool is_counted(const void *record) {
    return ((const tw_certification *)record)->examination.degeneracy.counted;
}

static bool is_applicable(const void *record) {
    return ((const tw_certification *)record)->global.applicable;
}

/* Optimal up to the threshold below which an eigenvalue counts as zero. */
static tw_json *optimal(const void *record) {
    const tw_certification *c = record;
    const tw_zero_rule *zero = &c->examination.degeneracy.zero;
    return tw_json_boolean(tw_zero_rule_sign(zero, c->global.curvature) >= 0);
}

static const tw_field global_rows[] = {
    TW_MADE("optimal", optimal, .title = "global minimum", .known = is_counted,
            .meaning = "whether the point is a global minimum; `null` when no count was made"),
    TW_NUMBER(tw_certification, global.slope, "slope", .title = "||dloss/dZ||_2", .digits = 15,
              .meaning = "\\|\\|dloss/dZ\\|\\|_2"),
    TW_NUMBER(tw_certification, global.bound, "bound", .title = "sqrt(lambda_W lambda_H)",
              .digits = 15, .meaning = "sqrt(lambda_W lambda_H)"),
    TW_NUMBER(tw_certification, global.curvature, "curvature", .title = "curvature in closed form",
              .digits = 10, .meaning = "of the closed-form direction"),
    TW_BOOLEAN(tw_certification, global.room, "room", .title = "  room for it",
               .meaning = "whether there is one"),
};
static TW_TABLE(global_fields, "global", tw_certification, global_rows);

enum { PHRASE = 64 };

/* "strict saddle of index 5": the verdict with its figure. */
static void describe_verdict(const tw_degeneracy_result *d, char text[PHRASE]) {
    const char *name = tw_verdict_name(d->verdict);
    if (d->verdict == TW_VERDICT_MINIMUM)
        snprintf(text, PHRASE, "%s%s", name, d->symmetry_modes ? " modulo symmetry" : "");
    else if (d->verdict == TW_VERDICT_DEGENERATE)
        snprintf(text, PHRASE, "%s with %ld unexplained modes", name, d->unexplained);
    else if (d->verdict == TW_VERDICT_STRICT_SADDLE)
        snprintf(text, PHRASE, "%s of index %zu", name, d->negative_modes);
    else
        snprintf(text, PHRASE, "%s", name);
}

static tw_json *phrase(const void *record) {
    char text[PHRASE];
    describe_verdict(&((const tw_certification *)record)->examination.degeneracy, text);
    return tw_json_string(text);
}

static const tw_field certification_rows[] = {
    TW_MEMBERS(tw_certification, examination, tw_examination_fields,
               .meaning = "the keys of `degeneracy`"),
    TW_MADE("morse_bott", phrase, .title = "Morse-Bott",
            .meaning = "the verdict with its figure, \"strict saddle of index 5\""),
    TW_SIZE(tw_certification, examination.degeneracy.negative_modes, "index", .known = is_counted,
            .meaning = "negative modes; `null` when no count was made"),
    TW_MEMBERS(tw_certification, certificate, certificate_fields, .title = "certificate",
               .meaning = "a certificate, see below"),
    TW_TEXT(tw_certification, source, "direction", .title = "direction", .quiet = true,
            .meaning = "`closed form` or `eigenvector`"),
    TW_SIZE(tw_certification, tries, "tries", .meaning = "directions tried"),
    TW_OBJECT(tw_certification, null_match, "null_space", match_fields, .title = "null space",
              .meaning = "computed null vectors against the symmetry's tangent, see below"),
    TW_SELF("global", global_fields, .title = "global optimality (L = 1)", .known = is_applicable,
            .meaning = "L = 1, else `null`: a test of global optimality, see below"),
};
static TW_TABLE(certification_fields, "a certification", tw_certification, certification_rows);

static const tw_field certify_rows[] = {
    TW_MEMBERS(tw_certify_record, certification, certification_fields, .pointed = true),
    TW_TEXT(tw_certify_record, file, "file", .meaning = "the input"),
    TW_TEXT(tw_certify_record, certificate, "certificate", .title = "written to", .quiet = true,
            .meaning = "the file written, or `null`"),
};
TW_TABLE(tw_certify_fields, "certify", tw_certify_record, certify_rows);

/* ---- certify --check ---- */

static void claimed_rayleigh(const tw_json *object, char *text, size_t room) {
    snprintf(text, room, "[%.17g, %.17g]", tw_cell_number(object, "rayleigh_lower"),
             tw_cell_number(object, "rayleigh_upper"));
}

static void claimed_gradient(const tw_json *object, char *text, size_t room) {
    snprintf(text, room, "[%.17g, %.17g]", tw_cell_number(object, "gradient_lower"),
             tw_cell_number(object, "gradient_upper"));
}

static const tw_field claim_rows[] = {
    TW_NUMBER(tw_certificate, rayleigh.lower, "rayleigh_lower", .title = "Rayleigh quotient in",
              .cell = claimed_rayleigh, .meaning = "as claimed"),
    TW_NUMBER(tw_certificate, rayleigh.upper, "rayleigh_upper", .meaning = "as claimed"),
    TW_NUMBER(tw_certificate, gradient.lower, "gradient_lower", .title = "gradient norm in",
              .cell = claimed_gradient, .meaning = "as claimed"),
    TW_NUMBER(tw_certificate, gradient.upper, "gradient_upper", .meaning = "as claimed"),
    TW_NUMBER(tw_certificate, step, "step", .title = "step t", .digits = 17,
              .meaning = "as claimed"),
    TW_NUMBER(tw_certificate, decrease, "decrease",
              .title = "f(theta) - f(theta + t v) >=", .digits = 17, .meaning = "as claimed"),
};
static TW_TABLE(claim_fields, "claim", tw_certificate, claim_rows);

static tw_json *verified(const void *record) {
    return tw_json_boolean(((const tw_check_record *)record)->verdict->proved);
}

static const tw_field check_rows[] = {
    TW_TEXT(tw_check_record, file, "file", .meaning = "the certificate"),
    TW_MADE("verified", verified, .title = "verified",
            .meaning = "whether everything that is claimed was proved"),
    TW_MEMBERS(tw_check_record, verdict, certificate_fields, .title = "proved", .pointed = true,
               .meaning = "`proved` to `bits` as above, recomputed"),
    TW_OBJECT(tw_check_record, claim, "claim", claim_fields, .title = "claimed", .pointed = true,
              .meaning = "the figures of the file"),
};
TW_TABLE(tw_check_fields, "certify --check", tw_check_record, check_rows);
