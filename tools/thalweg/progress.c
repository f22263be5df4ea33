/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "progress.h"

#include <math.h>
#include <signal.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define REFRESH_SECONDS 0.1

static volatile sig_atomic_t interrupted;
static bool on_terminal, line_shown;
static double stage_start, stage_done, last_shown, deadline = INFINITY;
static char stage_shown[64], note_shown[160];

static void interrupt(int signal_number) {
    interrupted = 1;
    signal(signal_number, SIG_DFL);
}

void progress_start(double max_seconds) {
    deadline = max_seconds > 0.0 ? tw_clock_seconds() + max_seconds : INFINITY;
    on_terminal = isatty(STDERR_FILENO) != 0;
    signal(SIGINT, interrupt);
}

void progress_clear(void) {
    if (line_shown) fprintf(stderr, "\r\033[K");
    line_shown = false;
}

static void show(const char *stage, double done, double total, double now) {
    double elapsed = now - stage_start;
    double rate = elapsed > 0.0 ? (done - stage_done) / elapsed : 0.0;
    fprintf(stderr, "\r\033[K%s", stage);
    if (done > 0.0 || total > 0.0) fprintf(stderr, ": %.0f", done);
    if (total > 0.0) fprintf(stderr, " of at most %.0f", total);
    if (rate > 0.0) fprintf(stderr, ", %.3g a second", rate);
    if (rate > 0.0 && total > done)
        fprintf(stderr, ", at most %.0f s left", fmin((total - done) / rate, deadline - now));
    if (note_shown[0]) fprintf(stderr, "; %s", note_shown);
    line_shown = true;
}

void progress_note(void *self, const char *text) {
    (void)self;
    snprintf(note_shown, sizeof note_shown, "%s", text);
}

static bool report(void *self, const char *stage, double done, double total) {
    (void)self;
    double now = tw_clock_seconds();
    bool fresh = strncmp(stage, stage_shown, sizeof stage_shown - 1) != 0;
    if (fresh) {
        snprintf(stage_shown, sizeof stage_shown, "%s", stage);
        stage_start = now;
        stage_done = done;
    }
    /* A new stage at once: it may report no second time for long. */
    if (on_terminal && (fresh || now - last_shown > REFRESH_SECONDS)) {
        show(stage, done, total, now);
        last_shown = now;
    }
    return interrupted != 0 || now > deadline;
}

const tw_monitor *progress_monitor(void) {
    static const tw_monitor monitor = {report, NULL};
    return &monitor;
}

tw_budget progress_budget(const cli_settings *settings) {
    return (tw_budget){.products = settings->max_products,
                       .dense_limit = settings->dense_limit,
                       .deadline = isfinite(deadline) ? deadline : 0.0,
                       .seed = settings->seed,
                       .monitor = progress_monitor()};
}
