/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What stands for a point's model in place of what its file says. */
#ifndef THALWEG_OVERRIDES_H
#define THALWEG_OVERRIDES_H

#include <thalweg/files/bundle.h>

/* Names; ridges as people write them, a number or a list. NULL: as the file has it. */
typedef struct tw_point_overrides {
    const char *loss, *activation, *lambda_W, *lambda_H, *lambda_b;
} tw_point_overrides;

/* Into the metadata, where tw_point_from_bundle finds them; a ridge takes the place of an array of
 * its name as well. Names are not looked up here. Errors: those of tw_json_parse_numbers,
 * TW_ERR_MEMORY. */
TW_API tw_status tw_point_override(tw_bundle *bundle, const tw_point_overrides *overrides);

#endif
