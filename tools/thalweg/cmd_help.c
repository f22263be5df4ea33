/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "pages.h"

static int unknown(const char *name) {
    fprintf(stderr, "thalweg: there is no subcommand '%s'; see 'thalweg help'\n", name);
    return EXIT_USAGE;
}

int run_help(const cli_invocation *run) {
    const char *man = run->settings.man;
    if (run->settings.completion) {
        print_bash_completion();
    } else if (man) {
        const cli_command *command = command_find(man);
        if (command == NULL && strcmp(man, "thalweg") != 0) return unknown(man);
        print_man_page(command);
    } else if (run->operand_count == 0) {
        print_overview();
    } else {
        const cli_command *command = command_find(run->operands[0]);
        if (command == NULL) return unknown(run->operands[0]);
        print_command_help(command);
    }
    return EXIT_DONE;
}
