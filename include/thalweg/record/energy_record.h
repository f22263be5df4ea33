/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Optima weighed against each other, as a record (docs/formats/results.md). */
#ifndef THALWEG_ENERGY_RECORD_H
#define THALWEG_ENERGY_RECORD_H

#include <thalweg/curvature/weights.h>
#include <thalweg/record/fields.h>

TW_API_DATA const tw_fields tw_weights_fields; /* of a tw_weights */
TW_API_DATA const tw_fields tw_sweep_fields;   /* the same of closed forms, at all widths */

#endif
