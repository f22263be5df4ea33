/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claims that were computed, and checks, as records (docs/formats/results.md). */
#ifndef THALWEG_CLAIMS_RECORD_H
#define THALWEG_CLAIMS_RECORD_H

#include <thalweg/claims/claim_list.h>
#include <thalweg/claims/selftest.h>
#include <thalweg/record/fields.h>

TW_API_DATA const tw_fields tw_verify_fields;   /* of a tw_claim_list, that was computed */
TW_API_DATA const tw_fields tw_selftest_fields; /* of a tw_selftest_result */

#endif
