/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Status, allocation and random streams. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above first */
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/base/random.h>
#include <thalweg/base/status.h>
#include <thalweg/version.h>

#include "base/alloc_private.h"

static void every_status_has_name_and_text(void **state) {
    (void)state;
    for (int code = TW_OK; code <= TW_ERR_UNSUPPORTED; code++) {
        assert_string_not_equal(tw_status_name((tw_status)code), "TW_ERR_UNKNOWN");
        assert_true(strlen(tw_status_text((tw_status)code)) > 3);
    }
    assert_string_equal(tw_status_name((tw_status)999), "TW_ERR_UNKNOWN");
}

static void failure_keeps_the_sentence_and_takes_prefixes(void **state) {
    (void)state;
    assert_int_equal(tw_fail(TW_ERR_SHAPE, "%zu rows", (size_t)3), TW_ERR_SHAPE);
    assert_int_equal(tw_fail_in(TW_ERR_SHAPE, "a.npz: "), TW_ERR_SHAPE);
    assert_string_equal(tw_last_error(), "a.npz: 3 rows");
}

static void sentences_hold_no_control_characters(void **state) {
    (void)state;
    tw_fail(TW_ERR_DATA, "array '%s' \xc3\xa9", "a\n\x1b[2J\x7f\t");
    assert_string_equal(tw_last_error(), "array 'a?\?[2J?\?' \xc3\xa9");
}

static void allocation_is_zeroed_and_overflow_is_refused(void **state) {
    (void)state;
    double *block = tw_alloc(7, sizeof *block);
    for (int i = 0; i < 7; i++) assert_true(block[i] == 0.0);
    free(block);
    assert_null(tw_alloc(SIZE_MAX / 4, 8));
    assert_null(
        tw_alloc_matrix((size_t)1 << 33, (size_t)1 << 33, 8)); /* 2^66 items: 4 by wrapping */
    assert_non_null(strstr(tw_last_error(), "8589934592 x 8589934592"));
    assert_true(strstr(tw_last_error(), "no memory") != NULL);
}

/* The published known answers of Philox4x32-10 (kat_vectors of the Random123 distribution). */
static void philox_gives_its_known_answers(void **state) {
    (void)state;
    static const uint32_t cases[][10] = {
        {0, 0, 0, 0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8},
        {0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0xffffffff, 0x408f276d,
         0x41c83b0e, 0xa20bc7c6, 0x6d5451fd},
        {0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344, 0xa4093822, 0x299f31d0, 0xd16cfe09,
         0x94fdcceb, 0x5001e420, 0x24126ea1},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        uint32_t out[4];
        tw_philox_block(cases[i] + 4, cases[i], out);
        assert_memory_equal(out, cases[i] + 6, sizeof out);
    }
}

static void streams_repeat_and_differ(void **state) {
    (void)state;
    tw_random a, b, c;
    tw_random_init(&a, 5, TW_PURPOSE_TEST, 4711);
    tw_random_init(&b, 5, TW_PURPOSE_TEST, 4711);
    tw_random_init(&c, 5, TW_PURPOSE_TEST, 4712);
    int same = 0;
    for (int i = 0; i < 1000; i++) {
        double x = tw_random_uniform(&a);
        assert_true(x >= 0.0 && x < 1.0);
        assert_true(x == tw_random_uniform(&b));
        same += x == tw_random_uniform(&c);
    }
    assert_int_equal(same, 0);
}

/* Mean, variance and fourth moment of 1e5 normals within five standard errors. */
static void normals_have_normal_moments(void **state) {
    (void)state;
    enum { N = 100000 };
    tw_random stream;
    tw_random_init(&stream, 1, TW_PURPOSE_TEST, 0);
    double sum = 0, square = 0, fourth = 0;
    for (int i = 0; i < N; i++) {
        double x = tw_random_normal(&stream);
        sum += x;
        square += x * x;
        fourth += x * x * x * x;
    }
    assert_true(fabs(sum / N) < 5 / sqrt(N));
    assert_true(fabs(square / N - 1) < 5 * sqrt(2.0 / N));
    assert_true(fabs(fourth / N - 3) < 5 * sqrt(96.0 / N));
}

static void the_version_is_that_of_the_headers(void **state) {
    (void)state;
    char expected[32];
    snprintf(expected, sizeof expected, "%d.%d.%d", TW_VERSION_MAJOR, TW_VERSION_MINOR,
             TW_VERSION_PATCH);
    assert_string_equal(tw_version(), expected);
    assert_true(tw_version_fits(TW_VERSION_MAJOR, TW_VERSION_MINOR));
    assert_false(tw_version_fits(TW_VERSION_MAJOR, TW_VERSION_MINOR + 1));
    assert_false(tw_version_fits(TW_VERSION_MAJOR + 1, TW_VERSION_MINOR));
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_status_has_name_and_text),
        cmocka_unit_test(failure_keeps_the_sentence_and_takes_prefixes),
        cmocka_unit_test(sentences_hold_no_control_characters),
        cmocka_unit_test(allocation_is_zeroed_and_overflow_is_refused),
        cmocka_unit_test(philox_gives_its_known_answers),
        cmocka_unit_test(streams_repeat_and_differ),
        cmocka_unit_test(normals_have_normal_moments),
        cmocka_unit_test(the_version_is_that_of_the_headers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
