/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/model/overrides.h>

#include <stdlib.h>
#include <thalweg/files/json.h>

static tw_status override_name(tw_bundle *bundle, const char *key, const char *text) {
    return text ? tw_bundle_set_metadata(bundle, key, text) : TW_OK;
}

/* Metadata is JSON, which knows no ".01". */
static tw_status override_ridge(tw_bundle *bundle, const char *key, const char *text) {
    bool list = false;
    size_t count = 0;
    double *values = NULL;
    if (text == NULL) return TW_OK;
    tw_bundle_remove(bundle, key);
    tw_status status = tw_json_parse_numbers(text, &list, &count, &values);
    if (status != TW_OK) return status;
    tw_json *json = list ? tw_json_numbers(count, values) : tw_json_number(values[0]);
    char *number = json ? tw_json_text(json, 0) : NULL;
    status = number ? tw_bundle_set_metadata(bundle, key, number) : TW_ERR_MEMORY;
    free(number);
    tw_json_destroy(json);
    free(values);
    return status;
}

tw_status tw_point_override(tw_bundle *bundle, const tw_point_overrides *overrides) {
    tw_status status = TW_OK;
    TW_TRY(override_name(bundle, "loss", overrides->loss));
    TW_TRY(override_name(bundle, "activation", overrides->activation));
    TW_TRY(override_ridge(bundle, "lambda_W", overrides->lambda_W));
    TW_TRY(override_ridge(bundle, "lambda_H", overrides->lambda_H));
    TW_TRY(override_ridge(bundle, "lambda_b", overrides->lambda_b));
cleanup:
    return status;
}
