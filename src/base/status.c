/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/base/status.h>

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#define SENTENCE_BYTES 1024

static _Thread_local char last_sentence[SENTENCE_BYTES];

static const struct {
    const char *name;
    const char *text;
} descriptors[] = {
#define STATUS_ROW(name, text) {#name, text},
    TW_STATUS_LIST(STATUS_ROW)
#undef STATUS_ROW
};

static int is_known(tw_status status) {
    return (size_t)status < sizeof descriptors / sizeof descriptors[0];
}

const char *tw_status_name(tw_status status) {
    return is_known(status) ? descriptors[status].name : "TW_ERR_UNKNOWN";
}

const char *tw_status_text(tw_status status) {
    return is_known(status) ? descriptors[status].text : "an unknown status";
}

/* Names and texts from files may hold anything; a sentence is one line and moves no cursor. */
static void make_printable(char *sentence) {
    for (; *sentence; sentence++)
        if ((unsigned char)*sentence < 0x20 || *sentence == 0x7f) *sentence = '?';
}

tw_status tw_fail(tw_status status, const char *format, ...) {
    /* Formatted aside first: an argument may be the last sentence itself. */
    char sentence[SENTENCE_BYTES];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(sentence, sizeof sentence, format, arguments);
    va_end(arguments);
    make_printable(sentence);
    memcpy(last_sentence, sentence, sizeof last_sentence);
    return status;
}

tw_status tw_fail_in(tw_status status, const char *prefix) {
    return tw_fail(status, "%s%s", prefix, last_sentence);
}

const char *tw_last_error(void) {
    return last_sentence;
}
