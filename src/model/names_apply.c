/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Arrays renamed and left out, by the caller's list and by the file's own. */
#include <stdlib.h>
#include <string.h>
#include <thalweg/files/json.h>

#include "base/alloc_private.h"
#include "model/names_private.h"

#define MAP "map"

/* The caller's list and behind it the file's. */
typedef struct list {
    size_t count, given; /* of them the caller's */
    tw_rename *entries;  /* owned; the names are borrowed from the caller and from `file` */
    tw_json *file;       /* the metadata entry, or NULL */
} list;

static const tw_rename *find(const list *l, const char *from) {
    for (size_t i = 0; i < l->count; i++)
        if (strcmp(l->entries[i].from, from) == 0) return &l->entries[i];
    return NULL;
}

static tw_status take_given(list *l, size_t count, const tw_rename *renames) {
    for (size_t i = 0; i < count; i++) {
        if (find(l, renames[i].from))
            return tw_fail(TW_ERR_ARGUMENT, "array '%.80s' is mapped or ignored twice",
                           renames[i].from);
        if (renames[i].to && !tw_name_is_own(renames[i].to))
            return tw_fail(TW_ERR_ARGUMENT,
                           "'%.80s' is to be read as '%.80s', but the model has H, W1 .. WL, b and "
                           "labels",
                           renames[i].from, renames[i].to);
        l->entries[l->count++] = renames[i];
    }
    l->given = l->count;
    return TW_OK;
}

static tw_status take_file(list *l) {
    const char *key = NULL;
    for (const tw_json *member; (member = tw_json_next(l->file, &key));) {
        const char *to = tw_json_as_string(member);
        if ((to == NULL && !tw_json_is_null(member)) || (to && !tw_name_is_own(to)))
            return tw_fail(TW_ERR_DATA,
                           "metadata '" MAP
                           "': '%.80s' is neither null nor one of the model's H, "
                           "W1 .. WL, b, labels",
                           key);
        if (find(l, key) == NULL) l->entries[l->count++] = (tw_rename){key, to};
    }
    return TW_OK;
}

static tw_status parse_file(const tw_bundle *bundle, tw_json **file) {
    const char *text = tw_bundle_metadata(bundle, MAP);
    if (text == NULL) return TW_OK;
    tw_status status = tw_json_parse(text, strlen(text), file);
    if (status == TW_ERR_MEMORY || (status == TW_OK && tw_json_is_object(*file))) return status;
    return tw_fail(TW_ERR_DATA,
                   "metadata '" MAP
                   "' is \"%.60s\", expected an object like "
                   "{\"W0\": \"W1\"}",
                   text);
}

/* The name that an array will have; NULL when it is left out. */
static const char *new_name(const list *l, const char *name) {
    const tw_rename *entry = find(l, name);
    return entry ? entry->to : name;
}

static tw_status check_present(const list *l, const tw_bundle *bundle) {
    for (size_t i = 0; i < l->count; i++) {
        const tw_array *array = NULL;
        const tw_rename *entry = &l->entries[i];
        if (entry->to == NULL) continue;
        tw_status status = tw_bundle_require(bundle, entry->from, &array);
        if (status != TW_OK) return status;
    }
    return TW_OK;
}

/* Only what is renamed can meet another array of its new name. */
static tw_status check_unique(const list *l, const tw_bundle *bundle) {
    for (size_t i = 0; i < l->count; i++) {
        const tw_rename *entry = &l->entries[i];
        for (size_t k = 0; entry->to && k < bundle->array_count; k++) {
            const char *other = bundle->arrays[k].name, *name = new_name(l, other);
            if (strcmp(other, entry->from) == 0 || name == NULL) continue;
            if (strcmp(name, entry->to) == 0)
                return tw_fail(TW_ERR_DATA, "arrays '%.80s' and '%.80s' would both be '%s'",
                               entry->from, other, name);
        }
    }
    return TW_OK;
}

/* The new name of each entry, made before anything changes. */
static tw_status copy_names(const list *l, char **names) {
    for (size_t i = 0; i < l->count; i++) {
        if (l->entries[i].to == NULL) continue;
        names[i] = tw_copy_string(l->entries[i].to);
        if (names[i] == NULL) return TW_ERR_MEMORY;
    }
    return TW_OK;
}

/* What is left out goes first: its name may be another's new one. */
static void change(const list *l, tw_bundle *bundle, char **names) {
    for (size_t i = 0; i < l->count; i++) {
        if (l->entries[i].to) continue;
        tw_bundle_remove(bundle, l->entries[i].from);
        tw_bundle_remove_metadata(bundle, l->entries[i].from);
    }
    for (size_t k = 0; k < bundle->array_count; k++) {
        char *old = bundle->arrays[k].name;
        const tw_rename *entry = find(l, old);
        if (entry == NULL) continue;
        bundle->arrays[k].name = names[entry - l->entries];
        names[entry - l->entries] = old;
    }
    tw_bundle_remove_metadata(bundle, MAP);
}

tw_status tw_names_apply(tw_bundle *bundle, size_t count, const tw_rename *renames) {
    tw_status status = TW_OK;
    list l = {0};
    char **names = NULL;
    TW_TRY(parse_file(bundle, &l.file));
    if (count == 0 && l.file == NULL) return TW_OK;
    TW_TRY(TW_NEW(l.entries, count + tw_json_size(l.file) + 1));
    TW_TRY(TW_NEW(names, count + tw_json_size(l.file) + 1));
    TW_TRY(take_given(&l, count, renames));
    TW_TRY(take_file(&l));
    TW_TRY(check_present(&l, bundle));
    TW_TRY(check_unique(&l, bundle));
    TW_TRY(copy_names(&l, names));
    change(&l, bundle, names);
cleanup:
    for (size_t i = 0; names && i < l.count; i++) free(names[i]);
    free(names);
    free(l.entries);
    tw_json_destroy(l.file);
    return status;
}

/* One rename out of "FILE_NAME=MODEL_NAME"; names may hold "=", the model's do not. */
static tw_status read_pair(const char *word, char **from, tw_rename *rename) {
    const char *equals = strrchr(word, '=');
    if (equals == NULL || equals == word || equals[1] == '\0')
        return tw_fail(TW_ERR_ARGUMENT, "--map: '%.80s' is not FILE_NAME=MODEL_NAME", word);
    tw_status status = TW_NEW(*from, (size_t)(equals - word) + 1);
    if (status != TW_OK) return status;
    memcpy(*from, word, (size_t)(equals - word));
    *rename = (tw_rename){*from, equals + 1};
    return TW_OK;
}

tw_status tw_names_apply_words(tw_bundle *bundle, size_t map_count, const char *const *map,
                               size_t ignore_count, const char *const *ignore) {
    tw_status status = TW_OK;
    char **names = NULL;
    tw_rename *renames = NULL;
    TW_TRY(TW_NEW(names, map_count + 1));
    TW_TRY(TW_NEW(renames, map_count + ignore_count + 1));
    for (size_t i = 0; i < map_count; i++) TW_TRY(read_pair(map[i], &names[i], &renames[i]));
    for (size_t i = 0; i < ignore_count; i++) renames[map_count + i] = (tw_rename){ignore[i], NULL};
    TW_TRY(tw_names_apply(bundle, map_count + ignore_count, renames));
cleanup:
    for (size_t i = 0; names && i < map_count; i++) free(names[i]);
    free(names);
    free(renames);
    return status;
}
