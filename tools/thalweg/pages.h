/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Help pages, manual pages and the completion script, all from the tables. */
#ifndef PAGES_H
#define PAGES_H

#include "command.h"

void print_overview(void);
void print_command_help(const cli_command *command);
void print_man_page(const cli_command *command); /* NULL: the program's own page */
void print_bash_completion(void);

#endif
