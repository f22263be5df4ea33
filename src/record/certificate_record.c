/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/record/certificate_record.h>

#include <stdio.h>
#include <thalweg/record/point_record.h>

#include "record/members_private.h"

static tw_status set_enclosure(tw_json *object, const char *key, tw_enclosure e) {
    tw_status status = TW_OK;
    tw_json *member = tw_set_object(object, key);
    if (member == NULL) return TW_ERR_MEMORY;
    TW_TRY(tw_set_number(member, "value", e.value));
    TW_TRY(tw_set_number(member, "lower", e.lower));
    TW_TRY(tw_set_number(member, "upper", e.upper));
cleanup:
    return status;
}

/* A number of a proved certificate, or null. */
static tw_status set_proved(tw_json *object, const char *key, const tw_certificate *c,
                            double value) {
    return tw_json_set(object, key, c->proved ? tw_json_number(value) : tw_json_null());
}

tw_status tw_certificate_to_json(const tw_certificate *c, tw_json *object) {
    tw_status status = TW_OK;
    TW_TRY(tw_json_set(object, "proved", tw_json_boolean(c->proved)));
    TW_TRY(tw_set_text(object, "reason", tw_certificate_reason_name(c->reason)));
    TW_TRY(tw_set_text(object, "refuted", c->refuted));
    TW_TRY(set_enclosure(object, "rayleigh", c->rayleigh));
    TW_TRY(set_enclosure(object, "gradient", c->gradient));
    TW_TRY(set_proved(object, "step", c, c->step));
    TW_TRY(set_proved(object, "decrease", c, c->decrease));
    TW_TRY(tw_set_count(object, "bits", c->bits));
cleanup:
    return status;
}

void tw_verdict_phrase(const tw_degeneracy_result *d, char text[TW_VERDICT_PHRASE]) {
    const char *name = tw_verdict_name(d->verdict);
    if (d->verdict == TW_VERDICT_MINIMUM)
        snprintf(text, TW_VERDICT_PHRASE, "%s%s", name,
                 d->symmetry_modes ? " modulo symmetry" : "");
    else if (d->verdict == TW_VERDICT_DEGENERATE)
        snprintf(text, TW_VERDICT_PHRASE, "%s with %ld unexplained modes", name, d->unexplained);
    else if (d->verdict == TW_VERDICT_STRICT_SADDLE)
        snprintf(text, TW_VERDICT_PHRASE, "%s of index %zu", name, d->negative_modes);
    else
        snprintf(text, TW_VERDICT_PHRASE, "%s", name);
}

static tw_status null_match_to_json(const tw_null_match *m, tw_json *object) {
    tw_status status = TW_OK;
    tw_json *member = tw_set_object(object, "null_space");
    if (member == NULL) return TW_ERR_MEMORY;
    TW_TRY(tw_json_set(member, "matched", tw_json_boolean(m->matched)));
    TW_TRY(tw_set_count(member, "found", m->found));
    TW_TRY(tw_set_count(member, "symmetry", m->symmetry));
    TW_TRY(tw_set_number(member, "largest_principal_angle", m->angle));
    TW_TRY(tw_set_number(member, "residual", m->residual));
cleanup:
    return status;
}

/* Optimal up to the threshold below which an eigenvalue counts as zero. */
static tw_status global_to_json(const tw_certification *c, tw_json *object) {
    tw_status status = TW_OK;
    const tw_global_test *g = &c->global;
    const tw_degeneracy_result *d = &c->examination.degeneracy;
    if (!g->applicable) return tw_json_set(object, "global", tw_json_null());
    tw_json *member = tw_set_object(object, "global");
    if (member == NULL) return TW_ERR_MEMORY;
    TW_TRY(tw_json_set(member, "optimal",
                       d->counted ? tw_json_boolean(tw_zero_rule_sign(&d->zero, g->curvature) >= 0)
                                  : tw_json_null()));
    TW_TRY(tw_set_number(member, "slope", g->slope));
    TW_TRY(tw_set_number(member, "bound", g->bound));
    TW_TRY(tw_set_number(member, "curvature", g->curvature));
    TW_TRY(tw_json_set(member, "room", tw_json_boolean(g->room)));
cleanup:
    return status;
}

tw_status tw_certification_to_json(const tw_certification *c, tw_json *object) {
    tw_status status = TW_OK;
    const tw_degeneracy_result *d = &c->examination.degeneracy;
    char phrase[TW_VERDICT_PHRASE];
    tw_verdict_phrase(d, phrase);
    TW_TRY(tw_examination_to_json(&c->examination, object));
    TW_TRY(tw_set_text(object, "morse_bott", phrase));
    TW_TRY(
        tw_json_set(object, "index",
                    d->counted ? tw_json_integer((long long)d->negative_modes) : tw_json_null()));
    TW_TRY(tw_certificate_to_json(&c->certificate, object));
    TW_TRY(tw_set_text(object, "direction", c->source));
    TW_TRY(tw_set_count(object, "tries", c->tries));
    TW_TRY(null_match_to_json(&c->null_match, object));
    TW_TRY(global_to_json(c, object));
cleanup:
    return status;
}
