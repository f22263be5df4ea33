/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The metadata keys of a DUFM file. */
#ifndef TW_METADATA_PRIVATE_H
#define TW_METADATA_PRIVATE_H

#include <thalweg/files/bundle.h>
#include <thalweg/model/dufm.h>

/* Ridges that stand as arrays become metadata; TW_ERR_DATA when an entry says something else, and
 * for a name that is nearly a ridge's, such as lambda_W2. */
tw_status tw_metadata_take_arrays(tw_bundle *bundle);

/* loss, activation and ridges into a model whose layers and bias are known. */
tw_status tw_metadata_to_model(const tw_bundle *bundle, tw_dufm *model);

/* classes, samples_per_class and widths, where they stand, against the model. */
tw_status tw_metadata_check(const tw_bundle *bundle, const tw_dufm *model);

tw_status tw_metadata_from_model(const tw_dufm *model, tw_bundle *bundle);

#endif
