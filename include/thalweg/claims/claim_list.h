/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Some of the claims, with constants of their own, and what came out. */
#ifndef THALWEG_CLAIM_LIST_H
#define THALWEG_CLAIM_LIST_H

#include <thalweg/claims/claims.h>

/* A claim with what came out. */
typedef struct tw_claim_verdict {
    const tw_claim *claim;
    double constants[TW_CLAIM_CONSTANTS]; /* as given, else as published */
    tw_claim_result result;
    double seconds;
} tw_claim_verdict;

TW_API bool tw_claim_is_expected(const tw_claim_verdict *verdict); /* the answer of the table */

/* Owned; release with tw_claim_list_clear. */
typedef struct tw_claim_list {
    size_t count;
    tw_claim_verdict *claims; /* in the order of the table */
} tw_claim_list;

/* ids: "a,f,g"; NULL: all of them. TW_ERR_ARGUMENT for one that there is not. */
TW_API tw_status tw_claim_list_init(tw_claim_list *list, const char *ids);
TW_API void tw_claim_list_clear(tw_claim_list *list); /* idempotent, NULL-safe */

/* constants: "a.bound=2,f.depth=3". TW_ERR_ARGUMENT for one that no claim of the list has. */
TW_API tw_status tw_claim_list_set(tw_claim_list *list, const char *constants);

/* Compute them one after the other; options->constants is not looked at, NULL: the defaults. */
TW_API tw_status tw_claim_list_evaluate(tw_claim_list *list, const tw_claim_options *options);

#endif
