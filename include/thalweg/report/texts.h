/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results that are lists of lists, as texts to read or to paste. */
#ifndef THALWEG_TEXTS_H
#define THALWEG_TEXTS_H

#include <thalweg/campaign/summary.h>
#include <thalweg/claims/claim_list.h>

typedef enum tw_text_format {
    TW_TEXT_PLAIN,
    TW_TEXT_MARKDOWN, /* a table */
    TW_TEXT_LATEX     /* a longtable, without preamble */
} tw_text_format;

/* Claims that were computed. *text (out): owned by the caller (free). Errors: TW_ERR_MEMORY. */
TW_API tw_status tw_claims_text(const tw_claim_list *list, tw_text_format format, char **text);

/* A campaign: tables of classes, differences, transitions, return curves, scans. Likewise. */
TW_API tw_status tw_summary_text(const tw_summary *summary, char **text);

#endif
