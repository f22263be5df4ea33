/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts and verdict as JSON. */
#include <math.h>
#include <thalweg/record/record.h>

#include "record/members_private.h"
#include "record/spectra_private.h"

/* A count that was made, or null. */
static tw_status set_counted(tw_json *object, const char *key, const tw_degeneracy_result *d,
                             long long count) {
    return tw_json_set(object, key, d->counted ? tw_json_integer(count) : tw_json_null());
}

/* Pairs as [{value, residual}], the residual relative to the norm. */
static tw_status pairs_to_json(tw_json *object, const char *key, const tw_eigenpairs *pairs,
                               double norm) {
    tw_status status = TW_OK;
    tw_json *list = tw_json_array();
    TW_TRY(tw_json_set(object, key, list));
    for (size_t i = 0; i < pairs->count; i++) {
        tw_json *row = tw_json_object();
        TW_TRY(tw_json_append(list, row));
        TW_TRY(tw_set_number(row, "value", pairs->values[i]));
        TW_TRY(tw_set_number(row, "residual", norm > 0.0 ? pairs->residuals[i] / norm : 0.0));
    }
cleanup:
    return status;
}

static tw_status zero_modes_to_json(const tw_degeneracy_result *d, tw_json *object) {
    tw_status status = TW_OK;
    tw_json *zero = tw_set_object(object, "zero_modes");
    if (zero == NULL) return TW_ERR_MEMORY;
    TW_TRY(set_counted(zero, "found", d, (long long)d->zero_modes));
    TW_TRY(tw_set_count(zero, "symmetry", d->symmetry_modes));
    TW_TRY(set_counted(zero, "unexplained", d, d->unexplained));
    TW_TRY(tw_set_number(zero, "threshold", d->zero.threshold));
    TW_TRY(tw_set_number(zero, "largest_zero", d->zero.largest_zero));
    TW_TRY(tw_set_number(zero, "gap", tw_zero_rule_above(&d->zero)));
    TW_TRY(tw_set_number(zero, "tangent_residual", d->tangent_residual));
cleanup:
    return status;
}

static tw_status inertia_to_json(const tw_degeneracy_result *d, tw_json *object) {
    tw_status status = TW_OK;
    bool checked = d->inertia_checked;
    tw_json *inertia = tw_set_object(object, "inertia");
    if (inertia == NULL) return TW_ERR_MEMORY;
    TW_TRY(tw_json_set(inertia, "checked", tw_json_boolean(checked)));
    TW_TRY(tw_json_set(inertia, "agrees",
                       checked ? tw_json_boolean(d->inertia_agrees) : tw_json_null()));
    TW_TRY(tw_set_number(inertia, "margin", checked ? d->inertia.margin : (double)NAN));
cleanup:
    return status;
}

tw_json *tw_zero_rule_json(const tw_zero_rule *zero, bool whole) {
    tw_status status = TW_OK;
    const struct {
        const char *key;
        double value;
    } numbers[] = {
        {"threshold", zero->threshold},
        {"error", zero->error},
        {"gap", zero->gap},
        {"largest_zero", zero->largest_zero},
        {"smallest_nonzero", zero->smallest_nonzero},
        {"factor_below", tw_zero_rule_below(zero)},
        {"factor_above", tw_zero_rule_above(zero)},
    };
    const struct {
        const char *key;
        uint64_t count;
    } counts[] = {{"negative", zero->negative}, {"zero", zero->zero}, {"positive", zero->positive}};
    tw_json *object = tw_json_object();
    TW_TRY(object ? TW_OK : TW_ERR_MEMORY);
    TW_TRY(tw_set_text(object, "origin", tw_zero_origin_name(zero->origin)));
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++)
        TW_TRY(tw_set_number(object, numbers[i].key, numbers[i].value));
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++)
        TW_TRY(tw_json_set(object, counts[i].key,
                           whole ? tw_json_integer((long long)counts[i].count) : tw_json_null()));
    TW_TRY(tw_json_set(
        object, "stands",
        whole ? tw_json_boolean(tw_zero_rule_doubt(zero) == TW_ZERO_CLEAR) : tw_json_null()));
    return object;
cleanup:
    tw_json_destroy(object);
    return NULL;
}

tw_status tw_degeneracy_to_json(const tw_degeneracy_result *d, tw_json *object) {
    tw_status status = TW_OK;
    TW_TRY(tw_set_number(object, "hessian_norm", d->norm));
    TW_TRY(set_counted(object, "negative_modes", d, (long long)d->negative_modes));
    TW_TRY(zero_modes_to_json(d, object));
    TW_TRY(set_counted(object, "positive_modes", d, (long long)d->positive_modes));
    TW_TRY(inertia_to_json(d, object));
    TW_TRY(tw_json_set(object, "zero_rule", tw_zero_rule_json(&d->zero, d->counted)));
    TW_TRY(tw_set_number(object, "smallest", d->smallest));
    TW_TRY(tw_set_number(object, "smallest_nonzero", d->smallest_nonzero));
    TW_TRY(
        tw_set_number(object, "largest", d->high.count ? d->high.values[d->high.count - 1] : NAN));
    TW_TRY(pairs_to_json(object, "largest_eigenvalues", &d->high, d->norm));
    TW_TRY(pairs_to_json(object, "low_eigenvalues", &d->low, d->norm));
    TW_TRY(tw_json_set(object, "eigenvalues", tw_degeneracy_entries_json(d)));
    TW_TRY(tw_set_text(object, "method", d->method));
    TW_TRY(tw_set_count(object, "products", d->products));
    TW_TRY(tw_set_text(object, "verdict", tw_verdict_name(d->verdict)));
    TW_TRY(tw_set_text(object, "doubt", d->doubt));
cleanup:
    return status;
}
