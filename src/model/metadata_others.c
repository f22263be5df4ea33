/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files of other models than the one that is read: what their metadata and arrays say.
 *
 * Unknown metadata is carried along, but a key that would change the model only with the value
 * under which it says what is computed anyway; unknown arrays are, but not of a shape that could
 * act in a layer. */
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <thalweg/files/json.h>

#include "model/metadata_private.h"
#include "model/names_private.h"

#define OFF "0 false none no off"

typedef struct other {
    const char *key;
    const char *ours;       /* words between blanks, each of which says what is computed */
    const char *activation; /* with which the key means something; NULL: with every one */
    const char *computed;
} other;

static const other others[] = {
    {"features", "free", NULL, "features as free parameters ('free')"},
    {"geometry", "flat", NULL, "weights and features without constraints ('flat')"},
    {"scale", "1", NULL, "the logits without a factor (1)"},
    {"logit_scale", "1", NULL, "the logits without a factor (1)"},
    {"temperature", "1", NULL, "the logits without a temperature (1)"},
    {"reduction", "mean", NULL, "the mean over the samples ('mean')"},
    {"label_smoothing", OFF, NULL, "the loss without label smoothing (0)"},
    {"loss_parameters", "", NULL, "the loss in its plain form"},
    {"loss_kwargs", "", NULL, "the loss in its plain form"},
    {"class_weight", "1 none", NULL, "every class with weight 1"},
    {"class_weights", "1 none", NULL, "every class with weight 1"},
    {"mixup", OFF, NULL, "the loss at the samples themselves"},
    {"dropout", OFF, NULL, "the model without dropout (0)"},
    {"dropout_rate", OFF, NULL, "the model without dropout (0)"},
    {"batch_norm", OFF, NULL, "the model without normalization (false)"},
    {"layer_norm", OFF, NULL, "the model without normalization (false)"},
    {"group_norm", OFF, NULL, "the model without normalization (false)"},
    {"normalization", OFF, NULL, "the model without normalization (none)"},
    {"normalize", OFF, NULL, "the model without normalization (false)"},
    {"residual", OFF, NULL, "the model without residual connections (false)"},
    {"skip_connections", OFF, NULL, "the model without skip connections (false)"},
    {"tied_weights", OFF, NULL, "weights of their own for every layer (false)"},
    {"hidden_bias", OFF, NULL, "the hidden layers without a bias (false)"},
    {"output_activation", "linear identity none", NULL, "the last layer without activation (none)"},
    {"activation_parameters", "", NULL, "the activation in its plain form"},
    {"activation_kwargs", "", NULL, "the activation in its plain form"},
    {"negative_slope", "0.01", "leaky-relu", "leaky-relu with the slope 0.01"},
    {"negative_slope", OFF, "relu", "relu, of slope 0 below zero"},
    {"slope", "0.01", "leaky-relu", "leaky-relu with the slope 0.01"},
    {"alpha", "0.01", "leaky-relu", "leaky-relu with the slope 0.01"},
    {"approximate", "none false", "gelu", "gelu in its exact form (none)"},
    {"beta", "1", "softplus", "softplus with beta 1"},
    {"sharpness", "1", "softplus", "softplus with sharpness 1"},
    /* PyTorch's default, beyond which its softplus is the identity up to 2e-9 */
    {"threshold", "20", "softplus", "softplus at every argument (20 comes to the same)"},
};

enum { OTHERS = sizeof others / sizeof *others };

/* The row of a key, or of one that it nearly is; NULL without one. */
static const other *find(const char *key, const tw_dufm *model) {
    const other *near = NULL;
    for (size_t i = 0; i < OTHERS; i++) {
        const other *row = &others[i];
        if (row->activation && strcmp(row->activation, model->activation->name) != 0) continue;
        if (tw_metadata_same_key(key, row->key)) return row;
        if (near == NULL && tw_metadata_near_key(key, row->key)) near = row;
    }
    return near;
}

/* Is it one of the words: the same number, truth value or text? */
static bool is_word(const tw_json *value, const char *ours) {
    const char *text = tw_json_as_string(value);
    double number;
    bool truth, numeric = tw_json_read_number(value, &number);
    if (tw_json_as_boolean(value, &truth)) text = truth ? "true" : "false";
    for (; *ours; ours += strspn(ours, " ")) {
        size_t bytes = strcspn(ours, " ");
        char *end;
        double word = strtod(ours, &end);
        if (numeric && end == ours + bytes && number == word) return true;
        if (text && strlen(text) == bytes && strncasecmp(text, ours, bytes) == 0) return true;
        ours += bytes;
    }
    return false;
}

/* Everything in the value is one of the words, or null. */
static bool says_ours(const tw_json *value, const char *ours) {
    const char *key = NULL;
    if (tw_json_is_null(value)) return true;
    for (size_t i = 0; tw_json_is_array(value) && i < tw_json_size(value); i++)
        if (!says_ours(tw_json_at(value, i), ours)) return false;
    if (tw_json_is_array(value)) return true;
    if (!tw_json_is_object(value)) return is_word(value, ours);
    for (const tw_json *member; (member = tw_json_next(value, &key));)
        if (!says_ours(member, ours)) return false;
    return true;
}

static tw_status refuse_value(const char *what, const char *key, const char *text,
                              const other *row) {
    bool same = tw_metadata_same_key(key, row->key);
    return tw_fail(TW_ERR_UNSUPPORTED,
                   "%s '%.60s' is \"%.60s\"%s%s%s, which is another model than the one that is "
                   "read: what is computed is %s (--ignore '%.60s' reads it all the same)",
                   what, key, text, same ? "" : " (did you mean '", same ? "" : row->key,
                   same ? "" : "'?)", row->computed, key);
}

static tw_status check_entry(const tw_bundle *bundle, const char *key, const tw_dufm *model) {
    const other *row = find(key, model);
    const char *text = row ? tw_metadata_text(bundle, key) : NULL;
    tw_json *json = NULL;
    if (text == NULL) return TW_OK;
    tw_status status = tw_metadata_parse(text, &json);
    bool good = status == TW_OK && says_ours(json, row->ours);
    tw_json_destroy(json);
    if (status != TW_OK || good) return status;
    return refuse_value("metadata", key, text, row);
}

/* ---- Arrays ---- */

/* One number under such a key, as numpy.savez(temperature=2.) writes it. */
static tw_status check_number(const tw_array *array, const tw_dufm *model) {
    const other *row = find(array->name, model);
    if (row == NULL) return TW_OK;
    tw_json *json = tw_json_number(array->values[0]);
    char *text = json ? tw_json_text(json, 0) : NULL;
    bool good = json && says_ours(json, row->ours);
    tw_status status = text ? TW_OK : TW_ERR_MEMORY;
    if (text && !good) status = refuse_value("array", array->name, text, row);
    free(text);
    tw_json_destroy(json);
    return status;
}

/* Has a layer of the model that many outputs (features: layer 0)? */
static bool is_width(const tw_dufm *model, size_t count) {
    for (size_t l = 0; l < model->layers; l++)
        if (model->widths[l] == count) return true;
    return tw_dufm_classes(model) == count;
}

/* Of a shape that could act on what a layer takes or gives: gains, offsets, statistics, mixing. */
static bool could_act(const tw_array *array, const tw_dufm *model) {
    size_t longer = 0;
    for (size_t axis = 0; axis < array->rank; axis++) {
        if (array->shape[axis] == 1) continue;
        if (++longer > 2 || !is_width(model, array->shape[axis])) return false;
    }
    return longer > 0;
}

/* What was measured or counted, of whatever length. */
static bool is_record(const char *name) {
    static const char *const records[] = {
        "loss",  "losses",  "accuracy",          "accuracies",  "epoch",        "epochs", "step",
        "steps", "history", "samples_per_class", "class_sizes", "class_counts", "widths", "time"};
    for (size_t i = 0; i < sizeof records / sizeof *records; i++)
        if (tw_metadata_same_key(name, records[i])) return true;
    return false;
}

static tw_status check_array(const tw_bundle *bundle, const tw_array *array, const tw_dufm *model) {
    const char *name = array->name;
    if (tw_array_length(array) == 1) return check_number(array, model);
    if (!could_act(array, model)) return TW_OK;
    if (tw_name_is_passenger(bundle, array) || is_record(name)) return TW_OK;
    return tw_fail(TW_ERR_DATA,
                   "array '%.60s' has the shape of something in a layer (%zu numbers) but is "
                   "none of the model's H, W1 .. WL, b, labels: --map '%.60s'=MODEL_NAME names it, "
                   "--ignore '%.60s' leaves it out",
                   name, tw_array_length(array), name, name);
}

tw_status tw_metadata_refuse_others(const tw_bundle *bundle, const tw_dufm *model) {
    tw_status status = TW_OK;
    for (size_t i = 0; i < bundle->omission_count; i++) {
        const tw_omission *omission = &bundle->omissions[i];
        if (omission->is_metadata && find(omission->name, model))
            return tw_fail(omission->status, "%s", omission->reason);
    }
    for (size_t i = 0; i < bundle->metadata_count; i++)
        TW_TRY(check_entry(bundle, bundle->metadata[i].key, model));
    for (size_t i = 0; i < bundle->array_count; i++)
        TW_TRY(check_array(bundle, &bundle->arrays[i], model));
cleanup:
    return status;
}
