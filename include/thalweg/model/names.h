/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The names of a point's arrays: which ones the model has, which ones only look as if, and how
 * those of a file become the model's. The one table of them is in src/model/names.c.
 *
 * The model has H, W1 .. WL, b and labels. A name that looks like a weight or a bias and is none of
 * these (W0, b1, bias, fc.weight, module.W1) stops the reading of a point, since leaving it out
 * would be another model; it has to be renamed or ignored. Everything else is carried along. */
#ifndef THALWEG_NAMES_H
#define THALWEG_NAMES_H

#include <thalweg/files/bundle.h>

/* An array of the file and the name that the model has for it; to NULL: leave the array, or the
 * metadata entry, out. Both borrowed. */
typedef struct tw_rename {
    const char *from, *to;
} tw_rename;

/* Rename and leave out, all at once (W0 may become W1 while W1 becomes W2). The metadata entry
 * `map`, an object like {"W0": "W1", "bias": null}, is worked off with it and goes; where both name
 * one array, `renames` wins. TW_ERR_ARGUMENT: `to` is no name of the model, or one array is named
 * twice; TW_ERR_DATA: an array to be renamed is not in the bundle, two would have one name, or
 * `map` is malformed; then the bundle stays as it is. */
TW_API tw_status tw_names_apply(tw_bundle *bundle, size_t count, const tw_rename *renames);

/* The same for words as people write them: `map` has "FILE_NAME=MODEL_NAME" (the last "=" counts),
 * `ignore` names to leave out. TW_ERR_ARGUMENT also for a word that is no such pair. */
TW_API tw_status tw_names_apply_words(tw_bundle *bundle, size_t map_count, const char *const *map,
                                      size_t ignore_count, const char *const *ignore);

#endif
