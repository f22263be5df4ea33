/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results as JSON members; the keys are documented in docs/formats/results.md. */
#include <math.h>
#include <thalweg/record.h>

#include "report/spectra_private.h"

static tw_status set_number(tw_json *object, const char *key, double value) {
    return tw_json_set(object, key, tw_json_number(value));
}

static tw_status set_count(tw_json *object, const char *key, size_t count) {
    return tw_json_set(object, key, tw_json_integer((long long)count));
}

static tw_status set_text(tw_json *object, const char *key, const char *text) {
    return tw_json_set(object, key, tw_json_string(text));
}

/* A new object as member `key`; borrowed. NULL when memory is short. */
static tw_json *set_object(tw_json *object, const char *key) {
    tw_json *member = tw_json_object();
    return tw_json_set(object, key, member) == TW_OK ? member : NULL;
}

static tw_status append_space(tw_json *list, const tw_collapse *collapse) {
    tw_status status = TW_OK;
    tw_json *row = tw_json_object();
    TW_TRY(tw_json_append(list, row));
    TW_TRY(set_count(row, "space", collapse->space));
    TW_TRY(set_number(row, "nc1", collapse->nc1));
    TW_TRY(set_number(row, "nc2", collapse->nc2));
    TW_TRY(set_number(row, "nc3", collapse->nc3));
cleanup:
    return status;
}

static tw_status collapse_to_json(const tw_shape *shape, tw_json *object) {
    tw_status status = TW_OK;
    tw_json *collapse = set_object(object, "collapse"), *spaces = tw_json_array();
    if (collapse == NULL) {
        tw_json_destroy(spaces);
        return TW_ERR_MEMORY;
    }
    TW_TRY(tw_json_set(collapse, "spaces", spaces));
    for (size_t l = 0; l < shape->space_count; l++)
        TW_TRY(append_space(spaces, &shape->collapse[l]));
    TW_TRY(set_number(collapse, "nc1", shape->collapse[0].nc1));
    TW_TRY(set_number(collapse, "nc2", shape->collapse[0].nc2));
    TW_TRY(set_number(collapse, "nc3", shape->collapse[0].nc3));
cleanup:
    return status;
}

tw_status tw_description_to_json(const tw_description *description, tw_json *object) {
    tw_status status = TW_OK;
    const tw_shape *shape = &description->shape;
    const tw_kinks *kinks = &description->kinks;
    TW_TRY(set_number(object, "loss", description->loss));
    TW_TRY(set_number(object, "fit", description->fit));
    TW_TRY(set_number(object, "penalty", description->penalty));
    TW_TRY(set_number(object, "gradient_norm", description->gradient_norm));
    TW_TRY(set_count(object, "parameters", description->parameters));
    TW_TRY(set_count(object, "logit_rank", shape->logit_rank));
    TW_TRY(tw_json_set(object, "logit_singular_values",
                       tw_json_numbers(shape->logit_count, shape->logit_singular_values)));
    TW_TRY(set_number(object, "balance_defect", shape->balance_defect));
    TW_TRY(collapse_to_json(shape, object));
    TW_TRY(set_count(object, "kinks", kinks->on_kink));
    tw_json *census = set_object(object, "kink_census");
    if (census == NULL) return TW_ERR_MEMORY;
    TW_TRY(set_count(census, "pre_activations", kinks->total));
    TW_TRY(set_count(census, "on_kink", kinks->on_kink));
    TW_TRY(set_number(census, "tolerance", TW_KINK_TOLERANCE));
    TW_TRY(set_number(census, "largest_on", kinks->largest_on));
    TW_TRY(set_number(census, "smallest_off", kinks->smallest_off));
cleanup:
    return status;
}

tw_status tw_newton_to_json(const tw_newton_result *newton, tw_polish_outcome outcome,
                            tw_json *object) {
    tw_status status = TW_OK;
    TW_TRY(set_text(object, "outcome", tw_polish_outcome_name(outcome)));
    if (outcome == TW_POLISH_NOT_ASKED || outcome == TW_POLISH_KINKED) goto cleanup;
    TW_TRY(set_text(object, "reason", tw_newton_reason_name(newton->reason)));
    TW_TRY(set_number(object, "loss_before", newton->value_before));
    TW_TRY(set_number(object, "loss", newton->value));
    TW_TRY(set_number(object, "gradient_norm_before", newton->gradient_norm_before));
    TW_TRY(set_number(object, "gradient_norm", newton->gradient_norm));
    TW_TRY(set_number(object, "threshold", newton->threshold));
    TW_TRY(set_number(object, "moved", newton->moved));
    TW_TRY(set_number(object, "theta_norm", newton->size));
    TW_TRY(set_count(object, "iterations", newton->iterations));
    TW_TRY(set_count(object, "evaluations", newton->evaluations));
    TW_TRY(set_count(object, "products", newton->products));
    TW_TRY(set_count(object, "negative_curvature_steps", newton->negative_curvature));
cleanup:
    return status;
}

static tw_status append_hidden_space(tw_json *list, const tw_hidden_space *space) {
    tw_status status = TW_OK;
    tw_json *row = tw_json_object();
    TW_TRY(tw_json_append(list, row));
    TW_TRY(set_count(row, "space", space->index));
    TW_TRY(set_count(row, "width", space->width));
    TW_TRY(set_count(row, "rank", space->rank));
    TW_TRY(set_count(row, "modes", space->modes));
    TW_TRY(set_number(row, "smallest_kept", space->kept));
    TW_TRY(set_number(row, "largest_dropped", space->dropped));
cleanup:
    return status;
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
        TW_TRY(set_number(row, "value", pairs->values[i]));
        TW_TRY(set_number(row, "residual", norm > 0.0 ? pairs->residuals[i] / norm : 0.0));
    }
cleanup:
    return status;
}

static tw_status zero_modes_to_json(const tw_examination *e, tw_json *object) {
    tw_status status = TW_OK;
    const tw_degeneracy_result *d = &e->degeneracy;
    tw_json *spaces = tw_json_array(), *zero = set_object(object, "zero_modes");
    if (zero == NULL) {
        tw_json_destroy(spaces);
        return TW_ERR_MEMORY;
    }
    TW_TRY(tw_json_set(zero, "spaces", spaces));
    TW_TRY(set_count(zero, "found", d->zero_modes));
    TW_TRY(set_count(zero, "symmetry", d->symmetry_modes));
    TW_TRY(tw_json_set(zero, "unexplained", tw_json_integer(d->unexplained)));
    TW_TRY(set_number(zero, "threshold", d->threshold));
    TW_TRY(set_number(zero, "largest_zero", d->largest_zero));
    TW_TRY(set_number(zero, "gap", fabs(d->smallest_nonzero) / d->threshold));
    TW_TRY(set_number(zero, "tangent_residual", d->tangent_residual));
    TW_TRY(set_number(zero, "generator_independence", e->independence));
    for (size_t l = 0; l < e->space_count; l++) TW_TRY(append_hidden_space(spaces, &e->spaces[l]));
cleanup:
    return status;
}

tw_status tw_degeneracy_to_json(const tw_examination *e, tw_json *object) {
    tw_status status = TW_OK;
    const tw_degeneracy_result *d = &e->degeneracy;
    TW_TRY(set_number(object, "hessian_norm", d->norm));
    TW_TRY(set_count(object, "negative_modes", d->negative_modes));
    TW_TRY(zero_modes_to_json(e, object));
    TW_TRY(set_count(object, "positive_modes", d->positive_modes));
    TW_TRY(set_number(object, "smallest", d->smallest));
    TW_TRY(set_number(object, "smallest_nonzero", d->smallest_nonzero));
    TW_TRY(set_number(object, "largest", d->high.count ? d->high.values[d->high.count - 1] : NAN));
    TW_TRY(pairs_to_json(object, "largest_eigenvalues", &d->high, d->norm));
    TW_TRY(pairs_to_json(object, "low_eigenvalues", &d->low, d->norm));
    TW_TRY(tw_json_set(object, "eigenvalues", tw_degeneracy_clusters_json(d)));
    TW_TRY(set_text(object, "method", d->method));
    TW_TRY(set_count(object, "products", d->products));
    TW_TRY(set_text(object, "verdict", tw_verdict_name(d->verdict)));
    TW_TRY(set_text(object, "doubt", d->doubt));
cleanup:
    return status;
}

tw_status tw_examination_to_json(const tw_examination *e, tw_json *object) {
    tw_status status = TW_OK;
    TW_TRY(tw_description_to_json(&e->after, object));
    TW_TRY(set_number(object, "loss_before", e->before.loss));
    TW_TRY(set_number(object, "gradient_norm_before", e->before.gradient_norm));
    tw_json *polish = set_object(object, "polish");
    if (polish == NULL) return TW_ERR_MEMORY;
    TW_TRY(tw_newton_to_json(&e->newton, e->polish, polish));
    TW_TRY(tw_degeneracy_to_json(e, object));
cleanup:
    return status;
}
