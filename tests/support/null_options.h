/* SPDX-License-Identifier: GPL-3.0-or-later */
/* NULL options are the defaults: a table of functions that take options, each tried once with the
 * defaults and once without, to the same figure. tests/rules/options.py sees that no function of
 * the library is missing in the tables. */
#ifndef TEST_NULL_OPTIONS_H
#define TEST_NULL_OPTIONS_H

#include "support/test.h"

/* Defined by each of these tests. */
typedef struct fixture fixture;

typedef struct null_row {
    const char *function;
    double (*run)(fixture *f, bool null); /* with NULL or the defaults; some figure of the result */
} null_row;

static inline void null_rows_check(size_t count, const null_row *rows, fixture *f) {
    for (size_t i = 0; i < count; i++) {
        double with = rows[i].run(f, false), without = rows[i].run(f, true);
        if (!(with == without))
            fail_msg("%s: %.17g without options, %.17g with the defaults", rows[i].function,
                     without, with);
    }
}

#endif
