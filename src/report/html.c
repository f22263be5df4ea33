/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/html_private.h"

#include "files/base64_private.h"

void tw_html_markup(tw_writer *page, const char *markup) {
    tw_writer_text(page, markup);
}

static const char *escaped(char c) {
    switch (c) {
    case '&':
        return "&amp;";
    case '<':
        return "&lt;";
    case '>':
        return "&gt;";
    case '"':
        return "&quot;";
    case '\'':
        return "&#39;";
    default:
        return ((unsigned char)c < 0x20 && c != '\n') || c == 0x7f ? "\xef\xbf\xbd" : NULL;
    }
}

void tw_html_text(tw_writer *page, const char *text) {
    for (; *text; text++) {
        const char *safe = escaped(*text);
        if (safe)
            tw_writer_text(page, safe);
        else
            tw_writer_bytes(page, text, 1);
    }
}

void tw_html_base64(tw_writer *page, const char *bytes, size_t count) {
    enum { PIECE = 48 }; /* a multiple of 3, so that only the last piece is padded */
    for (size_t i = 0; i < count; i += PIECE) {
        char out[TW_BASE64_LENGTH(PIECE)];
        size_t piece = count - i < PIECE ? count - i : PIECE;
        tw_base64(piece, bytes + i, out);
        tw_writer_bytes(page, out, TW_BASE64_LENGTH(piece));
    }
}
