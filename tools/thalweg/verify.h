/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claims that were computed, and the ways to show them. */
#ifndef VERIFY_H
#define VERIFY_H

#include <thalweg/record/claims_record.h>

enum { CLAIM_ROOM = 64 };

typedef struct cli_verdicts {
    tw_claim_verdict *rows; /* owned */
    size_t count;
} cli_verdicts;

/* "0.0000e+00 = 0" and the like, without the name of the figure. */
void figure_text(const tw_claim_figure *figure, char *text, size_t room);

void print_verdicts(const cli_verdicts *verdicts); /* for people */
void print_markdown(const cli_verdicts *verdicts);
void print_latex(const cli_verdicts *verdicts); /* a longtable, without preamble */

#endif
