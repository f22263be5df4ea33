/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A folder for the files of a test. Failures of its own end the test program. */
#ifndef TEST_SCRATCH_H
#define TEST_SCRATCH_H

#include <stddef.h>

/* Group setup and teardown for cmocka: a new empty folder, and its removal with all in it. */
int scratch_setup(void **state);
int scratch_teardown(void **state);

/* Path of a file in the folder; valid until the eighth call after this. */
const char *scratch_path(const char *name);

/* Write a file into the folder; returns its path like scratch_path. */
const char *scratch_write(const char *name, const void *bytes, size_t count);

/* The bytes of a file (free), with a NUL behind them; bytes may be NULL. */
char *scratch_read(const char *path, size_t *bytes);

/* Number of entries in the folder. */
size_t scratch_entries(void);

#endif
