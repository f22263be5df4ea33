/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Slices as records (docs/formats/results.md). */
#ifndef THALWEG_SLICE_RECORD_H
#define THALWEG_SLICE_RECORD_H

#include <thalweg/examination/point_slice.h>
#include <thalweg/files/bundle.h>
#include <thalweg/record/fields.h>

/* Arrays slice.s, slice.t, slice.values (row i: point i of t), slice.direction_1 and _2 (n each).
 */
TW_API tw_status tw_slice_to_bundle(const tw_point_slice *slice, size_t n, tw_bundle *bundle);

/* Columns s, t and value; one entry a grid point. */
TW_API tw_status tw_slice_table(const tw_point_slice *slice, tw_bundle *table);

TW_API_DATA const tw_fields tw_slice_fields; /* of a tw_point_slice */

/* What a file with the arrays keeps of it: directions and alignment. */
TW_API_DATA const tw_fields tw_slice_origin_fields;

#endif
