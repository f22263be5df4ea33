/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The metadata keys of a DUFM file. */
#ifndef TW_METADATA_PRIVATE_H
#define TW_METADATA_PRIVATE_H

#include <thalweg/files/bundle.h>
#include <thalweg/files/json.h>
#include <thalweg/model/dufm.h>

/* Ridges that stand as arrays become metadata; TW_ERR_DATA when an entry says something else, and
 * for a name that is nearly a ridge's, such as lambda_W2. */
tw_status tw_metadata_take_arrays(tw_bundle *bundle);

/* loss, activation and ridges into a model whose layers and bias are known. */
tw_status tw_metadata_to_model(const tw_bundle *bundle, tw_dufm *model);

/* classes, samples_per_class and widths, where they stand, against the model. */
tw_status tw_metadata_check(const tw_bundle *bundle, const tw_dufm *model);

/* An error for metadata and arrays that would make another model than the one that is read. */
tw_status tw_metadata_refuse_others(const tw_bundle *bundle, const tw_dufm *model);

/* The text of a key; NULL also for JSON's null and Python's None, which say as much as nothing. */
const char *tw_metadata_text(const tw_bundle *bundle, const char *key);

/* The value (out, owned) of a text; one that is no JSON, like Python's False, stands for itself. */
tw_status tw_metadata_parse(const char *text, tw_json **json);

/* Are two keys one but for case and the characters between words? */
bool tw_metadata_same_key(const char *key, const char *known);

/* .. or but for one letter that is wrong, missing, too much or in the wrong place, where the known
 * key is long enough for that to tell anything? */
bool tw_metadata_near_key(const char *key, const char *known);

tw_status tw_metadata_from_model(const tw_dufm *model, tw_bundle *bundle);

#endif
