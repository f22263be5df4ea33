/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that a run is about to write, looked at before it starts. */
#ifndef OUTPUTS_H
#define OUTPUTS_H

#include "command.h"

/* Do two paths lead to one file that is there? */
bool is_one_file(const char *a, const char *b);

/* Is a result about to replace one of the inputs? TW_ERR_ARGUMENT with both names; path may be
 * NULL. */
tw_status check_not_input(const cli_invocation *run, const char *path);

/* Hours of work should not end at a folder that is not there, nor one result replace another, nor
 * an input: TW_ERR_ARGUMENT, TW_ERR_IO. */
tw_status check_outputs(const cli_invocation *run);

#endif
