/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What a subcommand is: one row of the table in commands.c, and one file cmd_<name>.c. */
#ifndef COMMAND_H
#define COMMAND_H

#include "settings.h"

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
    cli_settings settings;
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
    size_t min_operands, max_operands;
    unsigned groups; /* option groups it understands, a set of option_group bits */
    int (*run)(const cli_invocation *run);
};

const cli_command *command_at(size_t index); /* NULL past the last */
const cli_command *command_find(const char *name);

/* Exit code of a failed library call; prints its sentence to standard error. */
int report_failure(tw_status status);

int run_info(const cli_invocation *run);
int run_polish(const cli_invocation *run);
int run_spectrum(const cli_invocation *run);
int run_degeneracy(const cli_invocation *run);
int run_density(const cli_invocation *run);
int run_trace(const cli_invocation *run);
int run_flatness(const cli_invocation *run);
int run_free_energy(const cli_invocation *run);
int run_certify(const cli_invocation *run);
int run_compare(const cli_invocation *run);
int run_construct(const cli_invocation *run);
int run_train(const cli_invocation *run);
int run_basins(const cli_invocation *run);
int run_critical(const cli_invocation *run);
int run_slice(const cli_invocation *run);
int run_report(const cli_invocation *run);
int run_convert(const cli_invocation *run);
int run_selftest(const cli_invocation *run);
int run_verify(const cli_invocation *run);
int run_help(const cli_invocation *run);

#endif
