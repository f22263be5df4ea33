/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Keys that are nearly another. */
#include <ctype.h>
#include <string.h>

#include "model/metadata_private.h"

/* Names and keys have at most 255 bytes; and of keys with fewer letters than TELLING, beta or loss,
 * half the dictionary is one letter away. */
enum { ROOM = 256, TELLING = 6 };

/* Small letters and digits alone: "labelsmoothing" of "Label-Smoothing". */
static size_t fold(const char *key, char folded[ROOM]) {
    size_t used = 0;
    for (; *key && used + 1 < ROOM; key++)
        if (!strchr("_-. ", *key)) folded[used++] = (char)tolower((unsigned char)*key);
    folded[used] = '\0';
    return used;
}

bool tw_metadata_same_key(const char *key, const char *known) {
    char a[ROOM], b[ROOM];
    fold(key, a);
    fold(known, b);
    return strcmp(a, b) == 0;
}

bool tw_metadata_near_key(const char *key, const char *known) {
    char a[ROOM], b[ROOM];
    size_t left = fold(key, a), right = fold(known, b), at = 0;
    if (right < TELLING) return strcmp(a, b) == 0;
    while (a[at] && a[at] == b[at]) at++;
    while (left > at && right > at && a[left - 1] == b[right - 1]) {
        left--;
        right--;
    }
    left -= at;
    right -= at;
    if (left <= 1 && right <= 1) return true;
    return left == 2 && right == 2 && a[at] == b[at + 1] && a[at + 1] == b[at];
}
