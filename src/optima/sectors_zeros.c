/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How well the sectors know a value, from what they show where the truth is known: the rotations of
 * the hidden spaces are exact zeros, and what is computed for them is rounding. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "optima/sectors_private.h"

#define ROUNDING 16.0 /* eps: defects up to this are rounding of the point's own entries */
#define LEAST 4.0     /* eps ||H||: how well a level is known at best */
#define FLOOR 2.0     /* eps ||H||: what rotations show at least */
#define JUMP 2.5      /* between zeros that are neighbours in size */

static int by_size(const void *a, const void *b) {
    double x = fabs(*(const double *)a), y = fabs(*(const double *)b);
    return (x > y) - (x < y);
}

/* What zeros that no rotation explains may show: no more than a step beyond the rotations, or
 * beyond each other. A jump among them means that some are none. */
static tw_status explained_error(const tw_sectors *sectors, double noise, double *error) {
    tw_status status = TW_OK;
    const tw_levels *levels = &sectors->levels;
    double *others = NULL;
    size_t count = 0;
    TW_TRY(TW_NEW(others, levels->count));
    for (size_t i = 0; i < levels->count; i++)
        if (strcmp(levels->rows[i].label, "gauge") != 0) others[count++] = levels->rows[i].value;
    qsort(others, count, sizeof *others, by_size);
    *error = noise;
    for (size_t i = 0; i < count && fabs(others[i]) <= JUMP * *error; i++)
        *error = fmax(*error, fabs(others[i]));
cleanup:
    free(others);
    return status;
}

/* Zeros that no rotation explains are one level, of their mean value. */
static void name_flat(tw_sectors *sectors) {
    double sum = 0.0, count = 0.0;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < sectors->levels.count; i++) {
            tw_level *row = &sectors->levels.rows[i];
            bool gauge = strcmp(row->label, "gauge") == 0;
            if (gauge || tw_zero_rule_sign(&sectors->zero, row->value) != 0) continue;
            if (pass == 0) {
                sum += row->value * (double)row->copies;
                count += (double)row->copies;
            } else {
                *row = (tw_level){
                    .value = sum / count, .copies = row->copies, .exact = true, .label = "flat"};
            }
        }
}

tw_status tw_sectors_count_zeros(double noise, double defect, tw_sectors *sectors) {
    tw_status status = TW_OK;
    double eps = DBL_EPSILON * sectors->norm;
    double off = defect > ROUNDING * DBL_EPSILON ? defect * sectors->norm : 0.0, error = 0.0;
    TW_TRY(explained_error(sectors, fmax(fmax(noise, off), FLOOR * eps), &error));
    sectors->zero = tw_zero_rule_resolved(fmax(fmax(noise, off), LEAST * eps));
    sectors->zero.error = fmin(error, sectors->zero.threshold);
    for (size_t i = 0; i < sectors->levels.count; i++)
        if (strcmp(sectors->levels.rows[i].label, "gauge") == 0)
            sectors->zero.explained += sectors->levels.rows[i].copies;
    tw_zero_rule_count_levels(&sectors->zero, &sectors->levels);
    name_flat(sectors);
cleanup:
    return status;
}
