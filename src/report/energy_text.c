/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Free energies of optima beside each other, and which of the first two weighs more. */
#include <thalweg/report/texts.h>

#include "report/writer_private.h"

static void write_curve(tw_writer *out, const tw_weights *w) {
    tw_writer_text(out, "\nF(beta)\n");
    for (size_t b = 0; b < w->listed; b++) {
        tw_writer_format(out, "  %-12g", w->betas[b]);
        for (size_t i = 0; i < w->count; i++)
            tw_writer_format(out, "  %18.10g", w->energy[i * w->listed + b]);
        tw_writer_text(out, "\n");
    }
}

static void write_crossing(tw_writer *out, const tw_weight_scale *scale) {
    const tw_weighed *first = &scale->optima[0], *second = &scale->optima[1];
    if (scale->crossing.exists)
        tw_writer_format(out, "\nAbove beta* %s has the larger weight, below it the other one.\n",
                         scale->crossing.slope > 0.0 ? second->name : first->name);
    else if (first->laplace.defined && second->laplace.defined)
        tw_writer_format(out, "\n%s and %s weigh the same at no beta.\n", first->name,
                         second->name);
}

tw_status tw_weights_text(const tw_weights *weights, char **text) {
    tw_writer out = {0};
    write_curve(&out, weights);
    if (weights->count > 1) write_crossing(&out, &weights->scales[0]);
    return tw_writer_finish(&out, text);
}
