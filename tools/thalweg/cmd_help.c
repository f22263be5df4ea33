/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "pages.h"

typedef struct help_settings {
    cli_common common;
    const char *man, *completion; /* NULL: not asked */
} help_settings;

static int unknown(const char *name) {
    fprintf(stderr, "thalweg: there is no subcommand '%s'; see 'thalweg help'\n", name);
    return EXIT_USAGE;
}

static int run_help(const cli_invocation *run) {
    const help_settings *s = run->settings;
    const char *man = s->man;
    if (s->completion) {
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

static const char *shell_name(size_t index) {
    return index == 0 ? "bash" : NULL;
}

static const cli_option options[] = {
    TABLE(common_options, 0),
    PLAIN(OPTION_TEXT, help_settings, man, "man", "NAME",
          "print the manual page of a subcommand (or of thalweg) in man(7) format"),
    CHOICE(OPTION_TEXT, help_settings, completion, "completion", "SHELL", NULL, shell_name,
           "print a completion script"),
    {0},
};

const cli_command help_command = {"help",
                                  "[COMMAND]",
                                  "show the page of a subcommand",
                                  "Without a name: this overview.",
                                  {0, 1},
                                  {options, sizeof(help_settings)},
                                  run_help};
