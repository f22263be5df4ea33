/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/model/initialisation.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/base/random.h>

#include "base/alloc_private.h"
#include "dense/factor_private.h"
#include "dense/vector_private.h"

enum { MAX_BLOCKS = 64, WORD = 16 };

struct tw_init_law {
    const char *name, *argument; /* "normal" with its "s"; NULL: takes none */
    tw_status (*draw)(tw_random *stream, const tw_block *block, double argument, double *out);
};

/* ---- The laws ---- */

static tw_status draw_zero(tw_random *stream, const tw_block *block, double s, double *out) {
    (void)stream;
    (void)s;
    memset(out, 0, block->rows * block->cols * sizeof *out);
    return TW_OK;
}

static tw_status draw_normal(tw_random *stream, const tw_block *block, double s, double *out) {
    tw_random_fill_normal(stream, block->rows * block->cols, out);
    tw_scale(block->rows * block->cols, s, out);
    return TW_OK;
}

/* Inputs of a unit of W_l: d_{l-1}; a feature is free and has none: its own dimension d_0. */
static double fan_in(const tw_block *block) {
    return (double)(block->name[0] == 'H' ? block->rows : block->cols);
}

static tw_status draw_normal_fan_in(tw_random *stream, const tw_block *block, double s,
                                    double *out) {
    return draw_normal(stream, block, s / sqrt(fan_in(block)), out);
}

static tw_status draw_uniform_fan_in(tw_random *stream, const tw_block *block, double s,
                                     double *out) {
    (void)s;
    double bound = 1.0 / sqrt(fan_in(block));
    for (size_t i = 0; i < block->rows * block->cols; i++)
        out[i] = bound * (2.0 * tw_random_uniform(stream) - 1.0);
    return TW_OK;
}

/* Q of the QR factorisation of a normal matrix with R's diagonal made positive, or its transpose:
 * Haar measure (Mezzadri, Notices AMS 54 (2007)). */
static tw_status draw_orthogonal(tw_random *stream, const tw_block *block, double s, double *out) {
    tw_status status = TW_OK;
    size_t m = block->rows, n = block->cols, tall = m > n ? m : n, thin = m > n ? n : m;
    double *frame = NULL, *R = NULL;
    TW_TRY(TW_NEW(frame, tall * thin));
    TW_TRY(TW_NEW(R, thin * thin));
    tw_random_fill_normal(stream, tall * thin, frame);
    TW_TRY(tw_orthonormalise(tall, thin, frame, R));
    for (size_t j = 0; j < thin; j++) {
        double sign = copysign(s, R[j + j * thin]);
        for (size_t i = 0; i < tall; i++)
            out[m > n ? i + j * m : j + i * m] = sign * frame[i + j * tall];
    }
cleanup:
    free(frame);
    free(R);
    return status;
}

static const tw_init_law laws[] = {
    {"normal", "s", draw_normal},                 /* of standard deviation s */
    {"normal-fanin", "s", draw_normal_fan_in},    /* s/sqrt(fan-in) */
    {"uniform-fanin", NULL, draw_uniform_fan_in}, /* between -+ 1/sqrt(fan-in) */
    {"orthogonal", "s",
     draw_orthogonal}, /* s times orthonormal columns, or rows if they are fewer */
    {"zero", NULL, draw_zero},
};

const tw_init_law *tw_init_law_at(size_t index) {
    return index < sizeof laws / sizeof *laws ? &laws[index] : NULL;
}

const char *tw_init_law_name(const tw_init_law *law) {
    return law->name;
}

/* ---- Parsing ---- */

/* Length of a word that ends at one of the stops or at the end. */
static size_t word_length(const char *text, const char *stops) {
    return strcspn(text, stops);
}

static const tw_init_law *find_law(const char *text, size_t length) {
    for (size_t i = 0; tw_init_law_at(i); i++)
        if (strlen(laws[i].name) == length && memcmp(laws[i].name, text, length) == 0)
            return &laws[i];
    return NULL;
}

/* The law at the front of *text, which moves behind it. */
static tw_status read_law(const char **text, const tw_init_law **law, double *argument) {
    size_t length = word_length(*text, ":,");
    *law = find_law(*text, length);
    if (*law == NULL)
        return tw_fail(TW_ERR_ARGUMENT, "there is no initialisation law '%.*s'",
                       (int)(length < 40 ? length : 40), *text);
    *text += length;
    *argument = 1.0;
    if ((*law)->argument == NULL) return TW_OK;
    char *end = NULL;
    *argument = **text == ':' ? strtod(*text + 1, &end) : 0.0;
    if (end == NULL || end == *text + 1 || !(*argument > 0.0) || isinf(*argument))
        return tw_fail(TW_ERR_ARGUMENT, "initialisation law %s needs a positive number: %s:%s",
                       (*law)->name, (*law)->name, (*law)->argument);
    *text = end;
    return TW_OK;
}

/* Does a block's name answer to the word? W stands for every weight. */
static bool answers(const tw_block *block, const char *word) {
    return strcmp(block->name, word) == 0 || (strcmp(word, "W") == 0 && block->name[0] == 'W');
}

/* The block word at the front of *text, which moves behind its colon; "" for a bare law. */
static tw_status read_blocks(const tw_dufm *model, const char **text, char word[WORD],
                             bool *chosen) {
    size_t length = word_length(*text, ":,"), found = 0;
    bool bare = find_law(*text, length) != NULL;
    memset(word, 0, WORD);
    if (!bare && length < WORD) memcpy(word, *text, length);
    for (size_t i = 0; i < tw_dufm_block_count(model); i++) {
        tw_block block = tw_dufm_block(model, i);
        chosen[i] = bare ? block.name[0] != 'b' : answers(&block, word);
        found += chosen[i];
    }
    if (bare) return TW_OK;
    if (found == 0 && (*text)[length] == ':')
        return tw_fail(TW_ERR_ARGUMENT,
                       "'%.*s' is neither a law nor a block of this model, which "
                       "has H, W, W1 .. W%zu%s",
                       (int)(length < 40 ? length : 40), *text, model->layers,
                       model->bias ? ", b" : "");
    if ((*text)[length] != ':')
        return tw_fail(TW_ERR_ARGUMENT, "'%.*s' is neither an initialisation law nor BLOCK:LAW",
                       (int)(length < 40 ? length : 40), *text);
    *text += length + 1;
    return TW_OK;
}

/* One entry of the list. */
static tw_status read_entry(const tw_dufm *model, const char **text, tw_initialisation *init) {
    tw_status status = TW_OK;
    char word[WORD];
    bool chosen[MAX_BLOCKS];
    const tw_init_law *law;
    double argument = 1.0;
    TW_TRY(read_blocks(model, text, word, chosen));
    TW_TRY(read_law(text, &law, &argument));
    if (**text != ',' && **text != '\0')
        TW_TRY(tw_fail(TW_ERR_ARGUMENT, "'%.40s' does not belong here", *text));
    for (size_t i = 0; i < init->count; i++)
        if (chosen[i]) {
            init->blocks[i].law = law;
            init->blocks[i].argument = argument;
        }
cleanup:
    return status;
}

static tw_status check_complete(const tw_dufm *model, tw_initialisation *init) {
    for (size_t i = 0; i < init->count; i++) {
        tw_block block = tw_dufm_block(model, i);
        if (init->blocks[i].law) continue;
        if (block.name[0] != 'b') return tw_fail(TW_ERR_ARGUMENT, "no law for %s", block.name);
        init->blocks[i].law = find_law("zero", 4);
    }
    return TW_OK;
}

tw_status tw_initialisation_parse(const tw_dufm *model, const char *text, tw_initialisation *init) {
    tw_status status = TW_OK;
    tw_initialisation parsed = {.count = tw_dufm_block_count(model)};
    if (parsed.count > MAX_BLOCKS)
        return tw_fail(
            TW_ERR_UNSUPPORTED,
            "a random start has at most %d blocks, weights, features and bias; this model has %zu",
            MAX_BLOCKS, parsed.count);
    TW_TRY(TW_NEW(parsed.blocks, parsed.count));
    for (const char *at = text; *at || at == text;) {
        TW_TRY(read_entry(model, &at, &parsed));
        if (*at == ',' && at[1] != '\0')
            at++;
        else if (*at == ',')
            TW_TRY(tw_fail(TW_ERR_ARGUMENT, "nothing follows the last comma"));
    }
    TW_TRY(check_complete(model, &parsed));
    *init = parsed;
    parsed = (tw_initialisation){0};
cleanup:
    tw_initialisation_clear(&parsed);
    return status;
}

void tw_initialisation_clear(tw_initialisation *init) {
    if (init == NULL) return;
    free(init->blocks);
    *init = (tw_initialisation){0};
}

/* ---- Drawing ---- */

tw_status tw_initialise(const tw_dufm *model, const tw_initialisation *init, uint64_t seed,
                        uint64_t index, double *theta) {
    tw_status status = TW_OK;
    for (size_t i = 0; i < init->count; i++) {
        tw_block block = tw_dufm_block(model, i);
        tw_random stream;
        tw_random_init(&stream, seed, TW_PURPOSE_POINT, index * MAX_BLOCKS + i);
        TW_TRY(init->blocks[i].law->draw(&stream, &block, init->blocks[i].argument,
                                         theta + block.offset));
    }
cleanup:
    return status;
}
