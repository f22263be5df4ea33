/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The header of an npy file: \x93NUMPY, version (2 bytes), the length of the rest (2 bytes in
 * version 1, 4 in versions 2 and 3, little-endian), then a Python literal such as
 *
 *     {'descr': '<f8', 'fortran_order': False, 'shape': (6, 8), }
 *
 * with blanks up to a multiple of 64 bytes and a newline. Just this literal is understood. */
#include "files/npy_private.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "files/bundle_private.h"
#include "files/text_private.h"

/* numpy writes some 100 bytes; its reader refuses more than 10 000. */
enum { MAGIC_BYTES = 6, HEADER_MAX_BYTES = 65536, ALIGNMENT = 64 };

static const char magic[] = "\x93NUMPY";

typedef struct parser {
    const char *at, *end;
} parser;

static bool skip_to(parser *in, char wanted) {
    while (in->at < in->end && strchr(" \t\r\n", *in->at) && *in->at) in->at++;
    return in->at < in->end && *in->at == wanted;
}

static bool accept(parser *in, char wanted) {
    if (!skip_to(in, wanted)) return false;
    in->at++;
    return true;
}

static bool accept_word(parser *in, const char *word) {
    size_t bytes = strlen(word);
    if (!skip_to(in, *word) || (size_t)(in->end - in->at) < bytes) return false;
    if (memcmp(in->at, word, bytes) != 0) return false;
    in->at += bytes;
    return true;
}

static bool parse_string(parser *in, const char **text, size_t *bytes) {
    char quote = skip_to(in, '"') ? '"' : '\'';
    if (!accept(in, quote)) return false;
    const char *end = memchr(in->at, quote, (size_t)(in->end - in->at));
    if (!end) return false;
    *text = in->at;
    *bytes = (size_t)(end - in->at);
    in->at = end + 1;
    return true;
}

static tw_status fail_header(const parser *in) {
    char shown[TW_PRINTABLE_BYTES];
    return tw_fail(TW_ERR_FORMAT, "npy header is not understood at '%s'",
                   tw_printable(in->at, (size_t)(in->end - in->at), shown));
}

/* What numpy's letters stand for. */
static const char *kind_meaning(char letter) {
    static const struct {
        char letter;
        const char *text;
    } meanings[] = {{'O', " (Python objects)"}, {'c', " (complex numbers)"}, {'U', " (text)"},
                    {'S', " (text)"},           {'M', " (dates)"},           {'m', " (times)"},
                    {'V', " (raw bytes)"}};
    for (size_t i = 0; i < sizeof meanings / sizeof *meanings; i++) {
        if (meanings[i].letter == letter) return meanings[i].text;
    }
    return "";
}

/* '<f8': byte order (none: the machine's) and kind. */
static tw_status parse_descr(parser *in, tw_stored *stored) {
    const bool machine_is_big = __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__;
    const char *text;
    size_t bytes;
    char kind[8] = "", shown[TW_PRINTABLE_BYTES];
    if (skip_to(in, '[')) {
        return tw_fail(TW_ERR_UNSUPPORTED,
                       "dtype with named fields is not supported: save each "
                       "field as an array of its own");
    }
    if (!parse_string(in, &text, &bytes)) return fail_header(in);
    bool ordered = bytes > 0 && strchr("<>=|", *text);
    stored->big_endian = ordered && strchr("<>", *text) ? *text == '>' : machine_is_big;
    if (bytes - ordered < sizeof kind) memcpy(kind, text + ordered, bytes - ordered);
    stored->storage = tw_storage_npy(kind);
    if (stored->storage) return TW_OK;
    return tw_fail(TW_ERR_UNSUPPORTED, "dtype %s%s is not supported: save it as %s",
                   tw_printable(text, bytes, shown), kind_meaning(kind[0]),
                   strchr("US", kind[0]) && kind[0] ? "numbers" : "float64");
}

static tw_status parse_order(parser *in, tw_stored *stored) {
    stored->fortran_order = accept_word(in, "True");
    return stored->fortran_order || accept_word(in, "False") ? TW_OK : fail_header(in);
}

/* Decimal digits, with the L that Python 2 put behind them. */
static bool parse_count(parser *in, size_t *count) {
    const char *begin;
    skip_to(in, '0');
    *count = 0;
    for (begin = in->at; in->at < in->end && *in->at >= '0' && *in->at <= '9'; in->at++) {
        if (__builtin_mul_overflow(*count, (size_t)10, count) ||
            __builtin_add_overflow(*count, (size_t)(*in->at - '0'), count)) {
            return false;
        }
    }
    bool found = in->at > begin;
    if (found) accept(in, 'L');
    return found;
}

static tw_status parse_shape(parser *in, tw_stored *stored) {
    if (!accept(in, '(')) return fail_header(in);
    stored->rank = 0;
    while (!accept(in, ')')) {
        size_t count;
        if (!parse_count(in, &count)) return fail_header(in);
        if (stored->rank < TW_ARRAY_MAX_RANK) stored->shape[stored->rank] = count;
        stored->rank++;
        if (!accept(in, ',') && !skip_to(in, ')')) return fail_header(in);
    }
    return tw_shape_length(stored->rank, stored->shape, &stored->length);
}

static const struct {
    const char *key;
    tw_status (*parse)(parser *in, tw_stored *stored);
} entries[] = {{"descr", parse_descr}, {"fortran_order", parse_order}, {"shape", parse_shape}};

enum { ENTRIES = sizeof entries / sizeof entries[0] };

/* One `'key': value`; seen: the keys that were there already. */
static tw_status parse_entry(parser *in, bool seen[ENTRIES], tw_stored *stored) {
    const char *key;
    size_t bytes;
    parser start = *in;
    if (!parse_string(in, &key, &bytes) || !accept(in, ':')) return fail_header(in);
    for (size_t i = 0; i < ENTRIES; i++) {
        if (strlen(entries[i].key) != bytes || memcmp(entries[i].key, key, bytes) != 0) continue;
        if (seen[i]) break;
        seen[i] = true;
        return entries[i].parse(in, stored);
    }
    return fail_header(&start);
}

static tw_status parse_literal(const char *text, size_t bytes, tw_stored *stored) {
    parser in = {text, text + bytes};
    bool seen[ENTRIES] = {false};
    if (!accept(&in, '{')) return fail_header(&in);
    while (!accept(&in, '}')) {
        tw_status status = parse_entry(&in, seen, stored);
        if (status != TW_OK) return status;
        if (!accept(&in, ',') && !skip_to(&in, '}')) return fail_header(&in);
    }
    skip_to(&in, '\0');
    if (in.at < in.end) return fail_header(&in);
    for (size_t i = 0; i < ENTRIES; i++) {
        if (!seen[i]) return tw_fail(TW_ERR_FORMAT, "npy header has no '%s'", entries[i].key);
    }
    return TW_OK;
}

/* Magic number, version and length; *header (out): bytes of the literal, *before: of the rest. */
static tw_status read_prelude(const tw_stream *stream, size_t bytes, size_t *header,
                              size_t *before) {
    unsigned char raw[MAGIC_BYTES + 6] = {0};
    *before = MAGIC_BYTES + 4;
    if (bytes < *before) return tw_fail(TW_ERR_FORMAT, "%zu bytes are no npy file", bytes);
    tw_status status = stream->read(stream->self, raw, *before);
    if (status != TW_OK) return status;
    if (memcmp(raw, magic, MAGIC_BYTES) != 0) return tw_fail(TW_ERR_FORMAT, "is no npy file");
    if (raw[6] < 1 || raw[6] > 3) {
        return tw_fail(TW_ERR_UNSUPPORTED, "npy version %d.%d is not supported", raw[6], raw[7]);
    }
    if (raw[6] > 1) {
        if (bytes < *before + 2) return tw_fail(TW_ERR_FORMAT, "%zu bytes are no npy file", bytes);
        status = stream->read(stream->self, raw + *before, 2);
        if (status != TW_OK) return status;
        *before += 2;
    }
    *header = (size_t)raw[8] | (size_t)raw[9] << 8 | (size_t)raw[10] << 16 | (size_t)raw[11] << 24;
    if (*header <= bytes - *before && *header <= HEADER_MAX_BYTES) return TW_OK;
    return tw_fail(TW_ERR_FORMAT, "claims an npy header of %zu bytes; %zu follow, the limit is %d",
                   *header, bytes - *before, HEADER_MAX_BYTES);
}

static tw_status check_bytes(const tw_stored *stored, size_t bytes) {
    size_t size = stored->storage->bytes;
    if (stored->length == bytes / size && bytes % size == 0) return TW_OK;
    return tw_fail(TW_ERR_FORMAT, "%zu numbers of %zu bytes do not make the %zu bytes of data",
                   stored->length, size, bytes);
}

tw_status tw_npy_read_header(const tw_stream *stream, size_t bytes, tw_stored *stored) {
    tw_status status = TW_OK;
    char *text = NULL;
    size_t header = 0, before;
    TW_TRY(read_prelude(stream, bytes, &header, &before));
    TW_TRY(TW_NEW(text, header));
    TW_TRY(stream->read(stream->self, text, header));
    TW_TRY(parse_literal(text, header, stored));
    TW_TRY(check_bytes(stored, bytes - before - header));
cleanup:
    free(text);
    return status;
}

size_t tw_npy_print_header(const tw_array *array, char room[TW_NPY_HEADER_ROOM]) {
    enum { BEFORE = MAGIC_BYTES + 4 };
    size_t used = BEFORE;
    used += (size_t)snprintf(room + used, TW_NPY_HEADER_ROOM - used,
                             "{'descr': '<%s', 'fortran_order': False, 'shape': (",
                             tw_storage_of(array->element)->npy);
    for (size_t i = 0; i < array->rank; i++) {
        used += (size_t)snprintf(room + used, TW_NPY_HEADER_ROOM - used, i ? " %zu," : "%zu,",
                                 array->shape[i]);
    }
    if (array->rank > 1) used--; /* only a tuple of one needs its comma */
    used += (size_t)snprintf(room + used, TW_NPY_HEADER_ROOM - used, "), }");
    while ((used + 1) % ALIGNMENT) room[used++] = ' ';
    room[used++] = '\n';
    memcpy(room, magic, MAGIC_BYTES);
    room[6] = 1;
    room[7] = 0;
    room[8] = (char)((used - BEFORE) & 255);
    room[9] = (char)((used - BEFORE) >> 8);
    return used;
}
