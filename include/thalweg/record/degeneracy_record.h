/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Counts of modes and their verdict as a record, for any objective (docs/formats/results.md). */
#ifndef THALWEG_DEGENERACY_RECORD_H
#define THALWEG_DEGENERACY_RECORD_H

#include <thalweg/curvature/degeneracy.h>
#include <thalweg/record/fields.h>

/* Of a tw_degeneracy_result. */
TW_API_DATA const tw_fields tw_degeneracy_fields;

#endif
