/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "options.h"

#include <thalweg/model/evaluator.h>

static const option_table *const tables[] = {
    &analysis_options, &making_options, &exploring_options, &verify_options,
    &flatness_options, &report_options, &certify_options};

const cli_option *option_at(size_t index) {
    for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
        if (index < tables[i]->count) return &tables[i]->rows[index];
        index -= tables[i]->count;
    }
    return NULL;
}

const char *choice_of_loss(size_t index) {
    return tw_loss_at(index) ? tw_loss_at(index)->name : NULL;
}

const char *choice_of_activation(size_t index) {
    return tw_activation_at(index) ? tw_activation_at(index)->name : NULL;
}
