/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Slices as records (docs/formats/results.md). */
#ifndef THALWEG_SLICE_RECORD_H
#define THALWEG_SLICE_RECORD_H

#include <thalweg/curvature/slice.h>
#include <thalweg/files/bundle.h>
#include <thalweg/record/fields.h>
#include <thalweg/symmetry/alignment.h>

#define TW_SLICE_AXES 2
#define TW_SLICE_KIND 40

/* One direction of a slice. */
typedef struct tw_slice_direction {
    char kind[TW_SLICE_KIND]; /* "eigen" */
    char name[TW_SLICE_KIND]; /* "eigen:-1" */
    uint64_t seed;
    tw_slice_curvature curvature;
} tw_slice_direction;

/* The second point, moved along its orbit to where it is nearest. */
typedef struct tw_slice_alignment {
    const char *file;
    tw_alignment_result result;
} tw_slice_alignment;

/* What `slice` answers. Everything is borrowed; NULL: none, and left out. */
typedef struct tw_slice_record {
    size_t axis_count;
    tw_slice_direction directions[TW_SLICE_AXES];
    tw_axis axes[TW_SLICE_AXES];
    double center; /* f at the point */
    const tw_slice_alignment *alignment;
    const tw_barrier *barrier;
    size_t done; /* rows of values */
    const double *values;
    const char *file; /* of the arrays; NULL: nowhere */
} tw_slice_record;

/* Arrays slice.s, slice.t, slice.values (row i: point i of t), slice.direction_1 and _2 (n each).
 */
TW_API tw_status tw_slice_to_bundle(const tw_slice_record *slice, size_t n, tw_bundle *bundle);

/* Columns s, t and value; one entry a grid point. */
TW_API tw_status tw_slice_table(const tw_slice_record *slice, tw_bundle *table);

/* Were all rows evaluated? */
TW_API bool tw_slice_is_whole(const tw_slice_record *slice);

TW_API_DATA const tw_fields tw_slice_fields; /* of a tw_slice_record */

/* What a file with the arrays keeps of it: directions and alignment. */
TW_API_DATA const tw_fields tw_slice_origin_fields;

#endif
