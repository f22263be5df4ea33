/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The Hessian at a point as an operator, or a part of it, in whole or between some blocks of the
 * parameters. */
#ifndef THALWEG_POINT_OPERATOR_H
#define THALWEG_POINT_OPERATOR_H

#include <thalweg/model/evaluator.h>
#include <thalweg/operator/restricted.h>

/* Initialise as {0}; release with tw_point_operator_clear. Must not be moved. */
typedef struct tw_point_operator {
    bool whole; /* the Hessian itself, whose symmetry and sectors are known */
    tw_part_product part;
    tw_linop all;     /* rows and columns of all blocks */
    tw_slice *slices; /* of the blocks; NULL: all of them */
    tw_restricted restricted;
    tw_linop A; /* borrows the above */
} tw_point_operator;

/* At theta (borrowed like the evaluator; nothing is evaluated). part: a tw_hessian_part_name;
 * blocks: names with commas between them ("W1,H"), NULL for all. TW_ERR_ARGUMENT: there is no such
 * part, or a block that the point does not have or that is named twice. */
TW_API tw_status tw_point_operator_init(tw_point_operator *at, tw_evaluator *evaluator,
                                        const double *theta, const char *part, const char *blocks);
TW_API void tw_point_operator_clear(tw_point_operator *at); /* idempotent, NULL-safe */

#endif
