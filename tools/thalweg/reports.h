/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Pages, figures and tables as the options ask for them. */
#ifndef REPORTS_H
#define REPORTS_H

#include <thalweg/base/monitor.h>
#include <thalweg/files/json.h>

#include "command.h"

/* Is any of --report (or -o of `report`), --figures, --markdown, --latex given? */
bool reports_wanted(const cli_invocation *run);

/* Write what is asked for, about all records together; a warning where figures could not be
 * drawn. monitor: NULL for the pages of a result, which are drawn whatever ended its computation.
 */
tw_status reports_write(const cli_invocation *run, const tw_monitor *monitor, size_t count,
                        const tw_json *const *records);

#endif
