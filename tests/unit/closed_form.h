/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the tests of closed forms share: cases, and a text for every kind of the table. */
#ifndef TEST_UNIT_CLOSED_FORM_H
#define TEST_UNIT_CLOSED_FORM_H

#include "support/test.h"

#include <stdio.h>
#include <thalweg/optima/closed_form.h>

static inline tw_closed_case make_case(const char *loss, size_t K, size_t n, size_t d, size_t L) {
    return (tw_closed_case){K, n, d, L, 0.01, tw_loss_find(loss)};
}

static inline tw_closed_form solve_at(tw_closed_case given, const char *text, double lambda) {
    tw_closed_form form = {0};
    given.lambda = lambda;
    assert_ok(tw_closed_form_solve(&given, text, &form));
    return form;
}

/* The lambda to try: a fraction of the fold, or of 1 where there is none. */
static inline double fold_of(tw_closed_case given, const char *text) {
    tw_closed_form form = solve_at(given, text, 1.0);
    double fold = form.fold_lambda;
    tw_closed_form_clear(&form);
    return isinf(fold) ? 1.0 : fold;
}

/* A text for a kind at K classes, the `variant`-th; false when there is none. A new row of the
 * table needs a line here. */
static inline bool text_for(const tw_closed_kind *kind, size_t K, size_t variant, char *text) {
    if (kind->argument == NULL) {
        strcpy(text, kind->name);
        return variant == 0 && (K % 2 == 0 || strcmp(kind->name, "cross-polytope") != 0);
    }
    if (strcmp(kind->name, "blocks") == 0) {
        size_t second = variant + 1, first = K - second;
        sprintf(text, variant == 0 ? "blocks:%zu" : "blocks:%zu,%zu", variant ? first : K, second);
        return variant == 0 || (second < K && first >= 2);
    }
    assert_string_equal(kind->name, "projector");
    sprintf(text, "projector:%zu", variant + 1);
    return variant < K;
}

#endif
