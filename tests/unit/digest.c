/* SPDX-License-Identifier: GPL-3.0-or-later */
/* SHA-256: the known answers of FIPS 180-4 and its example computations. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above first */
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/files/bundle.h>
#include <unistd.h>

#include "files/source_private.h"
#include "support/scratch.h"

static void known_answers(void **state) {
    (void)state;
    enum { MILLION = 1000000 };
    char *letters = malloc(MILLION);
    memset(letters, 'a', MILLION);
    const struct {
        const char *bytes;
        size_t count;
        const char *digest;
    } cases[] = {
        {"", 0, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", 3, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {letters, MILLION, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char digest[65];
        const char *path = scratch_write("input", cases[i].bytes, cases[i].count);
        assert_int_equal(tw_file_digest(path, digest), TW_OK);
        assert_string_equal(digest, cases[i].digest);
    }
    free(letters);
}

static void what_is_no_file_is_refused(void **state) {
    (void)state;
    char digest[65];
    assert_int_equal(tw_file_digest(scratch_path("absent"), digest), TW_ERR_IO);
    assert_non_null(strstr(tw_last_error(), "absent: cannot be opened: No such file"));
    assert_int_equal(tw_file_digest(scratch_path("."), digest), TW_ERR_IO);
    assert_non_null(strstr(tw_last_error(), "is a directory"));
    assert_int_equal(tw_file_digest("/dev/zero", digest), TW_ERR_IO);
    assert_string_equal(tw_last_error(), "/dev/zero: is not a regular file");
}

static void a_file_that_shrinks_is_noticed(void **state) {
    (void)state;
    char bytes[10];
    tw_source source = {0};
    const char *path = scratch_write("shrinking", "0123456789", 10);
    assert_int_equal(tw_source_open(&source, path), TW_OK);
    assert_int_equal(tw_source_read(&source, 0, bytes, 10), TW_OK);
    assert_int_equal(truncate(path, 5), 0);
    assert_int_equal(tw_source_read(&source, 0, bytes, 10), TW_ERR_IO);
    assert_string_equal(tw_last_error(), "became shorter while it was read");
    assert_int_equal(tw_source_read(&source, 8, bytes, 3), TW_ERR_IO);
    tw_source_close(&source);
    tw_source_close(&source);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_answers),
        cmocka_unit_test(what_is_no_file_is_refused),
        cmocka_unit_test(a_file_that_shrinks_is_noticed),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
