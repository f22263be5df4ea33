/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Every option of every subcommand: one struct of values, one table of descriptors. */
#ifndef SETTINGS_H
#define SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <thalweg/base/status.h>

#define CLI_NO_INDEX SIZE_MAX
#define OPTION_ROOM 256 /* rows that the tables of options may have together */

/* What a repeated option collected, in the order of the command line. */
typedef struct cli_words {
    size_t count;
    const char **words; /* owned; the words are borrowed from argv */
} cli_words;

typedef struct cli_settings {
    bool given[OPTION_ROOM]; /* by row: on the command line, not by default */
    /* common */
    const char *json; /* NULL: no record */
    size_t threads;   /* 0: all processors */
    size_t seed;
    bool help;
    /* model */
    const char *loss, *activation, *lambda_W, *lambda_H, *lambda_b; /* NULL: as the file says */
    double rank_tolerance;
    cli_words map, ignore; /* "FILE_NAME=MODEL_NAME", "NAME" */
    /* polish */
    double tolerance;
    size_t max_iterations;
    size_t max_products;
    bool no_polish;
    /* budget */
    double max_seconds, memory_limit; /* 0: none; 0: 80 % of the machine */
    bool plan;
    /* output */
    const char *output;
    /* spectrum */
    const char *method;
    size_t dense_limit, largest, smallest;
    double cluster_tolerance;
    size_t near_zero; /* 0: not asked */
    double below;     /* NAN: not asked */
    double interval[2];
    size_t interval_bounds;    /* how many of the two were given */
    size_t max_count;          /* 0: not given */
    const char *blocks, *part; /* blocks NULL: all */
    /* closed forms; 0: not given */
    const char *closed_form; /* NULL: a file is analysed */
    size_t classes, samples, width, depth;
    double lambda;
    /* the model of a new point, with loss to depth above; NULL: not given */
    const char *class_samples, *widths, *lambda_all;
    bool bias;
    size_t gauge_seed;
    /* training; 0 or NULL: not given */
    const char *descent, *init, *momentum, *trajectory, *resume;
    size_t restart, batch, descent_steps, checkpoint, every;
    double rate, end_time, accuracy, goal;
    bool lambda_min, polish_after, smooth;
    /* campaigns */
    size_t restarts, workers, only, setting; /* only: CLI_NO_INDEX: not given */
    double precision, match_tolerance;
    bool keep_points, tolerance_scan;
    const char *csv;
    /* critical points */
    size_t starts, search_iterations;
    const char *points; /* NULL: not written */
    /* slices */
    const char *along; /* NULL: not given */
    size_t grid;
    bool permute_classes;
    /* random probes */
    size_t probes, steps;
    /* certificates */
    bool check;
    size_t max_bits;
    /* claims */
    bool quick, markdown, latex;
    const char *claims, *constants; /* NULL: all of them; as published */
    /* flatness */
    const char *radii, *sigmas;
    size_t pairs, ascents;
    /* pages and figures; NULL: not asked */
    const char *report, *page, *figures, *markdown_file, *latex_file;
    /* free energy */
    const char *betas;
    /* help */
    const char *man, *completion;
} cli_settings;

/* Groups of options that subcommands share; a subcommand names a set of them. */
typedef enum option_group {
    GROUP_COMMON = 1 << 0,
    GROUP_MODEL = 1 << 1,
    GROUP_POLISH = 1 << 2,
    GROUP_SKIP_POLISH = 1 << 3,
    GROUP_OUTPUT = 1 << 4,
    GROUP_METHOD = 1 << 5,
    GROUP_DENSE = 1 << 6,
    GROUP_COUNTS = 1 << 7,
    GROUP_HELP = 1 << 8,
    GROUP_BUDGET = 1 << 9,
    GROUP_PARTS = 1 << 10,
    GROUP_CLOSED = 1 << 11,
    GROUP_PROBES = 1 << 12,
    GROUP_PLAN = 1 << 13,
    GROUP_INTERIOR = 1 << 14,
    GROUP_NEW = 1 << 15,
    GROUP_TRAIN = 1 << 16,
    GROUP_GAUGE = 1 << 17,
    GROUP_BASINS = 1 << 18,
    GROUP_DESCENT = 1 << 19, /* what train and campaigns share */
    GROUP_VERIFY = 1 << 20,
    GROUP_CERTIFY = 1 << 21,
    GROUP_SECONDS = 1 << 22, /* a limit of time without a budget */
    GROUP_FLATNESS = 1 << 23,
    GROUP_CRITICAL = 1 << 24,
    GROUP_SLICE = 1 << 25,
    GROUP_FREE_ENERGY = 1 << 26,
    GROUP_PASTE = 1 << 27,  /* tables of the result as text */
    GROUP_REPORT = 1 << 28, /* a page and figures of the result */
    GROUP_PAGE = 1 << 29,   /* a page of records */
    GROUP_RESULT = GROUP_REPORT | GROUP_PASTE
} option_group;

typedef enum option_kind {
    OPTION_FLAG,    /* bool */
    OPTION_COUNT,   /* size_t in [low, high] */
    OPTION_NUMBER,  /* double in (low, high) */
    OPTION_RANGE,   /* two doubles, the smaller first: two words */
    OPTION_RIDGE,   /* const char *: a number >= 0 */
    OPTION_RIDGES,  /* const char *: a number >= 0, or a JSON list of them */
    OPTION_COUNTS,  /* const char *: whole numbers in [low, high] with commas between them */
    OPTION_NUMBERS, /* const char *: numbers in (low, high) with commas between them */
    OPTION_WORDS,   /* cli_words: may be given several times */
    OPTION_PHRASE,  /* const char *: any text, made of the choices */
    OPTION_TEXT     /* const char *; one of the choices when there are any */
} option_kind;

typedef struct cli_option {
    const char *name; /* without the dashes */
    char letter;      /* 0: none */
    unsigned group;   /* a set of option_group bits: whoever understands one of them */
    option_kind kind;
    size_t offset;                          /* of its field in settings */
    const char *metavar;                    /* "K" */
    double low, high;                       /* range of counts (closed) and numbers (open) */
    const char *fallback;                   /* default, parsed like a given value; NULL: none */
    const char *(*choice_at)(size_t index); /* NULL past the last; NULL: any text */
    const char *help; /* meaning and unit; range and default are appended by the printer */
} cli_option;

const cli_option *option_at(size_t index); /* NULL past the last */

#define OPTION_CHOICES 128 /* room for the names of one option's choices */

/* "auto|dense|arpack"; "" when the option takes any text. */
void option_choices(const cli_option *option, char separator, char *text, size_t room);

/* Set every field to its default: that of the subcommand which understands these groups. */
void settings_init(cli_settings *values, unsigned groups);

void settings_clear(cli_settings *values);

/* Set one field from text. TW_ERR_ARGUMENT with a sentence, TW_ERR_MEMORY. */
tw_status settings_set(cli_settings *values, const cli_option *option, const char *text);

/* Was an option of that name on the command line, even if with its default? */
bool settings_given(const cli_settings *values, const char *name);

/* The whole number at *at of a list with commas; *at (in/out) moves to the next one, NULL after the
 * last. False when there is none. */
bool count_list_next(const char **at, size_t *count);

/* The same for a number. */
bool number_list_next(const char **at, double *number);

/* All of them; *numbers (out) is owned by the caller. */
tw_status number_list_read(const char *text, size_t *count, double **numbers);

#endif
