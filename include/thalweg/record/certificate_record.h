/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Certificates as records (docs/formats/results.md). */
#ifndef THALWEG_CERTIFICATE_RECORD_H
#define THALWEG_CERTIFICATE_RECORD_H

#include <thalweg/certificate/certification.h>
#include <thalweg/record/fields.h>

/* What `certify` answers; everything is borrowed. */
typedef struct tw_certify_record {
    const tw_certification *certification;
    const char *file, *certificate; /* the point; the file written, NULL: none */
} tw_certify_record;

/* What `certify --check` answers: the claims of a file, and the same figures proved anew. */
typedef struct tw_check_record {
    const char *file;
    const tw_certificate *claim, *verdict;
} tw_check_record;

TW_API_DATA const tw_fields tw_certify_fields; /* of a tw_certify_record */
TW_API_DATA const tw_fields tw_check_fields;   /* of a tw_check_record */

#endif
