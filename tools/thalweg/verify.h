/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Ways to show claims that were computed. */
#ifndef VERIFY_H
#define VERIFY_H

#include <thalweg/record/claims_record.h>

void print_verdicts(const tw_claim_list *verdicts); /* for people */
void print_markdown(const tw_claim_list *verdicts);
void print_latex(const tw_claim_list *verdicts); /* a longtable, without preamble */

#endif
