/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Processes that share a campaign, and processes that are killed at any moment.
 *
 * usage: unit_store_processes [KILLS]
 *
 * A child tells through a pipe which restarts it finished, after the store said so. Numbers of a
 * row follow from its place, so the last table is known in full: every restart once, with these
 * numbers. */
#define _DEFAULT_SOURCE /* usleep */
#include "support/test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <thalweg/campaign/store.h>
#include <unistd.h>

#include "support/campaign.h"
#include "support/scratch.h"

enum { PROCESSES = 4, BATCH = 3, RESTARTS = 1500, SETTINGS = 2, TOTAL = SETTINGS * RESTARTS };
enum {
    A_KILL = 400 /* restarts that are enough for one */,
    LIFE = 20000 /* microseconds at most */
};

static const char *const settings[SETTINGS] = {"d=4", "d=6"};
static size_t kills = 20;

/* A finished restart, as a child reports it; small enough to be written at once. */
typedef struct note {
    uint32_t setting, index;
} note;

static void child_needs(tw_status status) {
    if (status == TW_OK) return;
    fprintf(stderr, "child: %s\n", tw_last_error());
    _exit(1);
}

/* Works until nothing is left to claim. */
static void work(tw_store *store, int pipe) {
    for (size_t setting = 0; setting < SETTINGS;) {
        size_t indices[BATCH], count;
        child_needs(tw_store_claim(store, setting, BATCH, indices, &count));
        if (count == 0) setting++;
        for (size_t i = 0; i < count; i++) {
            sample s;
            bool fresh;
            sample_init(&s, setting, indices[i], indices[i] % 2 == 1);
            child_needs(tw_store_finish(store, &s.row, &fresh));
            note done = {(uint32_t)setting, (uint32_t)indices[i]};
            if (fresh && write(pipe, &done, sizeof done) != sizeof done) _exit(2);
        }
    }
}

/* Everything from the opening on, as processes do that are started side by side. */
static void live(const char *path, size_t restarts, int pipe) {
    tw_store *store;
    child_needs(tw_store_open(path, TW_STORE_CREATE, &store));
    if (!tw_store_plan(store) &&
        tw_store_begin(store, "plan", SETTINGS, settings, restarts) == TW_ERR_DATA &&
        !tw_store_plan(store)) {
        _exit(3);
    }
    work(store, pipe);
    tw_store_close(store);
    _exit(0);
}

static pid_t start(const char *path, size_t restarts, int pipe) {
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) live(path, restarts, pipe);
    return child;
}

/* Marks what the pipe holds; a restart that was announced before is a duplicate. */
static size_t collect(int pipe, size_t restarts, unsigned char *announced) {
    size_t count = 0;
    note done;
    while (read(pipe, &done, sizeof done) == sizeof done) {
        size_t place = done.setting * restarts + done.index;
        assert_true(done.setting < SETTINGS && done.index < restarts);
        assert_int_equal(announced[place], 0);
        announced[place] = 1;
        count++;
    }
    assert_true(errno == EAGAIN || errno == 0);
    return count;
}

typedef struct census {
    size_t restarts, count;
    const unsigned char *announced;
    size_t missing; /* announced, but not in the table */
    size_t next;
} census;

static tw_status check_row(void *self, const tw_store_row *row) {
    census *c = self;
    sample s;
    sample_init(&s, row->setting, row->index, row->index % 2 == 1);
    assert_same_row(row, &s.row, true);
    for (; c->next < row->index; c->next++)
        c->missing += c->announced[row->setting * c->restarts + c->next];
    c->next++;
    c->count++;
    return TW_OK;
}

/* The table is sound, has the right numbers, and has all that was announced; returns its size. */
static size_t check_table(const char *path, size_t restarts, const unsigned char *announced) {
    census c = {.restarts = restarts, .announced = announced};
    tw_store *store;
    if (tw_store_open(path, TW_STORE_READ, &store) != TW_OK) {
        /* On a slow day all were killed before one had made the tables. */
        assert_null(memchr(announced, 1, SETTINGS * restarts));
        return 0;
    }
    check_query(path, "PRAGMA integrity_check", "ok");
    check_query(path, "SELECT count(*) FROM restarts JOIN claims USING (setting, idx)", "0");
    for (size_t setting = 0; setting < SETTINGS; setting++) {
        c.next = 0;
        assert_ok(tw_store_walk(store, setting, true, check_row, &c));
        for (; c.next < restarts; c.next++) c.missing += announced[setting * restarts + c.next];
    }
    tw_store_close(store);
    assert_int_equal(c.missing, 0);
    return c.count;
}

static void open_pipe(int ends[2]) {
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
}

static void four_processes_share_without_loss_or_duplicate(void **state) {
    (void)state;
    static unsigned char announced[TOTAL];
    const char *path = scratch_path("four.db");
    int ends[2], code;
    pid_t children[PROCESSES];
    size_t count = 0;
    open_pipe(ends);
    for (size_t i = 0; i < PROCESSES; i++) children[i] = start(path, RESTARTS, ends[1]);
    for (size_t i = 0; i < PROCESSES; i++) {
        while (waitpid(children[i], &code, WNOHANG) == 0) {
            count += collect(ends[0], RESTARTS, announced);
            usleep(1000);
        }
        assert_true(WIFEXITED(code) && WEXITSTATUS(code) == 0);
    }
    count += collect(ends[0], RESTARTS, announced);
    close(ends[0]);
    close(ends[1]);
    assert_int_equal(count, TOTAL);
    assert_int_equal(check_table(path, RESTARTS, announced), TOTAL);
    check_query(path, "SELECT (SELECT count(*) FROM claims) + (SELECT count(*) FROM sessions)",
                "0");
    remove(path);
}

/* One child lives on beside the one that is killed, so that there is always a witness who sees a
 * claim die; it is killed in the next round. */
static void kill_and_count(const char *path, size_t restarts, int ends[2],
                           unsigned char *announced) {
    tw_random stream;
    pid_t older = start(path, restarts, ends[1]);
    tw_random_init(&stream, kills, TW_PURPOSE_TEST, 0);
    for (size_t i = 0; i < kills; i++) {
        pid_t younger = start(path, restarts, ends[1]);
        usleep((useconds_t)(LIFE * tw_random_uniform(&stream)));
        assert_int_equal(kill(older, SIGKILL), 0);
        waitpid(older, NULL, 0);
        older = younger;
        collect(ends[0], restarts, announced);
        if (i % 5 == 4) check_table(path, restarts, announced);
    }
    kill(older, SIGKILL);
    waitpid(older, NULL, 0);
}

static void kills_lose_nothing_that_was_finished(void **state) {
    (void)state;
    const char *path = scratch_path("killed.db");
    size_t restarts = kills * A_KILL / SETTINGS;
    unsigned char *announced = calloc(SETTINGS * restarts, 1);
    int ends[2];
    open_pipe(ends);
    kill_and_count(path, restarts, ends, announced);
    collect(ends[0], restarts, announced);
    close(ends[0]);
    close(ends[1]);
    size_t before = check_table(path, restarts, announced);
    printf("%zu of %zu restarts finished under %zu kills\n", before, SETTINGS * restarts,
           kills + 1);
    int null = open("/dev/null", O_WRONLY), code;
    pid_t last = start(path, restarts, null);
    waitpid(last, &code, 0);
    close(null);
    assert_true(WIFEXITED(code) && WEXITSTATUS(code) == 0);
    assert_int_equal(check_table(path, restarts, announced), SETTINGS * restarts);
    free(announced);
    remove(path);
}

int main(int argc, char **argv) {
    if (argc > 1) kills = (size_t)strtoul(argv[1], NULL, 10);
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(four_processes_share_without_loss_or_duplicate),
        cmocka_unit_test(kills_lose_nothing_that_was_finished),
    };
    return cmocka_run_group_tests_name("store_processes", tests, scratch_setup, scratch_teardown);
}
