/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/alloc_private.h"
#include "files/bundle_private.h"
#include "files/json_private.h"
#include "files/npz_private.h"
#include "files/text_private.h"

char *tw_npz_json_path(const char *path) {
    static const char npz[] = ".npz", json[] = ".json";
    size_t stem = strlen(path);
    if (stem >= sizeof npz - 1 && strcasecmp(path + stem - (sizeof npz - 1), npz) == 0) {
        stem -= sizeof npz - 1;
    }
    char *json_path = tw_alloc(stem + sizeof json, 1);
    if (!json_path) return NULL;
    memcpy(json_path, path, stem);
    memcpy(json_path + stem, json, sizeof json);
    return json_path;
}

static tw_status take_spec(const tw_json *file, const char *path, tw_bundle *bundle) {
    const tw_json *spec = tw_json_get(file, "spec");
    const char *key = NULL;
    if (!tw_json_is_object(file)) return tw_fail(TW_ERR_FORMAT, "holds no JSON object");
    if (!spec) {
        tw_fail(TW_ERR_DATA, "holds no object 'spec', so it gives no metadata");
        return tw_bundle_omit_metadata(bundle, "spec", tw_fail_in_file(TW_ERR_DATA, path));
    }
    if (!tw_json_is_object(spec)) return tw_fail(TW_ERR_FORMAT, "'spec' is no JSON object");
    for (const tw_json *member; (member = tw_json_next(spec, &key));) {
        tw_status status = tw_bundle_set_json(bundle, key, member);
        if (status != TW_OK) return status;
    }
    return TW_OK;
}

tw_status tw_npz_read_metadata(const char *json_path, tw_bundle *bundle) {
    tw_json *file = NULL;
    if (access(json_path, F_OK) != 0) return TW_OK;
    tw_status status = tw_json_read_quoting(json_path, &file);
    if (status == TW_OK) status = tw_fail_in_file(take_spec(file, json_path, bundle), json_path);
    tw_json_destroy(file);
    return status;
}

/* All but strings stand as such, so that other programs need not parse them. */
static tw_status put_member(tw_json *spec, const tw_metadata *entry) {
    tw_json *value = NULL;
    if (entry->is_text) return tw_json_set(spec, entry->key, tw_json_string(entry->text));
    tw_status status = tw_json_parse(entry->text, strlen(entry->text), &value);
    if (status == TW_ERR_MEMORY) return status;
    if (status == TW_OK && !tw_json_as_string(value)) {
        return tw_json_set(spec, entry->key, value);
    }
    tw_json_destroy(value);
    return tw_json_set(spec, entry->key, tw_json_string(entry->text));
}

tw_status tw_npz_print_metadata(const tw_bundle *bundle, char **text) {
    tw_status status = TW_OK;
    tw_json *file = tw_json_object(), *spec = tw_json_object();
    for (size_t i = 0; i < bundle->metadata_count; i++) {
        TW_TRY(put_member(spec, &bundle->metadata[i]));
    }
    status = tw_json_set(file, "spec", spec);
    spec = NULL;
    if (status != TW_OK) goto cleanup;
    *text = tw_json_text(file, 1);
    TW_TRY(*text ? TW_OK : TW_ERR_MEMORY);
cleanup:
    tw_json_destroy(spec);
    tw_json_destroy(file);
    return status;
}
