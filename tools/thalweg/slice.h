/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One slice of the command line: what was asked for, and what came out. */
#ifndef SLICE_H
#define SLICE_H

#include <thalweg/curvature/slice.h>
#include <thalweg/symmetry/alignment.h>

#include "subject.h"

enum { SLICE_AXES = 2, SLICE_KIND = 40 };

/* One slice under way. */
typedef struct cli_slice {
    cli_subject subject, other; /* other: FILE2, aligned; path NULL without one */
    size_t n, axis_count, points;
    char kinds[SLICE_AXES][SLICE_KIND]; /* "eigen:-1" */
    double *directions[SLICE_AXES];
    tw_axis axes[SLICE_AXES];
    tw_slice_curvature curvatures[SLICE_AXES];
    tw_alignment_result alignment;
    tw_barrier barrier;
    bool has_barrier;
    double *values, center;
    size_t done; /* rows of values */
} cli_slice;

/* Rows of values that were evaluated; all of them unless it was ended. */
bool slice_is_whole(const cli_slice *c);

/* The record, and the files that --output and --csv name; nothing where they are not given. */
tw_status slice_record(const cli_invocation *run, const cli_slice *c);
tw_status slice_write(const cli_invocation *run, cli_slice *c);

#endif
