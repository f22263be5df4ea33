/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How a long computation tells its caller where it stands, and hears that it should stop. */
#ifndef THALWEG_MONITOR_H
#define THALWEG_MONITOR_H

#include <stdbool.h>
#include <thalweg/base/status.h>

/* Borrowed by the computation. `report` may be NULL. */
typedef struct tw_monitor {
    /* stage: a few words, borrowed for the call; done and total in the stage's own unit, total = 0
     * when unknown. Returns true when the computation should end with what it has. */
    bool (*report)(void *self, const char *stage, double done, double total);
    void *self;
} tw_monitor;

/* NULL-safe call; false (go on) without a monitor. */
TW_API bool tw_monitor_report(const tw_monitor *monitor, const char *stage, double done,
                              double total);

/* Seconds of a clock that never goes back; the origin is arbitrary. */
TW_API double tw_clock_seconds(void);

#endif
