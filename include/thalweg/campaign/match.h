/* SPDX-License-Identifier: GPL-3.0-or-later */
/* When are two end points the same optimum? Up to the symmetries of the model: rotations of hidden
 * spaces, which the logits do not see, and permutations of classes of equal size.
 *
 * Compared are the loss, the singular values of the logits and the mean logits of the classes (K x
 * K), the last up to one permutation of rows and columns together, found by search. */
#ifndef THALWEG_MATCH_H
#define THALWEG_MATCH_H

#include <stdbool.h>
#include <stddef.h>
#include <thalweg/campaign/ending.h>

/* An end point as far as identity goes. Everything is borrowed for a call. */
typedef struct tw_signature {
    tw_state state;
    double loss;
    double slack; /* error of the logits that its gradient norm allows, absolute */
    size_t rank;
    size_t singular_count;
    const double *singular_values;
    const double *class_logits; /* K x K */
} tw_signature;

typedef struct tw_match_options {
    double tolerance; /* two logits are the same within tolerance * (1 + ||Z||_2) + the slacks;
                         losses within tolerance * (1 + loss); > 0; default 1e-6 */
} tw_match_options;

#define TW_MATCH_DEFAULTS ((tw_match_options){.tolerance = 1e-6})

typedef struct tw_matcher tw_matcher; /* opaque: the classes met so far */

/* class_sizes: K; a permutation may exchange classes of equal size alone. */
TW_API tw_status tw_matcher_create(size_t classes, const size_t *class_sizes,
                                   const tw_match_options *options, tw_matcher **matcher);
TW_API void tw_matcher_destroy(tw_matcher *matcher); /* NULL-safe */

/* Make an optimum known by a name; it has no members until one is added. */
TW_API tw_status tw_matcher_name(tw_matcher *matcher, const char *name,
                                 const tw_signature *signature);

/* Add an end point: *index (out) of its class, an old or a new one. */
TW_API tw_status tw_matcher_add(tw_matcher *matcher, const tw_signature *signature, size_t *index);

typedef struct tw_match_class {
    const char *name; /* "dnc", "saddle dnc", "unconverged"; without a known optimum the rank and a
                         hash of the rounded loss and singular values: "rank3-5f0c21aa". Borrowed */
    size_t rank;
    double loss; /* of the first member, or of the known optimum */
    size_t count;
} tw_match_class;

TW_API size_t tw_matcher_count(const tw_matcher *matcher);
TW_API tw_match_class tw_matcher_class(const tw_matcher *matcher, size_t index);

#endif
