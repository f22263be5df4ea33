/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a point's reader asks about names. */
#ifndef TW_NAMES_PRIVATE_H
#define TW_NAMES_PRIVATE_H

#include <stdbool.h>
#include <thalweg/model/names.h>

enum { TW_CANDIDATES = 64 };

/* What an array is to the model. Features and labels are offered where they are missing; weights,
 * biases and what a layer has under a foreign name are refused. */
typedef enum tw_role {
    TW_ROLE_NONE,
    TW_ROLE_FEATURES,
    TW_ROLE_WEIGHT,
    TW_ROLE_BIAS,
    TW_ROLE_LABELS,
    TW_ROLE_LAYER /* a weight or a bias, by its rank */
} tw_role;

/* l of a weight named as the model names it, W<l>; 0 otherwise. */
size_t tw_name_layer(const char *name);

/* Is it a name of the model: H, W<l>, b, labels? */
bool tw_name_is_own(const char *name);

/* By the word at the end of the name, the model's or another program's. */
tw_role tw_name_role(const char *name);

/* Bytes of the part that ends in the last dot or slash: 7 of "module.W1", 0 of "W1". */
size_t tw_name_prefix(const char *name);

/* By any word in the name: letters between other characters, so "W_out" and "fc2_bias" have one. */
tw_role tw_name_role_within(const char *name);

/* The numbers in two names one after the other: fc2 comes before fc10, and w1 is level with W1. */
int tw_name_compare_numbers(const char *a, const char *b);

/* Candidates for one role, in file order. */
typedef struct tw_candidates {
    size_t count;
    const tw_array *arrays[TW_CANDIDATES];
} tw_candidates;

/* How an order of weights was found. */
typedef struct tw_name_order {
    bool turned; /* the shapes chain only when every weight is transposed */
    bool guess;  /* they chain in another order as well */
} tw_name_order;

/* Sort weights so that their shapes form a chain on H (NULL: unknown): the only such order, or of
 * several the one of the numbers in the names, or that of the file with W1, W2 .. at their places.
 * false when there is none. */
bool tw_names_order(tw_candidates *weights, const tw_array *H, tw_name_order *order);

/* Is it the copy of one of the model's arrays that stands there too: ema.W1 or v_W1 beside W1? */
bool tw_name_is_copy(const tw_bundle *bundle, const tw_array *array);

/* Is it the model's own, a copy of that, or one of the arrays that other parts of a file have? */
bool tw_name_is_passenger(const tw_bundle *bundle, const tw_array *array);

/* Does it look like a parameter although the model has none of that name? */
bool tw_name_is_suspect(const tw_bundle *bundle, const tw_array *array);

/* A sentence that grows; what does not fit is cut. */
typedef struct tw_sentence {
    char text[760];
    size_t used;
} tw_sentence;

__attribute__((format(printf, 2, 3))) void tw_say(tw_sentence *s, const char *format, ...);

/* The options --map that would read the file, each behind a blank; `warning` (out): what is to be
 * known of them; `hidden` (out): the biases of hidden layers. */
void tw_names_offer(const tw_bundle *bundle, tw_sentence *maps, tw_sentence *warning,
                    tw_sentence *hidden);

/* The option for one array of the role, when the model's own is missing. */
void tw_names_offer_missing(const tw_bundle *bundle, tw_role role, const char *to,
                            tw_sentence *maps);

/* An error when an array looks like a weight or a bias and is none, with the options that would
 * read the file, or when the file has one of the model's arrays in a form that cannot be read. */
tw_status tw_names_check(const tw_bundle *bundle);

/* The array of that name; when it is missing the sentence says which one to take instead. */
tw_status tw_names_require(const tw_bundle *bundle, const char *name, const tw_array **array);

#endif
