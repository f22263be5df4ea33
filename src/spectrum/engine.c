/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spectrum/engine_private.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <thalweg/spectrum/spectrum.h>

static const tw_engine *const engines[] = {&tw_engine_lanczos, &tw_engine_arpack};

enum { ENGINES = sizeof engines / sizeof engines[0] };

const char *tw_engine_at(size_t index) {
    return index < ENGINES ? engines[index]->name : NULL;
}

tw_status tw_engine_find(const char *name, const tw_engine **engine) {
    char names[80] = "";
    *engine = engines[0];
    if (name == NULL) return TW_OK;
    for (size_t i = 0; i < ENGINES; i++) {
        *engine = engines[i];
        if (strcmp(engines[i]->name, name) == 0) return TW_OK;
        size_t at = strlen(names);
        snprintf(names + at, sizeof names - at, "%s%s", i ? ", " : "", engines[i]->name);
    }
    return tw_fail(TW_ERR_ARGUMENT, "no engine \"%s\": there are %s", name, names);
}
