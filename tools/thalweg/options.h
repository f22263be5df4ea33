/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What several subcommands are asked in the same words: structs of values, each with its tables of
 * rows. A subcommand embeds those that it takes. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "settings.h"

/* Of every run; first in the struct of every subcommand. NULL: not wanted. */
typedef struct cli_common {
    bool help;
    size_t threads; /* 0: all processors */
    size_t seed;
    double max_seconds, memory_limit; /* NAN: none; 80 % of the machine */
    const char *json, *csv;           /* "-": standard output */
    const char *report, *figures, *markdown, *latex;
} cli_common;

extern const cli_option common_options[];                 /* json, threads, seed, help */
extern const cli_option figure_options[], page_options[]; /* figures; report and figures */
extern const cli_option paste_options[];                  /* markdown, latex */
extern const cli_option result_options[];                 /* common, page and paste */
extern const cli_option seconds_options[];                /* max_seconds */
extern const cli_option limit_options[];                  /* and memory_limit */

extern const cli_option output_options[]; /* of a const char * alone: arrays .. */
extern const cli_option store_options[];  /* .. and a campaign's or a search's file */

/* What a model says beside its counts. NULL: as the file says, or the default. */
typedef struct cli_model {
    const char *loss, *activation, *lambda_W, *lambda_H, *lambda_b;
} cli_model;

/* How a file becomes a point. */
typedef struct cli_reading {
    cli_model model;
    cli_words map, ignore; /* "FILE_NAME=MODEL_NAME", "NAME" */
    double rank_tolerance;
} cli_reading;

extern const cli_option reading_options[];
extern const cli_option saying_options[]; /* of a cli_reading: but for rank_tolerance */
extern const cli_option naming_options[]; /* of a cli_reading: map and ignore alone */
extern const cli_option rank_options[];   /* of a double alone */

typedef struct cli_polish {
    double tolerance;
    size_t max_iterations;
    bool no_polish;
} cli_polish;

extern const cli_option polish_options[]; /* but for no_polish */

typedef struct cli_budget {
    size_t max_products, dense_limit;
    bool plan;
} cli_budget;

extern const cli_option budget_options[], dense_options[], plan_options[]; /* a field each */

typedef struct cli_probing {
    const char *method; /* a route */
    size_t probes, steps;
} cli_probing;

extern const cli_option probe_options[]; /* but for method */

/* A point that is polished and examined. */
typedef struct cli_examining {
    cli_reading reading;
    cli_polish polish;
    cli_budget budget;
} cli_examining;

extern const cli_option examining_options[]; /* but for plan */

/* A point whose Hessian is estimated. */
typedef struct cli_estimating {
    cli_reading reading;
    cli_budget budget;
    cli_probing probing;
} cli_estimating;

extern const cli_option estimating_options[];

typedef struct cli_shape {
    size_t classes, width, depth; /* 0: not given */
} cli_shape;

extern const cli_option shape_options[]; /* but for width */
extern const cli_option width_options[];

/* The model of a new point. */
typedef struct cli_new {
    cli_shape shape;
    cli_model model;
    cli_numbers samples, widths;
    const char *lambda;
    bool bias;
} cli_new;

extern const cli_option new_options[];

/* An optimum known in closed form, in place of a file. */
typedef struct cli_closed {
    const char *name; /* NULL: a file is analysed */
    cli_shape shape;
    size_t samples;
    double lambda;
    cli_numbers widths;
} cli_closed;

extern const cli_option closed_options[]; /* but for name, width and widths */

/* A descent from a random start; what is not given is left to the library. */
typedef struct cli_descent {
    const char *method, *init, *momentum;
    double tolerance, rate, end_time, accuracy;
    size_t steps, batch;
} cli_descent;

extern const cli_option descent_options[];

/* Choices that several tables offer; NULL past the last. */
const char *choice_of_loss(size_t index);
const char *choice_of_activation(size_t index);

#endif
