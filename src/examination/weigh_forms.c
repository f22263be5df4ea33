/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/examination/free_energy.h>

#include <string.h>

#include "base/alloc_private.h"

static size_t count_names(const char *list) {
    size_t count = 1;
    for (const char *at = list; *at; at++) count += *at == '/';
    return count;
}

/* The list is cut at each /, and its pieces are the names at every scale. */
static tw_status take_names(const char *list, tw_weights *w) {
    w->names = tw_copy_string(list);
    if (w->names == NULL) return TW_ERR_MEMORY;
    char *at = w->names;
    for (size_t i = 0; i < w->count; i++) {
        char *end = strchr(at, '/');
        for (size_t s = 0; s < w->scale_count; s++) w->scales[s].optima[i].name = at;
        if (end == NULL) break;
        *end = '\0';
        at = end + 1;
    }
    return TW_OK;
}

static tw_status weigh(const tw_closed_case *given, tw_weighed *optimum) {
    tw_status status = TW_OK;
    tw_closed_form form = {0};
    TW_TRY(tw_closed_form_solve(given, optimum->name, &form));
    TW_TRY(tw_free_energy_of_form(&form, &optimum->laplace));
cleanup:
    tw_closed_form_clear(&form);
    return status;
}

tw_status tw_weights_of_forms(const tw_closed_case *given, const char *names, size_t scales,
                              const size_t *widths, size_t listed, const double *betas,
                              tw_weights *weights) {
    tw_status status = TW_OK;
    tw_closed_case at = *given;
    TW_TRY(tw_weights_init(count_names(names), scales, listed, betas, weights));
    TW_TRY(take_names(names, weights));
    for (size_t s = 0; s < scales; s++) {
        weights->scales[s].width = at.width = widths[s];
        for (size_t i = 0; i < weights->count; i++)
            TW_TRY(weigh(&at, &weights->scales[s].optima[i]));
    }
cleanup:
    if (status != TW_OK) tw_weights_clear(weights);
    return status;
}
