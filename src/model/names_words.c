/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names as people write them on a command line. */
#include <stdlib.h>
#include <string.h>
#include <thalweg/model/names.h>

#include "base/alloc_private.h"

/* *from (out): owned by the caller. The model's names hold no "=". */
static tw_status read_map(const char *word, char **from, tw_rename *rename) {
    const char *equals = strrchr(word, '=');
    if (equals == NULL || equals == word || equals[1] == '\0')
        return tw_fail(TW_ERR_ARGUMENT, "--map: '%.80s' is not FILE_NAME=MODEL_NAME", word);
    size_t length = (size_t)(equals - word);
    tw_status status = TW_NEW(*from, length + 1);
    if (status != TW_OK) return status;
    memcpy(*from, word, length);
    (*from)[length] = '\0';
    *rename = (tw_rename){*from, equals + 1};
    return TW_OK;
}

tw_status tw_names_apply_words(tw_bundle *bundle, const tw_name_words *words) {
    tw_status status = TW_OK;
    size_t count = 0;
    char **names = NULL;
    tw_rename *renames = NULL;
    TW_TRY(TW_NEW(names, words->map_count + 1));
    TW_TRY(TW_NEW(renames, words->map_count + words->ignore_count + 1));
    for (; count < words->map_count; count++)
        TW_TRY(read_map(words->map[count], &names[count], &renames[count]));
    for (size_t i = 0; i < words->ignore_count; i++)
        renames[count++] = (tw_rename){words->ignore[i], NULL};
    TW_TRY(tw_names_apply(bundle, count, renames));
cleanup:
    for (size_t i = 0; names && i < words->map_count; i++) free(names[i]);
    free(names);
    free(renames);
    return status;
}
