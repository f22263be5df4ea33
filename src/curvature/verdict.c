/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What counts say about a point, and what puts them in doubt. */
#include <stdio.h>

#include "curvature/degeneracy_private.h"

static const char *const verdict_names[] = {"minimum", "strict saddle", "degenerate",
                                            "not stationary", "ambiguous"};

const char *tw_verdict_name(tw_verdict verdict) {
    return (size_t)verdict < sizeof verdict_names / sizeof *verdict_names ? verdict_names[verdict]
                                                                          : "unknown";
}

bool tw_verdict_is_open(tw_verdict verdict) {
    return verdict == TW_VERDICT_NOT_STATIONARY || verdict == TW_VERDICT_AMBIGUOUS;
}

static void describe_doubt(tw_degeneracy_result *r) {
    size_t room = sizeof r->doubt;
    r->doubt[0] = '\0';
    if (r->doubt_kind == TW_DOUBT_GRADIENT)
        snprintf(r->doubt, room, "gradient norm %.3g is too large for ||H|| = %.3g",
                 r->gradient_norm, r->norm);
    if (r->doubt_kind == TW_DOUBT_SEARCH)
        snprintf(r->doubt, room, "the search ended early (low end: %s, high end: %s)",
                 tw_search_reason_name(r->low_reason), tw_search_reason_name(r->high_reason));
    if (r->doubt_kind == TW_DOUBT_BLURRED)
        snprintf(r->doubt, room,
                 "the zero threshold %.3g is not small beside ||H|| = %.3g (tangent vectors show "
                 "||Hv|| up to %.3g)",
                 r->zero.threshold, r->norm, r->tangent_residual);
    if (r->doubt_kind == TW_DOUBT_INERTIA)
        snprintf(r->doubt, room,
                 "two routes disagree: eigenvalues count %zu negative and %zu zero modes, inertia "
                 "%zu and %zu (margin %.3g)",
                 r->negative_modes, r->zero_modes, r->inertia.negative, r->inertia.zero,
                 r->inertia.margin);
    if (r->doubt_kind == TW_DOUBT_LOST)
        snprintf(r->doubt, room,
                 "%zu zero modes found, fewer than the %zu directions of the symmetry orbit",
                 r->zero_modes, r->symmetry_modes);
    if (r->doubt_kind == TW_DOUBT_THRESHOLD) tw_zero_rule_explain(&r->zero, r->doubt, room);
}

void tw_degeneracy_conclude(tw_doubt doubt, tw_degeneracy_result *r) {
    r->doubt_kind = doubt;
    r->zero.open = doubt != TW_DOUBT_NONE && doubt != TW_DOUBT_THRESHOLD;
    if (doubt == TW_DOUBT_GRADIENT)
        r->verdict = TW_VERDICT_NOT_STATIONARY;
    else if (doubt != TW_DOUBT_NONE)
        r->verdict = TW_VERDICT_AMBIGUOUS;
    else if (r->negative_modes > 0)
        r->verdict = TW_VERDICT_STRICT_SADDLE;
    else
        r->verdict = r->unexplained > 0 ? TW_VERDICT_DEGENERATE : TW_VERDICT_MINIMUM;
    describe_doubt(r);
}

void tw_degeneracy_take_counts(tw_degeneracy_result *r) {
    r->negative_modes = r->zero.negative;
    r->zero_modes = r->zero.zero;
    r->positive_modes = r->parameters - r->negative_modes - r->zero_modes;
    r->unexplained = (long)r->zero_modes - (long)r->symmetry_modes;
    r->smallest_nonzero = r->zero.smallest_nonzero;
}

void tw_degeneracy_settle(const tw_zero_rule *rule, double smallest, tw_degeneracy_result *result) {
    result->zero = *rule;
    result->smallest = smallest;
    tw_degeneracy_take_counts(result);
    tw_degeneracy_conclude(TW_DOUBT_NONE, result);
}

void tw_degeneracy_doubt(const char *sentence, tw_degeneracy_result *result) {
    result->verdict = TW_VERDICT_AMBIGUOUS;
    result->zero.open = true;
    snprintf(result->doubt, sizeof result->doubt, "%s", sentence);
}
