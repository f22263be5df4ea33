/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdio.h>
#include <string.h>

#include "pages.h"

typedef struct help_settings {
    cli_common common;
    const char *man, *completion; /* NULL: not asked */
} help_settings;

static tw_status run_help(const cli_invocation *run) {
    tw_status status = TW_OK;
    const help_settings *s = run->settings;
    bool own = s->man && strcmp(s->man, "thalweg") == 0;
    const char *name = s->man ? s->man : run->operand_count > 0 ? run->operands[0] : NULL;
    const cli_command *command = NULL;
    if (!s->completion && name && !own) TW_TRY(command_find(name, &command));
    if (s->completion)
        print_bash_completion();
    else if (s->man)
        print_man_page(command);
    else if (command)
        print_command_help(command);
    else
        print_overview();
cleanup:
    return status;
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
