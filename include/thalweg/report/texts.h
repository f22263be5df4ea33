/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results that are lists of lists, and curves, as texts to read or to paste. */
#ifndef THALWEG_TEXTS_H
#define THALWEG_TEXTS_H

#include <thalweg/campaign/summary.h>
#include <thalweg/claims/claim_list.h>
#include <thalweg/curvature/weights.h>
#include <thalweg/spectrum/density.h>

typedef enum tw_text_format {
    TW_TEXT_PLAIN,
    TW_TEXT_MARKDOWN, /* a table */
    TW_TEXT_LATEX     /* a longtable, without preamble */
} tw_text_format;

/* Claims that were computed. *text (out): owned by the caller (free). Errors: TW_ERR_MEMORY. */
TW_API tw_status tw_claims_text(const tw_claim_list *list, tw_text_format format, char **text);

/* A campaign: tables of classes, differences, transitions, return curves, scans. Likewise. */
TW_API tw_status tw_summary_text(const tw_summary *summary, char **text);

/* What the records' own tables have no room for, with an empty line before each. The curve of a
 * density as bars of letters; "" where all mass is in atoms. Free energies by inverse temperature,
 * a column an optimum, and which of the first two weighs more, after tw_weights_compare.
 * Likewise. */
TW_API tw_status tw_curve_text(const tw_curve *curve, char **text);
TW_API tw_status tw_weights_text(const tw_weights *weights, char **text);

#endif
