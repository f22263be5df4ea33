/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/html_private.h"

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
    static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    for (size_t i = 0; i < count; i += 3) {
        unsigned word = 0;
        char out[4];
        for (size_t j = 0; j < 3; j++)
            word = word << 8 | (i + j < count ? (unsigned char)bytes[i + j] : 0u);
        for (size_t j = 0; j < 4; j++) out[j] = digits[word >> (18 - 6 * j) & 63];
        if (i + 2 >= count) out[3] = '=';
        if (i + 1 >= count) out[2] = '=';
        tw_writer_bytes(page, out, 4);
    }
}
