/* SPDX-License-Identifier: GPL-3.0-or-later */
/* npz: numpy's own files, archives built by hand, and the JSON file beside them. */
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
#include <sys/stat.h>
#include <thalweg/files/bundle.h>

#include "support/archive.h"
#include "support/bundles.h"
#include "support/scratch.h"

typedef archive_member member;

static const char *write_zip(size_t count, const member *members) {
    return archive_write("made.npz", count, members);
}

/* npy version 1 with this header over 16 bytes: the doubles 1 and 2. */
static member npy_member(const char *header, unsigned char room[4096]) {
    const double data[] = {1, 2};
    size_t length = strlen(header);
    memcpy(room, "\x93NUMPY\1\0", 8);
    room[8] = (unsigned char)(length & 255);
    room[9] = (unsigned char)(length >> 8);
    memcpy(room + 10, header, length);
    memcpy(room + 10 + length, data, sizeof data);
    return (member){.name = "W.npy", .data = room, .bytes = (uint32_t)(10 + length + sizeof data)};
}

#define GOOD "{'descr': '<f8', 'fortran_order': False, 'shape': (2,), }\n"

static void numpys_files_are_read(void **state) {
    (void)state;
    static const struct {
        const char *path;
        size_t arrays;
    } files[] = {{TEST_DATA "/files/good-kinds.npz", 9},
                 {TEST_DATA "/files/good-orders.npz", 6},
                 {TEST_DATA "/files/good-versions.npz", 3}};
    for (size_t i = 0; i < 3; i++) {
        tw_bundle bundle = {0};
        tw_status status = tw_bundle_read(files[i].path, &bundle);
        if (status != TW_OK) print_error("%s\n", tw_last_error());
        assert_int_equal(status, TW_OK);
        assert_int_equal(bundle.array_count, files[i].arrays);
        assert_int_equal(bundle.metadata_count, 0);
        assert_counted(&bundle);
        tw_bundle_clear(&bundle);
    }
}

static void metadata_stand_in_the_file_beside(void **state) {
    (void)state;
    tw_bundle bundle = {0};
    assert_int_equal(tw_bundle_read(TEST_DATA "/ce-L2-K4-dnc.npz", &bundle), TW_OK);
    assert_string_equal(tw_bundle_metadata(&bundle, "activation"), "linear");
    assert_string_equal(tw_bundle_metadata(&bundle, "widths"), "[6,6]");
    assert_string_equal(tw_bundle_metadata(&bundle, "lambda_W"), "0.004");
    assert_string_equal(tw_bundle_metadata(&bundle, "samples_per_class"), "2");
    assert_int_equal(bundle.metadata_count, 7);
    const tw_array *labels = tw_bundle_find(&bundle, "labels");
    assert_int_equal(labels->element, TW_I64);
    assert_int_equal(labels->shape[0], 8);
    tw_bundle_clear(&bundle);
}

static void check_json(const char *json, tw_status status, const char *part) {
    unsigned char room[4096];
    member good = npy_member(GOOD, room);
    const char *path = write_zip(1, &good);
    scratch_write("made.json", json, strlen(json));
    if (status != TW_OK) {
        assert_refused(path, status, part);
        assert_non_null(strstr(tw_last_error(), "made.json: "));
    } else {
        tw_bundle bundle = {0};
        assert_int_equal(tw_bundle_read(path, &bundle), TW_OK);
        assert_int_equal(bundle.metadata_count, part != NULL);
        if (part) assert_string_equal(bundle.metadata[0].text, part);
        tw_bundle_clear(&bundle);
    }
    remove(scratch_path("made.json"));
}

static void the_json_file_may_be_absent_but_not_wrong(void **state) {
    (void)state;
    check_json("{}", TW_OK, NULL);
    check_json("{\"spec\": {\"x\": null}}", TW_OK, "null");
    check_json("{\"spec\": {}}", TW_OK, NULL);
    check_json("{\"spec\": {\"x\": \"plain \\\"text\\\"\"}}", TW_OK, "plain \"text\"");
    check_json("{\"spec\": {\"x\": [1, 2.5, {\"y\": null}]}}", TW_OK, "[1,2.5,{\"y\":null}]");
    check_json("{\"spec\": {\"x\": true}}", TW_OK, "true");
    check_json("{\"spec\": {\"x\": 1e-3}}", TW_OK, "0.001");
    check_json("{\"spec\": {\"x\": 0.0005}, \"y\": 1}", TW_OK, "0.0005");
    check_json("{\"spec\": ", TW_ERR_FORMAT, "line 1");
    check_json("[1]", TW_ERR_FORMAT, "holds no JSON object");
    check_json("{\"spec\": [1]}", TW_ERR_FORMAT, "'spec' is no JSON object");
    check_json("{\"spec\": {\"\": 1}}", TW_ERR_DATA, "metadata key '' is empty");
}

static void written_json_has_numbers_and_lists(void **state) {
    (void)state;
    tw_bundle bundle = {0};
    tw_bundle_add(&bundle, "H", TW_F64, 1, (size_t[]){2}, NULL);
    const char *const texts[][2] = {{"number", "1e-3"},  {"list", " [1, 2] "},
                                    {"text", "ce"},      {"true", "true"},
                                    {"digits", "007"},   {"wide", "12345678901234567890"},
                                    {"broken", "[1, 2"}, {"string", "\"x\""}};
    for (size_t i = 0; i < 8; i++) tw_bundle_set_metadata(&bundle, texts[i][0], texts[i][1]);
    assert_int_equal(tw_bundle_write(scratch_path("a.b.npz"), &bundle), TW_OK);
    char *json = scratch_read(scratch_path("a.b.json"), NULL);
    assert_string_equal(json,
                        "{\n \"spec\": {\n  \"number\": 0.001,\n  \"list\": [1, 2],\n"
                        "  \"text\": \"ce\",\n  \"true\": true,\n"
                        "  \"digits\": \"007\",\n"
                        "  \"wide\": \"12345678901234567890\",\n"
                        "  \"broken\": \"[1, 2\",\n  \"string\": \"\\\"x\\\"\"\n }\n}");
    free(json);
    tw_bundle_clear(&bundle);
}

static void neither_file_is_written_without_the_other(void **state) {
    (void)state;
    tw_bundle bundle = {0};
    bundle_fill_sample(&bundle);
    mkdir(scratch_path("half.json"), 0777);
    size_t entries = scratch_entries();
    assert_int_equal(tw_bundle_write(scratch_path("half.npz"), &bundle), TW_ERR_IO);
    assert_non_null(strstr(tw_last_error(), "half.json: is a directory"));
    assert_int_equal(scratch_entries(), entries);
    mkdir(scratch_path("half2.npz"), 0777);
    entries = scratch_entries();
    assert_int_equal(tw_bundle_write(scratch_path("half2.npz"), &bundle), TW_ERR_IO);
    assert_int_equal(scratch_entries(), entries);
    tw_bundle_clear(&bundle);
}

/* numpy reads its header with Python's own eyes; ours accepts these spellings. */
static void spellings_of_the_header(void **state) {
    (void)state;
    static const char *const headers[] = {
        GOOD,
        "{\"shape\":(2L,),\"fortran_order\":True,\"descr\":\"=f8\"}",
        "  { 'shape' : ( 2 , 1 ) , 'descr' : 'f8' , 'fortran_order' : False , } \t\r\n ",
        "{'descr':'<f4','fortran_order':False,'shape':(1,2,2)}",
        "{'descr':'>i8','fortran_order':False,'shape':(2,)}",
    };
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        unsigned char room[4096];
        member made = npy_member(headers[i], room);
        tw_bundle bundle = {0};
        tw_status status = tw_bundle_read(write_zip(1, &made), &bundle);
        if (i == 4) { /* 1.0 as a big-endian integer is small, 2.0 is 64 */
            assert_int_equal(status, TW_OK);
            assert_true(bundle.arrays[0].values[1] == 64);
        } else if (i == 3) {
            assert_int_equal(status, TW_OK);
            assert_true(bundle.arrays[0].values[1] == 1.875);
        } else {
            assert_int_equal(status, TW_OK);
            assert_true(bundle.arrays[0].values[0] == 1 && bundle.arrays[0].values[1] == 2);
        }
        tw_bundle_clear(&bundle);
    }
}

static const struct {
    const char *header;
    tw_status status;
    const char *part;
} bad_headers[] = {
    {"", TW_ERR_FORMAT, "npy header is not understood at ''"},
    {"(2,)", TW_ERR_FORMAT, "not understood at '(2,)'"},
    {"{}", TW_ERR_FORMAT, "npy header has no 'descr'"},
    {"{'descr': '<f8', 'shape': (2,)}", TW_ERR_FORMAT, "npy header has no 'fortran_order'"},
    {GOOD "x", TW_ERR_FORMAT, "not understood at 'x'"},
    {"{'descr': '<f8', 'fortran_order': 0, 'shape': (2,)}", TW_ERR_FORMAT, "at '0,"},
    {"{'descr': '<f8', 'fortran_order': False, 'shape': 2}", TW_ERR_FORMAT, "at '2}'"},
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (2", TW_ERR_FORMAT, "at ''"},
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (-2,)}", TW_ERR_FORMAT, "at '-2,"},
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (2 1)}", TW_ERR_FORMAT, "at '1)"},
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (2,), 'descr': '<f8'}", TW_ERR_FORMAT,
     "at ''descr': '<f8'}'"},
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (2,), 'more': 1}", TW_ERR_FORMAT,
     "at ''more': 1}'"},
    {"{'descr': '<f8\"}", TW_ERR_FORMAT, "not understood"},
    {"{'descr': [('a', '<f8')], 'fortran_order': False, 'shape': (2,)}",
     LEFT_OUT(TW_ERR_UNSUPPORTED), "named fields"},
    {"{'descr': '<c16', 'fortran_order': False, 'shape': (1,)}", LEFT_OUT(TW_ERR_UNSUPPORTED),
     "dtype <c16 (complex numbers) is not supported"},
    {"{'descr': '|V1', 'fortran_order': False, 'shape': (16,)}", LEFT_OUT(TW_ERR_UNSUPPORTED),
     "dtype |V1 (raw bytes)"},
    {"{'descr': '', 'fortran_order': False, 'shape': (16,)}", LEFT_OUT(TW_ERR_UNSUPPORTED),
     "dtype  is"},
    {"{'descr': '<f8<f8<f8<f8', 'fortran_order': False, 'shape': (2,)}",
     LEFT_OUT(TW_ERR_UNSUPPORTED), "dtype <f8<f8"},
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (3,)}", TW_ERR_FORMAT,
     "3 numbers of 8 bytes do not make the 16 bytes of data"},
    {"{'descr': '<f4', 'fortran_order': False, 'shape': (5,)}", TW_ERR_FORMAT, "5 numbers"},
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (1,)}", TW_ERR_FORMAT,
     "1 numbers of 8 bytes do not make the 16 bytes of data"},
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (0,)}", LEFT_OUT(TW_ERR_UNSUPPORTED),
     "dimension 0 is 0"},
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (99999999999999999999,)}", TW_ERR_FORMAT,
     "not understood"},
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (4294967296, 4294967296)}",
     LEFT_OUT(TW_ERR_UNSUPPORTED), "overflows"},
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (1152921504606846976,)}", TW_ERR_FORMAT,
     "1152921504606846976 numbers"},
    {"{'descr': '<f8', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,1,2)}",
     LEFT_OUT(TW_ERR_UNSUPPORTED), "9 dimensions"},
};

static void wrong_headers_are_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof bad_headers / sizeof bad_headers[0]; i++) {
        unsigned char room[4096];
        member made = npy_member(bad_headers[i].header, room);
        assert_refused(write_zip(1, &made), bad_headers[i].status, bad_headers[i].part);
        assert_non_null(strstr(tw_last_error(), "array 'W': "));
    }
}

static void check_member(member made, tw_status status, const char *part) {
    assert_refused(write_zip(1, &made), status, part);
}

static void wrong_preludes_are_refused(void **state) {
    (void)state;
    unsigned char room[4096];
    member good = npy_member(GOOD, room), made = good;
    for (made.bytes = 1; made.bytes < good.bytes; made.bytes++) {
        check_member(made, TW_ERR_FORMAT, "array 'W': ");
    }
    room[6] = 4;
    check_member(good, LEFT_OUT(TW_ERR_UNSUPPORTED), "npy version 4.0");
    room[6] = 2; /* the next two bytes now belong to the length */
    check_member(good, TW_ERR_FORMAT, "claims an npy header of");
    room[0] = 'N';
    check_member(good, TW_ERR_FORMAT, "is no npy file");
}

static void lying_archives_are_refused(void **state) {
    (void)state;
    unsigned char room[4096];
    member good = npy_member(GOOD, room), made = good;
    made.wrong_checksum = true;
    check_member(made, TW_ERR_FORMAT, "array 'W': cannot be unpacked: CRC error");
    made = good;
    made.name = "W.txt";
    check_member(made, LEFT_OUT(TW_ERR_UNSUPPORTED), "member 'W.txt' is no .npy file");
    made.name = ".npy";
    check_member(made, LEFT_OUT(TW_ERR_UNSUPPORTED), "member '.npy' is no .npy file");
    made = good;
    made.flags = 1;
    check_member(made, TW_ERR_UNSUPPORTED, "is encrypted");
    made = good;
    made.method = 12;
    check_member(made, TW_ERR_UNSUPPORTED, "compression method 12 is not supported");
    made = good;
    made.method = 8; /* what follows is no deflated stream */
    check_member(made, TW_ERR_FORMAT, "cannot be unpacked");
    made.claimed = 0x7FFFFFFF;
    check_member(made, TW_ERR_FORMAT, "claims 2147483647 bytes out of");
    made = good;
    made.claimed = 1 << 20;
    check_member(made, TW_ERR_FORMAT, "claims 1048576 bytes out of");
    made.claimed_compressed = 1 << 20;
    check_member(made, TW_ERR_FORMAT, "claims 1048576 compressed bytes");
}

static void names_are_unique_and_bytes_not_shared(void **state) {
    (void)state;
    unsigned char room[4096];
    member two[2] = {npy_member(GOOD, room), npy_member(GOOD, room)};
    assert_refused(write_zip(2, two), TW_ERR_DATA, "array 'W': is there twice");
    /* Entries of the directory that name the same long bytes. */
    char header[4000];
    snprintf(header, sizeof header, "%-3900s\n", GOOD);
    two[0] = two[1] = npy_member(header, room);
    two[1].name = "V.npy";
    two[1].shares_data = true;
    assert_refused(write_zip(2, two), TW_ERR_FORMAT, "array 'V': claims 3927 compressed bytes");
}

static void values_that_are_no_numbers_are_refused(void **state) {
    (void)state;
    unsigned char room[4096];
    const char *fortran = "{'descr': '<f4', 'fortran_order': True, 'shape': (2, 2), }\n";
    const float values[4] = {0, 1, NAN, 3}; /* element [0, 1] in Fortran order */
    member made = npy_member(fortran, room);
    memcpy(room + made.bytes - 16, values, 16);
    check_member(made, LEFT_OUT(TW_ERR_DATA), "array 'W': element [0, 1] is nan");
    const int64_t wide[2] = {0, (INT64_C(1) << 53) + 1};
    made = npy_member("{'descr': '<i8', 'fortran_order': False, 'shape': (2,), }\n", room);
    memcpy(room + made.bytes - 16, wide, 16);
    check_member(made, LEFT_OUT(TW_ERR_DATA), "element [1] is 9007199254740993, beyond 2^53");
}

static void what_is_no_archive_is_refused(void **state) {
    (void)state;
    assert_refused(scratch_write("no.npz", "", 0), TW_ERR_FORMAT, "no zip archive");
    assert_refused(scratch_write("no.npz", "PK\3\4 and then nothing", 21), TW_ERR_FORMAT,
                   "no zip archive");
    assert_refused(TEST_DATA "/files/bad-dtype.npz", LEFT_OUT(TW_ERR_UNSUPPORTED),
                   "array 'W1': dtype <c16 (complex numbers) is not supported");
}

static void cut_files_are_refused(void **state) {
    (void)state;
    size_t bytes;
    char *file = scratch_read(TEST_DATA "/files/good-kinds.npz", &bytes);
    for (size_t cut = 0; cut < bytes; cut++) {
        assert_refused(scratch_write("cut.npz", file, cut), TW_ERR_FORMAT, "");
    }
    free(file);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(numpys_files_are_read),
        cmocka_unit_test(metadata_stand_in_the_file_beside),
        cmocka_unit_test(the_json_file_may_be_absent_but_not_wrong),
        cmocka_unit_test(written_json_has_numbers_and_lists),
        cmocka_unit_test(neither_file_is_written_without_the_other),
        cmocka_unit_test(spellings_of_the_header),
        cmocka_unit_test(wrong_headers_are_refused),
        cmocka_unit_test(wrong_preludes_are_refused),
        cmocka_unit_test(lying_archives_are_refused),
        cmocka_unit_test(names_are_unique_and_bytes_not_shared),
        cmocka_unit_test(values_that_are_no_numbers_are_refused),
        cmocka_unit_test(what_is_no_archive_is_refused),
        cmocka_unit_test(cut_files_are_refused),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
