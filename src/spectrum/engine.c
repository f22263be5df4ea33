/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spectrum/engine_private.h"

#include <stddef.h>
#include <string.h>
#include <thalweg/spectrum/spectrum.h>

static const tw_engine *const engines[] = {&tw_engine_lanczos, &tw_engine_arpack};

enum { ENGINES = sizeof engines / sizeof engines[0] };

const char *tw_engine_at(size_t index) {
    return index < ENGINES ? engines[index]->name : NULL;
}

const tw_engine *tw_engine_find(const char *name) {
    for (size_t i = 0; name && i < ENGINES; i++)
        if (strcmp(engines[i]->name, name) == 0) return engines[i];
    return NULL;
}
