/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Which thalweg: the one whose headers were read, and the one that runs.
 *
 * While the first number is 0, a change of the second may change structs and functions, and the
 * name of the shared library (libthalweg.so.0.1) changes with it; a change of the third changes
 * neither. So a program that was built with 0.1.x runs with every 0.1.y, and with nothing else. */
#ifndef THALWEG_VERSION_H
#define THALWEG_VERSION_H

#include <stdbool.h>
#include <thalweg/base/status.h>

#define TW_VERSION_MAJOR 0
#define TW_VERSION_MINOR 1
#define TW_VERSION_PATCH 0

/* Of the library that runs: "0.1.0"; static. */
TW_API const char *tw_version(void);

/* Does the library that runs fit the headers with these first two numbers? Call it as
 *     if (!tw_version_fits(TW_VERSION_MAJOR, TW_VERSION_MINOR)) ...
 * where the library is loaded by hand; the linker's names see to it otherwise. */
TW_API bool tw_version_fits(int major, int minor);

#endif
