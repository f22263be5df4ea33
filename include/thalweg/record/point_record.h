/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Inputs, and results about points of a DUFM, as records (docs/formats/results.md). */
#ifndef THALWEG_POINT_RECORD_H
#define THALWEG_POINT_RECORD_H

#include <thalweg/examination/examination.h>
#include <thalweg/optima/construction.h>
#include <thalweg/record/fields.h>

/* One input file; everything is borrowed. */
typedef struct tw_input {
    const char *path;   /* NULL: no file, only a model; then file and sha256 are left out */
    const char *digest; /* tw_file_digest; "" when unknown */
    const tw_dufm *model;
} tw_input;

TW_API_DATA const tw_fields tw_input_fields; /* of a tw_input */

TW_API_DATA const tw_fields tw_description_fields; /* of a tw_description */
TW_API_DATA const tw_fields tw_polishing_fields;   /* of a tw_polishing */
TW_API_DATA const tw_fields tw_examination_fields; /* of a tw_examination */

/* Of a tw_examination of which only before, after and polish are set: what polishing led to. */
TW_API_DATA const tw_fields tw_polished_fields;

/* A point among others; borrowed. */
typedef struct tw_compared {
    const tw_examination *examination;
    const char *file;
} tw_compared;

/* What `compare` answers. */
typedef struct tw_compare_record {
    size_t count;
    tw_compared *points; /* borrowed */
} tw_compare_record;

TW_API_DATA const tw_fields tw_compare_fields; /* of a tw_compare_record */

/* What `construct` answers; everything is borrowed. */
typedef struct tw_construct_record {
    const char *construction; /* "blocks:4,2" */
    uint64_t gauge_seed;
    const tw_construct_result *result;
    const tw_description *description; /* of the point; NULL: there is none */
    const char *file;                  /* written; NULL: nothing was */
} tw_construct_record;

TW_API_DATA const tw_fields tw_construct_fields;    /* of a tw_construct_record */
TW_API_DATA const tw_fields tw_construction_fields; /* the same without the point and the file:
                                                         what stands in the file */

#endif
