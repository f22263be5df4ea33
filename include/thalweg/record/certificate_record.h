/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Certificates and verdicts as JSON (docs/formats/results.md). */
#ifndef THALWEG_CERTIFICATE_RECORD_H
#define THALWEG_CERTIFICATE_RECORD_H

#include <thalweg/certificate/certification.h>
#include <thalweg/files/json.h>

/* Members of a result, set in an object that the caller owns. */
TW_API tw_status tw_certificate_to_json(const tw_certificate *certificate, tw_json *object);

/* Those of tw_examination_to_json and of tw_certificate_to_json, and what is a certification's. */
TW_API tw_status tw_certification_to_json(const tw_certification *certification, tw_json *object);

/* "strict saddle of index 5", "degenerate with 6 unexplained modes": the verdict with its figure.
 */
#define TW_VERDICT_PHRASE 64
TW_API void tw_verdict_phrase(const tw_degeneracy_result *degeneracy, char text[TW_VERDICT_PHRASE]);

#endif
