/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What this process has begun outside of itself and would leave behind if it ended now. */
#ifndef THALWEG_LEFTOVERS_H
#define THALWEG_LEFTOVERS_H

#include <thalweg/base/status.h>

/* Ends the programs that the library has started, and removes the temporary files and folders that
 * it is writing. For a program that must end within a stage that cannot be cancelled: it may be
 * called from a signal handler, and _exit has to follow. Safe to call at any time, twice too. */
TW_API void tw_leftovers_remove(void);

#endif
