/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A line or a plane through a point of a DUFM: its directions, its values, what the Hessian says
 * along each direction, and the barrier on the way to a second point. */
#ifndef THALWEG_POINT_SLICE_H
#define THALWEG_POINT_SLICE_H

#include <thalweg/curvature/slice.h>
#include <thalweg/examination/slice_directions.h>
#include <thalweg/symmetry/alignment.h>

#define TW_SLICE_AXES 2
#define TW_SLICE_KIND 40

/* One direction of a slice. */
typedef struct tw_slice_direction {
    char kind[TW_SLICE_KIND]; /* "eigen" */
    char name[TW_SLICE_KIND]; /* "eigen:-1" */
    uint64_t seed;
    tw_slice_curvature curvature;
    const tw_direction_kind *is; /* its row */
} tw_slice_direction;

/* The second point, moved along its orbit to where it is nearest. */
typedef struct tw_slice_alignment {
    const char *file;
    tw_alignment_result result;
} tw_slice_alignment;

/* Initialise with {0}; owned but where it says otherwise; release with tw_point_slice_clear. */
typedef struct tw_point_slice {
    size_t axis_count;
    tw_slice_direction directions[TW_SLICE_AXES];
    tw_axis axes[TW_SLICE_AXES]; /* their directions are the vectors below */
    double *vectors[TW_SLICE_AXES];
    size_t made;                         /* directions that were, of axis_count; in their order */
    double center;                       /* f at the point */
    tw_kinks kinks;                      /* of the point */
    char doubt[240];                     /* tw_kinks_explain: then v'Hv is that of one branch */
    const tw_slice_alignment *alignment; /* borrowed, the caller's to set; NULL: none */
    tw_barrier *barrier;                 /* of `to`; NULL: none */
    size_t done;                         /* rows of values */
    double *values;
    const char *file; /* borrowed, the caller's to set: where the arrays went; NULL: nowhere */
} tw_point_slice;

/* Kinds and names of the directions, from one or two of them with a comma between; along NULL: `to`
 * where there is a second point, else `random`. TW_ERR_ARGUMENT for what is none, needs a second
 * point, or spans no plane. */
TW_API tw_status tw_point_slice_read(const char *along, bool second, uint64_t seed,
                                     tw_point_slice *slice);

typedef struct tw_point_slice_options {
    size_t grid;           /* points of each axis; 3 at least; default 41 */
    double from, to;       /* ends of each axis; NAN, the default: -1 and 1, for `to` 0 and 1 */
    const double *target;  /* P: the second point; default NULL */
    double rank_tolerance; /* as in tw_direction_options, like the next */
    tw_budget budget;      /* its monitor may end the directions and the values: `made` and `done`
                              tell */
} tw_point_slice_options;

#define TW_POINT_SLICE_DEFAULTS                                                                    \
    ((tw_point_slice_options){.grid = 41,                                                          \
                              .from = __builtin_nan(""),                                           \
                              .to = __builtin_nan(""),                                             \
                              .rank_tolerance = 1e-3,                                              \
                              .budget = {.products = 200000, .dense_limit = 1000, .seed = 1}})

/* Everything else, at theta (P) along the directions that were read. */
TW_API tw_status tw_point_slice_make(tw_evaluator *evaluator, const double *theta,
                                     const tw_point_slice_options *options, tw_point_slice *slice);

TW_API bool tw_point_slice_is_whole(const tw_point_slice *slice); /* were all rows evaluated? */
TW_API const char *tw_point_slice_reason(const tw_point_slice *slice); /* why it ended */
TW_API void tw_point_slice_clear(tw_point_slice *slice);               /* idempotent, NULL-safe */

#endif
