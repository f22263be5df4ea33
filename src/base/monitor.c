/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/base/monitor.h>

#include <stddef.h>
#include <time.h>

bool tw_monitor_report(const tw_monitor *monitor, const char *stage, double done, double total) {
    if (monitor == NULL || monitor->report == NULL) return false;
    return monitor->report(monitor->self, stage, done, total);
}

double tw_clock_seconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}
