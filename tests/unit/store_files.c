/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that are no campaign, or no longer one, or cannot be written: one sentence that begins with
 * the path, the right status, and not a byte changed. */
#define _DEFAULT_SOURCE /* setuid's relatives, truncate */
#include "support/test.h"

#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <thalweg/campaign/store.h>
#include <unistd.h>

#include "support/campaign.h"
#include "support/scratch.h"

static const char *const settings[] = {"d=4"};
static const tw_store_mode modes[] = {TW_STORE_READ, TW_STORE_WRITE, TW_STORE_CREATE};
enum { MODES = 3, NOBODY = 65534 };

static void check_sentence(const char *path) {
    const char *sentence = tw_last_error();
    size_t bytes = strlen(path);
    assert_memory_equal(sentence, path, bytes);
    assert_memory_equal(sentence + bytes, ": ", 2);
    assert_true(strlen(sentence) > bytes + 8);
}

static void check_refused(const char *path, tw_store_mode mode, tw_status expected) {
    tw_store *store = (tw_store *)8;
    assert_int_equal(tw_store_open(path, mode, &store), expected);
    assert_ptr_equal(store, (tw_store *)8);
    check_sentence(path);
}

/* In every mode, with every byte as it was and nothing beside it. */
static void check_untouched(const char *path, tw_status expected) {
    size_t before, after;
    char *was = scratch_read(path, &before);
    for (size_t i = 0; i < MODES; i++) {
        check_refused(path, modes[i], expected);
        char *is = scratch_read(path, &after);
        assert_int_equal(after, before);
        assert_memory_equal(is, was, before);
        free(is);
    }
    free(was);
    assert_int_equal(scratch_entries(), 1);
    remove(path);
}

/* A closed campaign with some rows. */
static const char *make_campaign(const char *name, size_t rows) {
    const char *path = scratch_path(name);
    tw_store *store = campaign_create(path, 1, settings, 100);
    for (size_t i = 0; i < rows; i++) finish_sample(store, 0, i);
    tw_store_close(store);
    return path;
}

static void what_is_no_file_is_refused(void **state) {
    (void)state;
    check_refused(scratch_path("none.db"), TW_STORE_READ, TW_ERR_IO);
    check_refused(scratch_path("none.db"), TW_STORE_WRITE, TW_ERR_IO);
    check_refused(scratch_path("no/where.db"), TW_STORE_CREATE, TW_ERR_IO);
    check_refused("/dev/null", TW_STORE_CREATE, TW_ERR_IO);
    assert_int_equal(mkfifo(scratch_path("pipe"), 0600), 0);
    check_refused(scratch_path("pipe"), TW_STORE_CREATE, TW_ERR_IO);
    remove(scratch_path("pipe"));
    for (size_t i = 0; i < MODES; i++) check_refused(scratch_path(""), modes[i], TW_ERR_IO);
    assert_int_equal(scratch_entries(), 0);
}

/* The trace of a process that was killed before it had made the tables. */
static void an_empty_file_can_become_a_campaign(void **state) {
    (void)state;
    const char *path = scratch_write("empty.db", "", 0);
    check_refused(path, TW_STORE_READ, TW_ERR_FORMAT);
    check_refused(path, TW_STORE_WRITE, TW_ERR_FORMAT);
    tw_store_close(campaign_create(path, 1, settings, 3));
    remove(path);
}

static void foreign_files_are_left_alone(void **state) {
    (void)state;
    static const char text[] = "d,fraction\n4,0.1\n";
    char zeros[8192] = {0};
    check_untouched(scratch_write("byte.db", "x", 1), TW_ERR_FORMAT);
    check_untouched(scratch_write("text.db", text, sizeof text - 1), TW_ERR_FORMAT);
    check_untouched(scratch_write("zeros.db", zeros, sizeof zeros), TW_ERR_FORMAT);
    check_query(scratch_path("other.db"), "CREATE TABLE restarts (a); PRAGMA user_version = 1",
                NULL);
    check_untouched(scratch_path("other.db"), TW_ERR_FORMAT);
}

static void other_versions_are_left_alone(void **state) {
    (void)state;
    check_query(make_campaign("newer.db", 3), "PRAGMA user_version = 2", NULL);
    check_untouched(scratch_path("newer.db"), TW_ERR_UNSUPPORTED);
    check_query(make_campaign("older.db", 3), "PRAGMA user_version = 0", NULL);
    check_untouched(scratch_path("older.db"), TW_ERR_FORMAT);
}

static void names_mean_files(void **state) {
    (void)state;
    static const char *const names[] = {":memory:", "file:a.db?mode=memory", "50% #1 ?.db",
                                        "t\xc3\xa4l\n.db", "--"};
    char here[4096];
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(scratch_path("")), 0);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        tw_store_close(campaign_create(names[i], 1, settings, 3));
        assert_int_equal(access(names[i], F_OK), 0);
        assert_int_equal(remove(names[i]), 0);
    }
    assert_int_equal(scratch_entries(), 0);
    assert_int_equal(chdir(here), 0);
}

/* ---- Damage ---- */

static tw_status count_row(void *self, const tw_store_row *row) {
    (void)row;
    ++*(size_t *)self;
    return TW_OK;
}

/* Opening and reading all of a damaged copy, and working on it: it may go well, where the damage
 * met a number; else it is said in one sentence. Returns whether it went well. */
static bool survives(const char *path, tw_store_mode mode) {
    tw_store *store = NULL;
    size_t rows = 0, claimed[2], count;
    tw_status status = tw_store_open(path, mode, &store);
    if (status == TW_OK) status = tw_store_walk(store, 0, true, count_row, &rows);
    if (status == TW_OK && mode != TW_STORE_READ)
        status = tw_store_claim(store, 0, 2, claimed, &count);
    if (status != TW_OK) {
        assert_true(status == TW_ERR_FORMAT || status == TW_ERR_UNSUPPORTED ||
                    status == TW_ERR_IO || (status == TW_ERR_ARGUMENT && rows == 0));
        check_sentence(path);
    }
    tw_store_close(store);
    remove(scratch_path("bad.db-wal"));
    remove(scratch_path("bad.db-shm"));
    return status == TW_OK && rows == 20;
}

static void every_truncation_is_noticed(void **state) {
    (void)state;
    size_t bytes;
    char *whole = scratch_read(make_campaign("whole.db", 20), &bytes);
    for (size_t kept = 1; kept < bytes; kept += 509) {
        assert_false(survives(scratch_write("bad.db", whole, kept), modes[kept % MODES]));
        size_t after;
        free(scratch_read(scratch_path("bad.db"), &after));
        assert_int_equal(after, kept);
    }
    free(whole);
    remove(scratch_path("bad.db"));
    remove(scratch_path("whole.db"));
}

static void flipped_bytes_never_crash(void **state) {
    (void)state;
    size_t bytes, noticed = 0, tried = 0;
    char *whole = scratch_read(make_campaign("whole.db", 20), &bytes);
    tw_random stream;
    tw_random_init(&stream, 5, TW_PURPOSE_TEST, 0);
    /* All of the header, the start of every page, and bytes anywhere. */
    for (size_t i = 0; i < 600; i++) {
        size_t pages = bytes / 4096;
        size_t at = i < 100           ? i
                    : i < 100 + pages ? (i - 100) * 4096 + i % 12
                                      : (size_t)(tw_random_uniform(&stream) * (double)bytes);
        char old = whole[at];
        whole[at] = (char)(old ^ (1 + (int)(255.0 * tw_random_uniform(&stream))));
        noticed += !survives(scratch_write("bad.db", whole, bytes), modes[i % MODES]);
        tried++;
        whole[at] = old;
    }
    assert_true(noticed > 50 && noticed < tried);
    free(whole);
    remove(scratch_path("bad.db"));
    remove(scratch_path("whole.db"));
}

/* ---- No way to write ---- */

/* Runs a test as a user who may not write here; root may write everywhere. */
static void as_nobody(void (*test)(void)) {
    int code;
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        if (getuid() == 0 && (setgid(NOBODY) != 0 || setuid(NOBODY) != 0)) _exit(1);
        test();
        _exit(0);
    }
    waitpid(child, &code, 0);
    assert_true(WIFEXITED(code) && WEXITSTATUS(code) == 0);
}

static const char *guarded; /* path of the file under test */

static void child_needs(bool condition) {
    if (condition) return;
    fprintf(stderr, "child: %s\n", tw_last_error());
    _exit(2);
}

static void read_but_not_write(void) {
    tw_store *store;
    size_t rows = 0;
    child_needs(tw_store_open(guarded, TW_STORE_WRITE, &store) == TW_ERR_IO);
    child_needs(strncmp(tw_last_error(), guarded, strlen(guarded)) == 0);
    child_needs(tw_store_open(guarded, TW_STORE_CREATE, &store) == TW_ERR_IO);
    child_needs(tw_store_open(guarded, TW_STORE_READ, &store) == TW_OK);
    child_needs(tw_store_walk(store, 0, true, count_row, &rows) == TW_OK && rows == 20);
    tw_store_close(store);
}

static void what_is_read_only_can_be_read(void **state) {
    (void)state;
    guarded = make_campaign("guarded.db", 20);
    assert_int_equal(chmod(guarded, 0444), 0);
    assert_int_equal(chmod(scratch_path(""), 0777), 0);
    as_nobody(read_but_not_write);
    remove(scratch_path("guarded.db-wal")); /* who may not write the file cannot take them away */
    remove(scratch_path("guarded.db-shm"));
    assert_int_equal(chmod(scratch_path(""), 0555), 0);
    as_nobody(read_but_not_write);
    assert_int_equal(chmod(guarded, 0666), 0); /* the folder alone */
    as_nobody(read_but_not_write);
    assert_int_equal(chmod(scratch_path(""), 0700), 0);
    remove(guarded);
}

static void limit_files(rlim_t bytes) {
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

/* A limit on the size of files stands for the end of the disk. */
static void a_full_disk_loses_nothing(void **state) {
    (void)state;
    const char *path = scratch_path("full.db");
    tw_store *store = campaign_create(path, 1, settings, 100);
    sample s;
    bool fresh = false;
    size_t rows = 0, stored = 0, index;
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_IGN);
    limit_files(300000);
    for (index = 0; index < 100; index++) {
        sample_init(&s, 0, index, true);
        tw_status status = tw_store_finish(store, &s.row, &fresh);
        if (status == TW_OK) continue;
        assert_int_equal(status, TW_ERR_IO);
        check_sentence(path);
        break;
    }
    assert_true(index > 3 && index < 100);
    assert_ok(tw_store_walk(store, 0, true, count_row, &rows)); /* reading goes on */
    assert_int_equal(rows, index);
    limit_files(before.rlim_cur);
    for (stored = index; stored < 100; stored++) { /* and so does writing, once there is room */
        sample_init(&s, 0, stored, true);
        assert_ok(tw_store_finish(store, &s.row, &fresh));
        assert_true(fresh);
    }
    tw_store_close(store);
    check_query(path, "PRAGMA integrity_check", "ok");
    check_query(path, "SELECT count(*) FROM restarts JOIN points USING (setting, idx)", "100");
    remove(path);
}

static void no_room_for_a_new_campaign(void **state) {
    (void)state;
    const char *path = scratch_path("small.db");
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    signal(SIGXFSZ, SIG_IGN);
    limit_files(5000);
    check_refused(path, TW_STORE_CREATE, TW_ERR_IO);
    limit_files(before.rlim_cur);
    tw_store_close(campaign_create(path, 1, settings, 3)); /* what is left is no obstacle */
    remove(path);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_no_file_is_refused),
        cmocka_unit_test(an_empty_file_can_become_a_campaign),
        cmocka_unit_test(foreign_files_are_left_alone),
        cmocka_unit_test(other_versions_are_left_alone),
        cmocka_unit_test(names_mean_files),
        cmocka_unit_test(every_truncation_is_noticed),
        cmocka_unit_test(flipped_bytes_never_crash),
        cmocka_unit_test(what_is_read_only_can_be_read),
        cmocka_unit_test(a_full_disk_loses_nothing),
        cmocka_unit_test(no_room_for_a_new_campaign),
    };
    return cmocka_run_group_tests_name("store_files", tests, scratch_setup, scratch_teardown);
}
