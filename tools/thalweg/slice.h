/* SPDX-License-Identifier: GPL-3.0-or-later */
/* One slice of the command line: what was asked for, and what came out. */
#ifndef SLICE_H
#define SLICE_H

#include <thalweg/record/slice_record.h>

#include "subject.h"

/* One slice under way. */
typedef struct cli_slice {
    cli_subject subject, other; /* other: FILE2, aligned; path NULL without one */
    size_t n, points;
    double *directions[TW_SLICE_AXES];
    tw_slice_alignment alignment;
    tw_barrier barrier;
    double *values;
    tw_slice_record made; /* borrows from the others */
} cli_slice;

/* The files that --output and --csv name; nothing where they are not given. */
tw_status slice_write(const cli_invocation *run, cli_slice *c);

#endif
