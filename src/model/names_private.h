/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a point's reader asks about names. */
#ifndef TW_NAMES_PRIVATE_H
#define TW_NAMES_PRIVATE_H

#include <stdbool.h>
#include <thalweg/model/names.h>

/* What an array is to the model. Features and labels are offered where they are missing; weights
 * and biases under a foreign name are refused. */
typedef enum tw_role {
    TW_ROLE_NONE,
    TW_ROLE_FEATURES,
    TW_ROLE_WEIGHT,
    TW_ROLE_BIAS,
    TW_ROLE_LABELS
} tw_role;

/* l of a weight named as the model names it, W<l>; 0 otherwise. */
size_t tw_name_layer(const char *name);

/* Is it a name of the model: H, W<l>, b, labels? */
bool tw_name_is_own(const char *name);

/* By the word at the end of the name, the model's or another program's. */
tw_role tw_name_role(const char *name);

/* Bytes of the part that ends in the last dot or slash: 7 of "module.W1", 0 of "W1". */
size_t tw_name_prefix(const char *name);

/* The order of layers: runs of digits count as numbers. */
int tw_name_compare(const char *a, const char *b);

/* An error when an array looks like a weight or a bias and is none, with the options that would
 * read the file, or when the file has one of the model's arrays in a form that cannot be read. */
tw_status tw_names_check(const tw_bundle *bundle);

/* The array of that name; when it is missing the sentence says which one to take instead. */
tw_status tw_names_require(const tw_bundle *bundle, const char *name, const tw_array **array);

#endif
