/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a subcommand is: a file cmd_<name>.c, its own or that of several alike, with a struct of
 * settings that nobody else sees. */
#ifndef COMMAND_H
#define COMMAND_H

#include "options.h"

/* Exit codes (docs/design.md). */
enum {
    EXIT_DONE = 0,
    EXIT_NEGATIVE = 1,      /* the check that was asked for came out negative */
    EXIT_USAGE = 2,         /* wrong usage */
    EXIT_INPUT = 3,         /* unreadable or inconsistent input, unwritable output */
    EXIT_NOT_CONVERGED = 4, /* not converged within the budget; partial results are written */
};

typedef struct cli_command cli_command;

/* One run of the program, parsed. Everything is borrowed from main. */
typedef struct cli_invocation {
    const cli_command *command;
    const void *settings;     /* the struct of the subcommand */
    const cli_common *common; /* what it begins with */
    const bool *given;        /* by number of the option: on the command line, not by default */
    int *code;                /* EXIT_DONE until an answer that calls for another */
    int argc;
    char **argv;
    size_t operand_count;
    const char *operands[64];
} cli_invocation;

struct cli_command {
    const char *name;
    const char *operands;    /* "FILE", for usage lines */
    const char *summary;     /* one line */
    const char *description; /* a paragraph or more, for --help and the man page */
    struct {
        size_t least, most;
    } operand_count;
    struct {
        const cli_option *options;
        size_t size; /* of the struct that they fill, which begins with a cli_common */
    } settings;
    tw_status (*run)(const cli_invocation *run);
};

extern const cli_command basins_command, certify_command, compare_command, construct_command,
    convert_command, critical_command, degeneracy_command, density_command, flatness_command,
    free_energy_command, help_command, info_command, polish_command, report_command,
    selftest_command, slice_command, spectrum_command, trace_command, train_command, verify_command;

const cli_command *command_at(size_t index);                           /* NULL past the last */
tw_status command_find(const char *name, const cli_command **command); /* TW_ERR_ARGUMENT */

/* Option number `index` of a subcommand; NULL past the last. offset (out): of its field in the
 * subcommand's struct; may be NULL. */
const cli_option *command_option(const cli_command *command, size_t index, size_t *offset);
size_t command_option_count(const cli_command *command);

/* ---- What was given on the command line, even if with its default ---- */

bool is_given(const cli_invocation *run, const char *option);

/* Given options whose fields lie in a part of the settings, as members of an object; dashes become
 * underscores. axes: a list is to be one value, where a list is an axis of values. */
tw_status given_members(const cli_invocation *run, const void *part, size_t size, bool axes,
                        tw_json *json);

/* An option that means something in some modes of a subcommand only. */
typedef struct cli_meaning {
    const char *option; /* NULL past the last row */
    unsigned modes;     /* a set of bits */
    const char *hint;   /* what to do instead; "" */
} cli_meaning;

/* TW_ERR_ARGUMENT when one is given that means nothing in `mode`: "--<option><why><hint>". */
tw_status refuse_meanings(const cli_invocation *run, const cli_meaning *rows, unsigned mode,
                          const char *why);

/* TW_ERR_ARGUMENT when one is given whose field lies in a part of the settings: "--<option><why>".
 */
tw_status refuse_members(const cli_invocation *run, const void *part, size_t size, const char *why);

/* The library's sentences begin with the setting that is wrong ("init: .."): where it is an option
 * that was given, let it look like one. Returns `status`. */
tw_status name_option(const cli_invocation *run, tw_status status);

#endif
