/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Stages that can be cancelled hear of it from the monitor. For one that does not ask, there is a
 * timer: from the wish to stop on it looks ten times a second whether the main thread still
 * computes. What it does then is what a signal handler may do. */
#define _XOPEN_SOURCE 700 /* timers, thread clocks */
#include "progress.h"

#include <math.h>
#include <pthread.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <thalweg/base/leftovers.h>
#include <time.h>
#include <unistd.h>

#include "command.h"

#define REFRESH_SECONDS 0.1
#define GRACE_SECONDS 0.9 /* of the main thread's own time: what a busy machine takes is no delay */
#define PATIENCE 60.0     /* seconds for one that waits, for a disk or another program */

static volatile sig_atomic_t interrupted, signals, told, writing;
static pthread_t main_thread;
static timer_t timer;
static struct timespec asked_clock, asked_cpu;
static bool on_terminal, line_shown;
static double stage_start, stage_done, last_shown, deadline = INFINITY;
static char stage_shown[64], note_shown[160];

/* ---- The watch ---- */

static double seconds_since(clockid_t clock, const struct timespec *start) {
    struct timespec now;
    clock_gettime(clock, &now);
    return (double)(now.tv_sec - start->tv_sec) + 1e-9 * (double)(now.tv_nsec - start->tv_nsec);
}

static void say(const char *text) {
    if (write(STDERR_FILENO, text, strlen(text)) < 0) return; /* nobody listens */
}

static void end_here(void) {
    tw_leftovers_remove();
    say(line_shown ? "\r\033[K" : "");
    say("thalweg: ended within a stage that could not be cancelled");
    say(stage_shown[0] ? ", after '" : "");
    say(stage_shown);
    say(stage_shown[0] ? "'; what it had is lost\n" : "; what it had is lost\n");
    _exit(EXIT_NOT_CONVERGED);
}

static void ask_to_stop(void) {
    const struct itimerspec often = {{0, 100000000}, {0, 100000000}};
    interrupted = 1;
    clock_gettime(CLOCK_MONOTONIC, &asked_clock);
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &asked_cpu);
    timer_settime(timer, 0, &often, NULL);
}

static void look(void) {
    if (!interrupted) {
        ask_to_stop();
        return;
    }
    if (writing) return;
    if (seconds_since(CLOCK_THREAD_CPUTIME_ID, &asked_cpu) > GRACE_SECONDS ||
        seconds_since(CLOCK_MONOTONIC, &asked_clock) > PATIENCE)
        end_here();
}

/* Always in the main thread, so that it never finds that thread half-way and another beside it. */
static void handle(int number) {
    if (!pthread_equal(pthread_self(), main_thread)) {
        pthread_kill(main_thread, number);
        return;
    }
    if (number == SIGALRM)
        look();
    else if (signals++ > 0)
        end_here();
    else if (!interrupted)
        ask_to_stop();
}

void progress_start(double max_seconds) {
    struct sigaction action = {.sa_handler = handle, .sa_flags = SA_RESTART};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};
    on_terminal = isatty(STDERR_FILENO) != 0;
    main_thread = pthread_self();
    sigemptyset(&action.sa_mask);
    const int numbers[] = {SIGINT, SIGTERM, SIGALRM};
    for (size_t i = 0; i < 3; i++) sigaddset(&action.sa_mask, numbers[i]);
    for (size_t i = 0; i < 3; i++) sigaction(numbers[i], &action, NULL);
    timer_create(CLOCK_MONOTONIC, &event, &timer);
    if (!(max_seconds > 0.0)) return;
    deadline = tw_clock_seconds() + max_seconds;
    struct itimerspec once = {.it_value = {(time_t)max_seconds, 0}};
    once.it_value.tv_nsec = (long)(1e9 * (max_seconds - floor(max_seconds)));
    if (once.it_value.tv_sec == 0 && once.it_value.tv_nsec == 0) once.it_value.tv_nsec = 1;
    timer_settime(timer, 0, &once, NULL);
}

bool progress_was_stopped(void) {
    return told != 0;
}

/* ---- The line ---- */

static void wipe(void) {
    if (line_shown) fprintf(stderr, "\r\033[K");
    line_shown = false;
}

void progress_clear(void) {
    wipe();
    writing = 1;
}

void progress_warn(const char *format, ...) {
    va_list arguments;
    wipe();
    va_start(arguments, format);
    fprintf(stderr, "thalweg: ");
    vfprintf(stderr, format, arguments);
    fputc('\n', stderr);
    va_end(arguments);
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
    writing = 0;
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
    bool stop = interrupted != 0 || now > deadline;
    if (stop) told = 1;
    return stop;
}

const tw_monitor *progress_monitor(void) {
    static const tw_monitor monitor = {report, NULL};
    return &monitor;
}

tw_budget progress_budget(const cli_common *common, const cli_budget *budget) {
    return (tw_budget){.products = budget->max_products,
                       .dense_limit = budget->dense_limit,
                       .deadline = isfinite(deadline) ? deadline : 0.0,
                       .seed = common->seed,
                       .monitor = progress_monitor()};
}
