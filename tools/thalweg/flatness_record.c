/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <stdint.h>

#include "flatness.h"

/* {epsilon, value, low, high, ..}: the value was reached; how much worse it gets is not known. */
static tw_json *worst_json(const tw_flat_part *part, size_t j) {
    tw_status status = TW_OK;
    const tw_sharpness *s = &part->sharpness[j];
    tw_json *row = tw_json_object();
    TW_TRY(tw_json_set(row, "epsilon", tw_json_number(s->epsilon)));
    TW_TRY(tw_json_set(row, "value", tw_json_number(s->rise)));
    TW_TRY(tw_json_set(row, "low", tw_json_number(s->rise)));
    TW_TRY(tw_json_set(row, "high", tw_json_null()));
    TW_TRY(tw_json_set(row, "exact", tw_json_boolean(false)));
    TW_TRY(tw_json_set(row, "quadratic", tw_json_number(part->sharpness_bound[j])));
    TW_TRY(tw_json_set(row, "stationary", tw_json_boolean(s->converged)));
    TW_TRY(tw_json_set(row, "ascents", tw_json_integer((long long)s->ascents)));
    TW_TRY(tw_json_set(row, "evaluations", tw_json_integer((long long)s->evaluations)));
cleanup:
    if (status == TW_OK) return row;
    tw_json_destroy(row);
    return NULL;
}

static tw_json *noise_json(const tw_rise *rise) {
    tw_status status = TW_OK;
    tw_json *row = estimate_json(&rise->rise);
    TW_TRY(tw_json_set(row, "sigma", tw_json_number(rise->sigma)));
    TW_TRY(tw_json_set(row, "quadratic", tw_json_number(rise->quadratic)));
    TW_TRY(tw_json_set(row, "pairs", tw_json_integer((long long)rise->pairs)));
cleanup:
    if (status == TW_OK) return row;
    tw_json_destroy(row);
    return NULL;
}

static tw_status set_rows(const tw_flatness *r, const tw_flat_part *part, tw_json *object) {
    tw_status status = TW_OK;
    tw_json *worst = tw_json_array(), *noise = NULL;
    TW_TRY(tw_json_set(object, "sharpness", worst));
    for (size_t j = 0; j < r->radius_count; j++) TW_TRY(tw_json_append(worst, worst_json(part, j)));
    noise = tw_json_array();
    TW_TRY(tw_json_set(object, "mean_rise", noise));
    for (size_t j = 0; j < r->deviation_count; j++)
        TW_TRY(tw_json_append(noise, noise_json(&part->rises[j])));
cleanup:
    return status;
}

static tw_json *part_json(const tw_flatness *r, const tw_flat_part *part) {
    tw_status status = TW_OK;
    const tw_flat_figure *figure;
    tw_json *object = tw_json_object();
    TW_TRY(tw_json_set(object, "name", tw_json_string(part->name)));
    TW_TRY(tw_json_set(object, "dimension", tw_json_integer((long long)part->dimension)));
    TW_TRY(tw_json_set(object, "method", tw_json_string(part->method)));
    for (size_t k = 0; (figure = tw_flat_figure_at(k)); k++)
        if (figure->offset != SIZE_MAX)
            TW_TRY(
                tw_json_set(object, figure->key, estimate_json(tw_flat_figure_of(figure, part))));
    TW_TRY(set_rows(r, part, object));
cleanup:
    if (status == TW_OK) return object;
    tw_json_destroy(object);
    return NULL;
}

static tw_json *invariances_json(void) {
    tw_status status = TW_OK;
    const tw_flat_figure *figure;
    tw_json *object = tw_json_object();
    TW_TRY(tw_json_set(object, "all", tw_json_string(tw_flat_common_invariance())));
    for (size_t k = 0; (figure = tw_flat_figure_at(k)); k++)
        TW_TRY(tw_json_set(object, figure->key, tw_json_string(figure->invariance)));
cleanup:
    if (status == TW_OK) return object;
    tw_json_destroy(object);
    return NULL;
}

tw_status flatness_record(const cli_invocation *run, const cli_estimation *e,
                          const tw_flatness *r) {
    tw_status status = TW_OK;
    double zeros = r->whole.zero_modes.value;
    tw_json *result = tw_json_object(), *layers = NULL;
    TW_TRY(result ? TW_OK : TW_ERR_MEMORY);
    TW_TRY(tw_json_set(result, "file", tw_json_string(e->subject.path)));
    TW_TRY(estimation_record(e, r->whole.method, r->norm, r->reason, result));
    TW_TRY(tw_json_set(result, "loss", tw_json_number(r->value)));
    TW_TRY(tw_json_set(result, "zero_modes", tw_json_number(zeros)));
    TW_TRY(tw_json_set(result, "whole", part_json(r, &r->whole)));
    TW_TRY(tw_json_set(result, "off_orbit", part_json(r, &r->off_orbit)));
    layers = tw_json_array();
    TW_TRY(tw_json_set(result, "layers", layers));
    for (size_t i = 0; i < r->block_count; i++)
        TW_TRY(tw_json_append(layers, part_json(r, &r->blocks[i])));
    TW_TRY(tw_json_set(result, "invariances", invariances_json()));
    status = write_record(run, subject_input(&e->subject), result);
    result = NULL;
cleanup:
    tw_json_destroy(result);
    return status;
}
