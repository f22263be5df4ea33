/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Options are rows of tables. A row knows its field by the offset within a struct; a subcommand has
 * a struct of its own, which embeds those of the tables that it takes. */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <thalweg/files/json.h>

#define ANY_COUNT 9e15 /* counts are parsed through double: exact up to 2^53 */

/* What a repeated option collected, in the order of the command line. */
typedef struct cli_words {
    size_t count;
    const char **words; /* owned; the words are borrowed from argv */
} cli_words;

/* What one option lists. */
typedef struct cli_numbers {
    size_t count;
    double *values; /* owned */
} cli_numbers;

typedef struct cli_range {
    double ends[2];
    size_t given; /* how many of the two */
} cli_range;

/* The field of a row, and what it holds while nothing was given and there is no default. */
typedef enum option_kind {
    OPTION_FLAG,    /* bool; false */
    OPTION_COUNT,   /* size_t in [low, high]; 0 */
    OPTION_NUMBER,  /* double in (low, high); NAN */
    OPTION_RANGE,   /* cli_range, the smaller end first: two words */
    OPTION_COUNTS,  /* cli_numbers: whole numbers in [low, high] with commas between them */
    OPTION_NUMBERS, /* cli_numbers: numbers in (low, high) with commas between them */
    OPTION_RIDGE,   /* const char *: a number >= 0; here and below NULL */
    OPTION_RIDGES,  /* const char *: a number >= 0, or a JSON list of them */
    OPTION_WORDS,   /* cli_words: may be given several times; count 0 */
    OPTION_PHRASE,  /* const char *: any text, made of the choices */
    OPTION_TEXT,    /* const char *; one of the choices when there are any */
    OPTION_ARRAYS,  /* const char *: a file of arrays; its extension is one of a format's */
    OPTION_FILE,    /* const char *: another file that is written on the way */
    OPTION_RESULT, /* const char *: a file that holds the answer in the end; "-": standard output */
    OPTION_TABLE   /* a struct with a table of its own */
} option_kind;

typedef struct cli_option cli_option;
struct cli_option {
    const char *name; /* without the dashes; NULL past the last of a table */
    char letter;      /* 0: none */
    option_kind kind;
    size_t offset;                          /* of its field in the struct of the table */
    const char *metavar;                    /* "K" */
    double low, high;                       /* range of counts (closed) and numbers (open) */
    const char *fallback;                   /* default, parsed like a given value; NULL: none */
    const char *(*choice_at)(size_t index); /* NULL past the last; NULL: any text */
    const char *help; /* meaning and unit; range and default are appended by the printer */
    const cli_option *table;
};

/* Rows; a table ends with {0}. */
#define FLAG(type, field, word, text)                                                              \
    { .name = word, .kind = OPTION_FLAG, .offset = offsetof(type, field), .help = text }
#define PLAIN(of, type, field, word, value, text)                                                  \
    { .name = word, .kind = of, .offset = offsetof(type, field), .metavar = value, .help = text }
#define CHOICE(of, type, field, word, value, otherwise, choice, text)                              \
    {                                                                                              \
        .name = word, .kind = of, .offset = offsetof(type, field), .metavar = value,               \
        .fallback = otherwise, .choice_at = choice, .help = text                                   \
    }
#define RANGED(of, type, field, word, value, least, most, otherwise, text)                         \
    {                                                                                              \
        .name = word, .kind = of, .offset = offsetof(type, field), .metavar = value, .low = least, \
        .high = most, .fallback = otherwise, .help = text                                          \
    }

/* The rows of another table, whose struct begins at `at` of this one, or is a field of it. */
#define TABLE(rows, at)                                                                            \
    { .name = "", .kind = OPTION_TABLE, .offset = (at), .table = (rows) }
#define EMBED(rows, type, field) TABLE(rows, offsetof(type, field))

/* Option number *index of a table and of those it embeds. NULL past the last: then *index (in/out)
 * is less by their number. Else *offset (in/out) grows by the place of its field. */
const cli_option *option_at(const cli_option *table, size_t *index, size_t *offset);

#define OPTION_CHOICES 128 /* room for the names of one option's choices */

/* "auto|dense|arpack"; "" when the option takes any text. */
void option_choices(const cli_option *option, char separator, char *text, size_t room);

bool option_takes_text(const cli_option *option);

/* Set a field from text. TW_ERR_ARGUMENT with a sentence, TW_ERR_MEMORY. */
tw_status option_set(const cli_option *option, const char *text, void *field);

/* Set a field to the default. */
tw_status option_reset(const cli_option *option, void *field);

/* Release what the field owns. */
void option_clear(const cli_option *option, void *field);

/* The value of a field, which was given, as the library reads it from JSON: a text that is a number
 * is one, and so is a list of one count. NULL: out of memory. */
tw_json *option_json(const cli_option *option, const void *field);

#endif
