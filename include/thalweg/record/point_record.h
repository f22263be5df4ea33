/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results about points of a DUFM as JSON (docs/formats/results.md). */
#ifndef THALWEG_POINT_RECORD_H
#define THALWEG_POINT_RECORD_H

#include <thalweg/examination/examination.h>
#include <thalweg/files/json.h>
#include <thalweg/model/point.h>

/* One input file; everything is borrowed. */
typedef struct tw_input {
    const char *path;   /* NULL: no file, only a model; then file and sha256 are left out */
    const char *digest; /* tw_file_digest; "" when unknown */
    const tw_dufm *model;
} tw_input;

/* {file, sha256, loss, activation, classes, samples, class_sizes, layers, widths, parameters,
 *  lambda_W, lambda_H (, lambda_b)}; owned by the caller, NULL when memory is short. */
TW_API tw_json *tw_input_json(const tw_input *input);

/* Members of a result, set in an object that the caller owns. */
TW_API tw_status tw_description_to_json(const tw_description *description, tw_json *object);
TW_API tw_status tw_polish_to_json(const tw_newton_result *newton, tw_polish_outcome outcome,
                                   tw_json *object);
TW_API tw_status tw_examination_to_json(const tw_examination *examination, tw_json *object);

#endif
