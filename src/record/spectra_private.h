/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Eigenvalues as JSON. All functions return NULL when memory is short. */
#ifndef TW_SPECTRA_PRIVATE_H
#define TW_SPECTRA_PRIVATE_H

#include <thalweg/curvature/degeneracy.h>
#include <thalweg/record/fields.h>
#include <thalweg/spectrum/levels.h>

/* One eigenvalue of a list: of a tw_level whose residual is relative; of a pair. */
extern const tw_fields tw_level_fields, tw_pair_fields;

/* Residuals become relative to norm. */
tw_json *tw_levels_json(const tw_levels *levels, double norm);
tw_json *tw_pairs_json(const tw_eigenpairs *pairs, double norm);

/* Of a tw_kinks: whether there is a Hessian. */
extern const tw_fields tw_kinked_fields;

/* A rule for zero, and whether it has counted a whole spectrum: else the counts are null. */
typedef struct tw_zero_record {
    tw_zero_rule rule;
    bool whole;
} tw_zero_record;

extern const tw_fields tw_zero_fields; /* of a tw_zero_record */

tw_json *tw_zero_json(const tw_zero_rule *rule, bool whole);

/* What an examination knows of the spectrum: everything by the dense route; else the negative
 * modes, the zero modes as one entry, the first above, and the largest. */
tw_json *tw_degeneracy_levels_json(const tw_degeneracy_result *degeneracy);

#endif
