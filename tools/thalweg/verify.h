/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claims that were computed, and the ways to show them. */
#ifndef VERIFY_H
#define VERIFY_H

#include <thalweg/claims/claims.h>
#include <thalweg/files/json.h>

enum { CLAIM_ROOM = 64 };

typedef struct cli_verdict {
    const tw_claim *claim;
    double constants[TW_CLAIM_CONSTANTS]; /* as given, else as published */
    tw_claim_result result;
    double seconds;
} cli_verdict;

typedef struct cli_verdicts {
    cli_verdict *rows; /* owned */
    size_t count;
} cli_verdicts;

bool verdict_expected(const cli_verdict *verdict); /* the answer is that of the table */

/* "0.0000e+00 = 0" and the like, without the name of the figure. */
void figure_text(const tw_claim_figure *figure, char *text, size_t room);

void print_verdicts(const cli_verdicts *verdicts); /* for people */
void print_markdown(const cli_verdicts *verdicts);
void print_latex(const cli_verdicts *verdicts); /* a longtable, without preamble */

/* {claims: [...], unexpected, seconds}; NULL when memory is short. */
tw_json *verdicts_json(const cli_verdicts *verdicts);

#endif
