/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points made without training: optima and critical points that are known, padded ones, random
 * ones. Each is one row of a table.
 *
 *     zero             every parameter 0
 *     dnc, cross-polytope, blocks:K1,K2,.., projector:R
 *                      the critical points of closed_form.h, at any widths and ridges: only the
 *                      geometric mean of the ridges enters the scale equation, the factors share it
 *                      out by the balance law (docs/mathematics.md, section 3)
 *     srg:R            relu, mse: classes are the edges of the complete graph on R vertices
 *                      (docs/mathematics.md, section 6). Lowest along its layer scales, and no
 *                      critical point
 *     padded:FILE      a point with zeros for the coordinates that wider spaces add: critical when
 *                      the narrow one is and phi(0) = 0
 *     random[:LAW]     entries drawn by a law of initialisation.h; without one TW_CONSTRUCT_LAW
 *
 * Every point is turned at random in its hidden spaces by a symmetry of the model: rotations of all
 * of them when phi is linear, a rotation of space 0 and permutations of the others when it is not.
 * Space l takes the stream (gauge_seed, TW_PURPOSE_GAUGE, l). */
#ifndef THALWEG_CONSTRUCTION_H
#define THALWEG_CONSTRUCTION_H

#include <stdbool.h>
#include <stdint.h>
#include <thalweg/model/point.h>

#define TW_CONSTRUCT_LAW "normal-fanin:1"

/* What a model must have. */
enum {
    TW_CONSTRUCTION_BALANCED = 1 << 0, /* as many samples in every class */
    TW_CONSTRUCTION_RIDGES = 1 << 1,   /* ridges > 0 */
    TW_CONSTRUCTION_NO_BIAS = 1 << 2,
    TW_CONSTRUCTION_OPTIONAL = 1 << 3, /* of the name: the argument may be left out */
    TW_CONSTRUCTION_NARROW = 1 << 4    /* a narrow point, to be padded */
};

/* One construction: a row of a constant table. */
typedef struct tw_construction {
    const char *name;       /* "blocks" */
    const char *argument;   /* what follows the name and a colon, "K1,K2,.."; NULL: nothing does */
    const char *summary;    /* for help texts */
    const char *losses[3];  /* names of the losses it is for, NULL after the last; none: any */
    const char *activation; /* the one it is for; NULL: any */
    unsigned needs;         /* a set of the bits above */
} tw_construction;

TW_API const tw_construction *tw_construction_at(size_t index); /* NULL past the last */

/* The row that a text like "blocks:8,2" names, and what follows the colon (out, within text; NULL:
 * nothing does). TW_ERR_ARGUMENT with the names that there are. */
TW_API tw_status tw_construction_read(const char *text, const tw_construction **construction,
                                      const char **argument);

typedef struct tw_construct_options {
    uint64_t seed;          /* of random entries; default 1 */
    uint64_t gauge_seed;    /* of the rotations; default 1 */
    const tw_point *narrow; /* borrowed; what is padded; default NULL */
} tw_construct_options;

#define TW_CONSTRUCT_DEFAULTS ((tw_construct_options){.seed = 1, .gauge_seed = 1})

typedef struct tw_construct_result {
    bool exists;        /* false: lambda is beyond the fold, which is an answer and no error */
    double lambda;      /* geometric mean of all ridges; NAN where nothing depends on it */
    double fold_lambda; /* no such point where that mean exceeds it; NAN: no fold */
    const char *symbol; /* of the scales: "a", "b", "a_j", "q", "c_l"; "" for none; static */
    size_t scale_count; /* parts of a closed form; layers for srg (A_1, W_2, .., W_L) */
    double *scales;     /* owned; NAN when there is no such point */
} tw_construct_result;

/* Make the point that `text` names. model: checked (tw_dufm_check); closed forms need ascending
 * labels; "padded" takes nothing but the widths from it. result, point: out; the point is
 * untouched when it does not exist. TW_ERR_ARGUMENT with a sentence when text and model do not fit
 * each other; both are untouched on failure. */
TW_API tw_status tw_construct(const tw_dufm *model, const char *text,
                              const tw_construct_options *options, tw_construct_result *result,
                              tw_point *point);
TW_API void tw_construct_result_clear(tw_construct_result *result); /* idempotent, NULL-safe */

/* Pad a point with zeros to other widths (L of them: d_0 .. d_{L-1}, none smaller than before) and
 * turn it as above; with its own widths: only turn it. *wide is untouched on failure. */
TW_API tw_status tw_point_embed(const tw_point *narrow, const size_t *widths, uint64_t gauge_seed,
                                tw_point *wide);

#endif
