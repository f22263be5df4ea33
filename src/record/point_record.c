/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inputs, descriptions and examinations of a DUFM's points as JSON. */
#include <thalweg/record/point_record.h>

#include <stdlib.h>
#include <thalweg/record/record.h>

#include "base/alloc_private.h"
#include "record/members_private.h"

static tw_json *sizes_json(size_t count, const size_t *sizes) {
    tw_json *list = tw_json_array();
    for (size_t i = 0; list && i < count; i++)
        if (tw_json_append(list, tw_json_integer((long long)sizes[i])) != TW_OK) {
            tw_json_destroy(list);
            return NULL;
        }
    return list;
}

static tw_status model_to_json(const tw_dufm *model, tw_json *object) {
    tw_status status = TW_OK;
    size_t classes = tw_dufm_classes(model), *sizes = NULL;
    TW_TRY(TW_NEW(sizes, classes));
    tw_dufm_class_sizes(model, sizes);
    TW_TRY(tw_json_set(object, "loss", tw_json_string(model->loss->name)));
    TW_TRY(tw_json_set(object, "activation", tw_json_string(model->activation->name)));
    TW_TRY(tw_json_set(object, "classes", tw_json_integer((long long)classes)));
    TW_TRY(tw_json_set(object, "samples", tw_json_integer((long long)model->samples)));
    TW_TRY(tw_json_set(object, "class_sizes", sizes_json(classes, sizes)));
    TW_TRY(tw_json_set(object, "layers", tw_json_integer((long long)model->layers)));
    TW_TRY(tw_json_set(object, "widths", sizes_json(model->layers, model->widths)));
    TW_TRY(
        tw_json_set(object, "parameters", tw_json_integer((long long)tw_dufm_parameters(model))));
    TW_TRY(tw_json_set(object, "lambda_W", tw_json_numbers(model->layers, model->lambda_W)));
    TW_TRY(tw_json_set(object, "lambda_H", tw_json_number(model->lambda_H)));
    if (model->bias) TW_TRY(tw_json_set(object, "lambda_b", tw_json_number(model->lambda_b)));
cleanup:
    free(sizes);
    return status;
}

tw_json *tw_input_json(const tw_input *input) {
    tw_status status = TW_OK;
    tw_json *object = tw_json_object();
    if (object == NULL) return NULL;
    if (input->path) {
        TW_TRY(tw_json_set(object, "file", tw_json_string(input->path)));
        TW_TRY(tw_json_set(object, "sha256", tw_json_string(input->digest)));
    }
    TW_TRY(model_to_json(input->model, object));
    return object;
cleanup:
    tw_json_destroy(object);
    return NULL;
}

static tw_status append_space(tw_json *list, const tw_collapse *collapse) {
    tw_status status = TW_OK;
    tw_json *row = tw_json_object();
    TW_TRY(tw_json_append(list, row));
    TW_TRY(tw_set_count(row, "space", collapse->space));
    TW_TRY(tw_set_number(row, "nc1", collapse->nc1));
    TW_TRY(tw_set_number(row, "nc2", collapse->nc2));
    TW_TRY(tw_set_number(row, "nc3", collapse->nc3));
cleanup:
    return status;
}

static tw_status collapse_to_json(const tw_shape *shape, tw_json *object) {
    tw_status status = TW_OK;
    tw_json *collapse = tw_set_object(object, "collapse");
    tw_json *spaces = collapse ? tw_set_array(collapse, "spaces") : NULL;
    if (spaces == NULL) return TW_ERR_MEMORY;
    for (size_t l = 0; l < shape->space_count; l++)
        TW_TRY(append_space(spaces, &shape->collapse[l]));
    TW_TRY(tw_set_number(collapse, "nc1", shape->collapse[0].nc1));
    TW_TRY(tw_set_number(collapse, "nc2", shape->collapse[0].nc2));
    TW_TRY(tw_set_number(collapse, "nc3", shape->collapse[0].nc3));
cleanup:
    return status;
}

/* A list a class. */
static tw_status class_logits_to_json(const tw_shape *shape, tw_json *object) {
    tw_status status = TW_OK;
    size_t K = shape->class_count;
    if (shape->class_logits == NULL) return TW_OK;
    tw_json *list = tw_set_array(object, "class_logits");
    if (list == NULL) return TW_ERR_MEMORY;
    for (size_t k = 0; k < K; k++)
        TW_TRY(tw_json_append(list, tw_json_numbers(K, shape->class_logits + K * k)));
cleanup:
    return status;
}

tw_status tw_description_to_json(const tw_description *description, tw_json *object) {
    tw_status status = TW_OK;
    const tw_shape *shape = &description->shape;
    const tw_kinks *kinks = &description->kinks;
    TW_TRY(tw_set_number(object, "loss", description->loss));
    TW_TRY(tw_set_number(object, "fit", description->fit));
    TW_TRY(tw_set_number(object, "penalty", description->penalty));
    TW_TRY(tw_set_number(object, "gradient_norm", description->gradient_norm));
    TW_TRY(tw_set_count(object, "parameters", description->parameters));
    TW_TRY(tw_set_count(object, "logit_rank", shape->logit_rank));
    TW_TRY(tw_json_set(object, "logit_singular_values",
                       tw_json_numbers(shape->logit_count, shape->logit_singular_values)));
    TW_TRY(class_logits_to_json(shape, object));
    TW_TRY(tw_set_number(object, "balance_defect", shape->balance_defect));
    TW_TRY(collapse_to_json(shape, object));
    TW_TRY(tw_set_count(object, "kinks", kinks->on_kink));
    tw_json *census = tw_set_object(object, "kink_census");
    if (census == NULL) return TW_ERR_MEMORY;
    TW_TRY(tw_set_count(census, "pre_activations", kinks->total));
    TW_TRY(tw_set_count(census, "on_kink", kinks->on_kink));
    TW_TRY(tw_set_number(census, "tolerance", TW_KINK_TOLERANCE));
    TW_TRY(tw_set_number(census, "largest_on", kinks->largest_on));
    TW_TRY(tw_set_number(census, "smallest_off", kinks->smallest_off));
cleanup:
    return status;
}

tw_status tw_polish_to_json(const tw_newton_result *newton, tw_polish_outcome outcome,
                            tw_json *object) {
    tw_status status = TW_OK;
    TW_TRY(tw_set_text(object, "outcome", tw_polish_outcome_name(outcome)));
    if (outcome == TW_POLISH_NOT_ASKED || outcome == TW_POLISH_KINKED) goto cleanup;
    TW_TRY(tw_set_text(object, "reason", tw_newton_reason_name(newton->reason)));
    TW_TRY(tw_set_number(object, "loss_before", newton->value_before));
    TW_TRY(tw_set_number(object, "loss", newton->value));
    TW_TRY(tw_set_number(object, "gradient_norm_before", newton->gradient_norm_before));
    TW_TRY(tw_set_number(object, "gradient_norm", newton->gradient_norm));
    TW_TRY(tw_set_number(object, "threshold", newton->threshold));
    TW_TRY(tw_set_number(object, "moved", newton->moved));
    TW_TRY(tw_set_number(object, "theta_norm", newton->size));
    TW_TRY(tw_set_count(object, "iterations", newton->iterations));
    TW_TRY(tw_set_count(object, "evaluations", newton->evaluations));
    TW_TRY(tw_set_count(object, "products", newton->products));
    TW_TRY(tw_set_count(object, "negative_curvature_steps", newton->negative_curvature));
cleanup:
    return status;
}

static tw_status append_hidden_space(tw_json *list, const tw_hidden_space *space) {
    tw_status status = TW_OK;
    tw_json *row = tw_json_object();
    TW_TRY(tw_json_append(list, row));
    TW_TRY(tw_set_count(row, "space", space->index));
    TW_TRY(tw_set_count(row, "width", space->width));
    TW_TRY(tw_set_count(row, "rank", space->rank));
    TW_TRY(tw_set_count(row, "modes", space->modes));
    TW_TRY(tw_set_number(row, "smallest_kept", space->kept));
    TW_TRY(tw_set_number(row, "largest_dropped", space->dropped));
cleanup:
    return status;
}

/* The exact spectrum with what moves: [{value, multiplicity, exact, label}]. */
static tw_status levels_to_json(const tw_levels *levels, tw_json *object) {
    tw_status status = TW_OK;
    tw_entry *entries = NULL;
    TW_TRY(TW_NEW(entries, levels->count));
    for (size_t i = 0; i < levels->count; i++)
        entries[i] = (tw_entry){.value = levels->rows[i].value,
                                .multiplicity = levels->rows[i].copies,
                                .exact = true,
                                .label = levels->rows[i].label};
    TW_TRY(tw_json_set(object, "eigenvalues", tw_entries_json(levels->count, entries, 0.0)));
cleanup:
    free(entries);
    return status;
}

static tw_status sectors_to_json(const tw_examination *e, tw_json *object) {
    tw_status status = TW_OK;
    const tw_sector_evidence *evidence = &e->sectors.evidence;
    bool compared = e->routes != TW_ROUTES_NOT_COMPARED && e->routes != TW_ROUTES_UNRESOLVED;
    tw_json *sectors = tw_set_object(object, "sectors");
    if (sectors == NULL) return TW_ERR_MEMORY;
    TW_TRY(tw_json_set(sectors, "applicable", tw_json_boolean(e->sectors.applicable)));
    TW_TRY(tw_set_text(sectors, "refusal", e->sectors.refusal));
    TW_TRY(
        tw_json_set(sectors, "agrees",
                    compared ? tw_json_boolean(e->routes != TW_ROUTES_DISAGREE) : tw_json_null()));
    TW_TRY(tw_set_text(sectors, "outcome", tw_routes_name(e->routes)));
    TW_TRY(tw_set_number(sectors, "stationary", evidence->stationary));
    TW_TRY(tw_set_number(sectors, "balanced", evidence->balanced));
    TW_TRY(tw_set_number(sectors, "collapsed", evidence->collapsed));
    TW_TRY(tw_set_number(sectors, "confined", evidence->confined));
    if (e->sectors.applicable) TW_TRY(levels_to_json(&e->sectors.levels, sectors));
cleanup:
    return status;
}

tw_status tw_examination_to_json(const tw_examination *e, tw_json *object) {
    tw_status status = TW_OK;
    TW_TRY(tw_description_to_json(&e->after, object));
    TW_TRY(tw_set_number(object, "loss_before", e->before.loss));
    TW_TRY(tw_set_number(object, "gradient_norm_before", e->before.gradient_norm));
    tw_json *spaces = tw_set_array(object, "hidden_spaces");
    if (spaces == NULL) return TW_ERR_MEMORY;
    for (size_t l = 0; l < e->space_count; l++) TW_TRY(append_hidden_space(spaces, &e->spaces[l]));
    TW_TRY(tw_set_count(object, "bias_shift", e->shift_modes));
    TW_TRY(tw_set_number(object, "generator_independence", e->independence));
    tw_json *polish = tw_set_object(object, "polish");
    if (polish == NULL) return TW_ERR_MEMORY;
    TW_TRY(tw_polish_to_json(&e->newton, e->polish, polish));
    TW_TRY(tw_degeneracy_to_json(&e->degeneracy, object));
    TW_TRY(sectors_to_json(e, object));
cleanup:
    return status;
}
