/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The operator that --block, --blocks and --part describe. */
#ifndef CLI_OPERATOR_H
#define CLI_OPERATOR_H

#include <thalweg/operator/hessian.h>
#include <thalweg/operator/restricted.h>

#include <thalweg/record/spectrum_record.h>

#include "spectrum.h"

typedef struct cli_operator {
    tw_part_product part;
    tw_linop all; /* rows and columns of all blocks */
    tw_slice *slices;
    size_t slice_count;
    tw_restricted restricted;
    tw_linop A; /* borrows the above */
} cli_operator;

/* Evaluates the subject at its point and borrows it; gradient_norm (out) may be NULL.
 * TW_ERR_ARGUMENT for blocks that the point does not have. Must not be moved. */
tw_status operator_init(const spectrum_settings *settings, const cli_subject *subject,
                        cli_operator *o, double *gradient_norm);
void operator_clear(cli_operator *o); /* idempotent */

/* Is it the Hessian itself, whose symmetry and sectors are known? */
bool operator_is_whole(const spectrum_settings *settings);

/* part, blocks and cluster_tolerance of a record. */
tw_spectrum_record operator_record(const spectrum_settings *settings, const tw_listing *listing,
                                   size_t kinks);

#endif
