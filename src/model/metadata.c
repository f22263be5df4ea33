/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/metadata_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <thalweg/files/json.h>

#include "base/alloc_private.h"

/* A metadata text as a list of numbers: "0.01" or "[0.01, 0.02]". */
typedef struct numbers {
    double *values;
    size_t count;
    bool scalar;
} numbers;

/* A list of one is as good as its number. */
static tw_status parse_numbers(const char *key, const char *text, numbers *list) {
    bool brackets;
    *list = (numbers){0};
    tw_status status = tw_json_parse_numbers(text, &brackets, &list->count, &list->values);
    list->scalar = !brackets || list->count == 1;
    if (status == TW_OK || status == TW_ERR_MEMORY) return status;
    return tw_fail(TW_ERR_DATA,
                   "metadata '%s' is \"%.60s\", expected a number or a list of numbers", key, text);
}

const char *tw_metadata_text(const tw_bundle *bundle, const char *key) {
    const char *text = tw_bundle_metadata(bundle, key);
    bool nothing = text && (strcmp(text, "null") == 0 || strcmp(text, "None") == 0);
    return nothing ? NULL : text;
}

/* Ridge `key`: one number, or `count` of them. */
static tw_status read_ridge(const tw_bundle *bundle, const char *key, size_t count, double *out) {
    const char *text = tw_metadata_text(bundle, key);
    numbers list;
    if (text == NULL)
        return tw_fail(
            TW_ERR_DATA,
            "metadata '%s' is missing (a file has to say its ridge): --%.6s-%s X gives it", key,
            key, key + 7);
    tw_status status = parse_numbers(key, text, &list);
    if (status != TW_OK) return status;
    if (!list.scalar && list.count != count)
        status = tw_fail(TW_ERR_DATA, "metadata '%s' lists %zu numbers, expected 1%s%.0zu", key,
                         list.count, count > 1 ? " or " : "", count > 1 ? count : 0);
    for (size_t i = 0; status == TW_OK && i < count; i++) {
        out[i] = list.values[list.scalar ? 0 : i];
        if (!(isfinite(out[i]) && out[i] >= 0.0))
            status =
                tw_fail(TW_ERR_DATA, "metadata '%s' is %g, but a ridge is a finite number >= 0",
                        key, out[i]);
    }
    free(list.values);
    return status;
}

/* The names of a descriptor table, for error messages. */
typedef const char *(*name_at)(size_t index);

static const char *loss_name(size_t index) {
    const tw_loss *loss = tw_loss_at(index);
    return loss ? loss->name : NULL;
}

static const char *activation_name(size_t index) {
    const tw_activation *activation = tw_activation_at(index);
    return activation ? activation->name : NULL;
}

/* Why there is no such entry: a JSON file that gave none at all, an array of that name that is no
 * numbers; "" when nothing tells. */
static const char *why_missing(const tw_bundle *bundle, const char *key) {
    for (size_t i = 0; i < bundle->omission_count; i++) {
        const tw_omission *omission = &bundle->omissions[i];
        if (omission->is_metadata && strcmp(omission->name, "spec") == 0) return omission->reason;
        if (!omission->is_metadata && strcmp(omission->name, key) == 0)
            return "the array of that name is no metadata, which stands in the JSON file beside an "
                   "npz file and in the attributes of an HDF5 group";
    }
    return "";
}

static tw_status unknown_name(const tw_bundle *bundle, const char *key, const char *text,
                              name_at name) {
    char known[160] = "";
    for (size_t i = 0; name(i) != NULL; i++) {
        size_t used = strlen(known);
        snprintf(known + used, sizeof known - used, "%s%s", i ? ", " : "", name(i));
    }
    const char *why = why_missing(bundle, key);
    if (text == NULL)
        return tw_fail(TW_ERR_DATA, "metadata '%s' is missing (one of %s): --%s NAME gives it%s%s",
                       key, known, key, *why ? "; " : "", why);
    return tw_fail(TW_ERR_DATA, "metadata '%s' is \"%.60s\", expected one of %s", key, text, known);
}

/* A key of ours that the file has, but in no form that metadata can have. */
static tw_status refuse_omissions(const tw_bundle *bundle) {
    static const char *const keys[] = {"loss",     "activation", "lambda_W",
                                       "lambda_H", "lambda_b",   "bias"};
    for (size_t i = 0; i < bundle->omission_count; i++) {
        const tw_omission *omission = &bundle->omissions[i];
        for (size_t k = 0; k < sizeof keys / sizeof *keys; k++)
            if (omission->is_metadata && strcmp(omission->name, keys[k]) == 0)
                return tw_fail(omission->status, "%s", omission->reason);
    }
    return TW_OK;
}

tw_status tw_metadata_to_model(const tw_bundle *bundle, tw_dufm *model) {
    tw_status status = TW_OK;
    TW_TRY(refuse_omissions(bundle));
    const char *loss = tw_metadata_text(bundle, "loss");
    const char *activation = tw_metadata_text(bundle, "activation");
    model->loss = loss ? tw_loss_find(loss) : NULL;
    if (model->loss == NULL) return unknown_name(bundle, "loss", loss, loss_name);
    model->activation = activation ? tw_activation_find(activation) : NULL;
    if (model->activation == NULL)
        return unknown_name(bundle, "activation", activation, activation_name);
    TW_TRY(read_ridge(bundle, "lambda_W", model->layers, model->lambda_W));
    TW_TRY(read_ridge(bundle, "lambda_H", 1, &model->lambda_H));
    if (tw_metadata_text(bundle, "lambda_b"))
        TW_TRY(read_ridge(bundle, "lambda_b", 1, &model->lambda_b));
cleanup:
    return status;
}

/* One fact that the arrays know and the metadata may repeat. */
static tw_status check_fact(const tw_bundle *bundle, const char *key, size_t count,
                            const size_t *truth) {
    const char *text = tw_metadata_text(bundle, key);
    numbers list;
    if (text == NULL) return TW_OK;
    tw_status status = parse_numbers(key, text, &list);
    if (status != TW_OK) return status;
    if (!list.scalar && list.count != count)
        status = tw_fail(TW_ERR_DATA, "metadata '%s' lists %zu numbers, the arrays say %zu", key,
                         list.count, count);
    for (size_t i = 0; status == TW_OK && i < count; i++) {
        double claimed = list.values[list.scalar ? 0 : i];
        if (claimed != (double)truth[i])
            status = tw_fail(TW_ERR_DATA, "metadata '%s' says %g at index %zu, the arrays say %zu",
                             key, claimed, i, truth[i]);
    }
    free(list.values);
    return status;
}

/* A truth value of JSON, of Python, or as 0 and 1. */
static bool as_truth(const tw_json *value, bool *one) {
    const char *text = tw_json_as_string(value);
    double number;
    if (tw_json_as_boolean(value, one)) return true;
    if (tw_json_as_number(value, &number)) {
        *one = number == 1.0;
        return number == 0.0 || *one;
    }
    *one = text && strcasecmp(text, "true") == 0;
    return *one || (text && strcasecmp(text, "false") == 0);
}

tw_status tw_metadata_parse(const char *text, tw_json **json) {
    tw_status status = tw_json_parse(text, strlen(text), json);
    if (status == TW_OK || status == TW_ERR_MEMORY) return status;
    *json = tw_json_string(text);
    return *json ? TW_OK : TW_ERR_MEMORY;
}

/* `bias`: a truth value, or one a layer; the model has a bias in its last layer or in none. */
static tw_status check_bias(const tw_bundle *bundle, const tw_dufm *model) {
    const char *text = tw_metadata_text(bundle, "bias");
    tw_json *json = NULL;
    tw_status status = text ? tw_metadata_parse(text, &json) : TW_OK;
    bool list = tw_json_is_array(json), last = model->bias, one = false;
    size_t count = list ? tw_json_size(json) : 1;
    bool good = status == TW_OK && (count == 1 || count == model->layers);
    for (size_t i = 0; json && good && i < count; i++)
        good = as_truth(list ? tw_json_at(json, i) : json, &one) && one == (i + 1 == count && last);
    tw_json_destroy(json);
    if (text == NULL || good || status == TW_ERR_MEMORY)
        return status == TW_ERR_MEMORY ? status : TW_OK;
    return tw_fail(TW_ERR_DATA,
                   "metadata 'bias' is \"%.60s\", but the model that is read has %s (--ignore bias "
                   "passes the entry over)",
                   text, last ? "a bias in the last layer alone" : "no bias");
}

tw_status tw_metadata_check(const tw_bundle *bundle, const tw_dufm *model) {
    tw_status status = TW_OK;
    size_t classes = tw_dufm_classes(model), *sizes = NULL;
    TW_TRY(TW_NEW(sizes, classes));
    tw_dufm_class_sizes(model, sizes);
    TW_TRY(check_fact(bundle, "classes", 1, &classes));
    TW_TRY(check_fact(bundle, "depth", 1, &model->layers));
    TW_TRY(check_fact(bundle, "samples_per_class", classes, sizes));
    TW_TRY(check_fact(bundle, "outputs", 1, &classes));
    TW_TRY(check_fact(bundle, "widths", model->layers, model->widths));
    TW_TRY(check_bias(bundle, model));
    TW_TRY(tw_metadata_refuse_others(bundle, model));
cleanup:
    free(sizes);
    return status;
}

static tw_status set_numbers(tw_bundle *bundle, const char *key, size_t count,
                             const double *values) {
    bool equal = true;
    for (size_t i = 1; i < count; i++) equal = equal && values[i] == values[0];
    tw_json *json = equal ? tw_json_number(values[0]) : tw_json_numbers(count, values);
    char *text = json ? tw_json_text(json, 0) : NULL;
    tw_status status = text ? tw_bundle_set_metadata(bundle, key, text) : TW_ERR_MEMORY;
    free(text);
    tw_json_destroy(json);
    return status;
}

/* A file names a row of the table, not a copy of one with another sharpness. */
static tw_status check_nameable(const tw_activation *activation) {
    const tw_activation *row = tw_activation_find(activation->name);
    if (row && row->sharpness == activation->sharpness) return TW_OK;
    return tw_fail(TW_ERR_UNSUPPORTED, "no file can hold a model with %s of sharpness %g",
                   activation->name, activation->sharpness);
}

tw_status tw_metadata_from_model(const tw_dufm *model, tw_bundle *bundle) {
    tw_status status = TW_OK;
    TW_TRY(check_nameable(model->activation));
    TW_TRY(tw_bundle_set_metadata(bundle, "loss", model->loss->name));
    TW_TRY(tw_bundle_set_metadata(bundle, "activation", model->activation->name));
    TW_TRY(set_numbers(bundle, "lambda_W", model->layers, model->lambda_W));
    TW_TRY(set_numbers(bundle, "lambda_H", 1, &model->lambda_H));
    if (model->bias) TW_TRY(set_numbers(bundle, "lambda_b", 1, &model->lambda_b));
cleanup:
    return status;
}
