/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TEST_OOM_SQLITE_H
#define TEST_OOM_SQLITE_H

#include <stdbool.h>

/* SQLite's allocations go through oom.c from here on. Before SQLite is first used; false when it
 * refuses. */
bool oom_hook_sqlite(void);

#endif
