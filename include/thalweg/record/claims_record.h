/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claims that were computed, and checks, as records (docs/formats/results.md). */
#ifndef THALWEG_CLAIMS_RECORD_H
#define THALWEG_CLAIMS_RECORD_H

#include <thalweg/claims/claims.h>
#include <thalweg/claims/selftest.h>
#include <thalweg/record/fields.h>

/* A claim with what came out. */
typedef struct tw_claim_verdict {
    const tw_claim *claim;
    double constants[TW_CLAIM_CONSTANTS]; /* as given, else as published */
    tw_claim_result result;
    double seconds;
} tw_claim_verdict;

TW_API bool tw_claim_is_expected(const tw_claim_verdict *verdict); /* the answer of the table */

/* What `verify` answers. */
typedef struct tw_verify_record {
    size_t count;
    const tw_claim_verdict *claims; /* borrowed */
} tw_verify_record;

TW_API_DATA const tw_fields tw_verify_fields;   /* of a tw_verify_record */
TW_API_DATA const tw_fields tw_selftest_fields; /* of a tw_selftest_result */

#endif
