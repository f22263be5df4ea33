/* SPDX-License-Identifier: GPL-3.0-or-later */
/* safetensors: files built by hand, good and hostile. */
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
#include <thalweg/files/bundle.h>
#include <thalweg/files/json.h>

#include "support/bundles.h"
#include "support/scratch.h"

/* A file of a header and data; claimed: the length that it says its header has. */
static const char *write_file(uint64_t claimed, const char *header, const void *data,
                              size_t bytes) {
    size_t length = strlen(header);
    unsigned char *file = malloc(8 + length + bytes);
    for (int i = 0; i < 8; i++) file[i] = (unsigned char)(claimed >> 8 * i);
    memcpy(file + 8, header, length);
    memcpy(file + 8 + length, data, bytes);
    const char *path = scratch_write("file.safetensors", file, 8 + length + bytes);
    free(file);
    return path;
}

static const char *write_good(const char *header, const void *data, size_t bytes) {
    return write_file(strlen(header), header, data, bytes);
}

static void all_kinds_of_numbers_are_read(void **state) {
    (void)state;
    static const unsigned char data[] = {
        0,    0,    0,    0,    0,    0,    0xF8, 0x3F,             /* F64 1.5 */
        0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF,             /* I64 -2 */
        0,    0,    0xC0, 0x3F,                                     /* F32 1.5 */
        0xFD, 0xFF, 0xFF, 0xFF,                                     /* I32 -3 */
        0,    0x3E, 1,    0,    0xFF, 0x7B, 0,    0xBC, 0x00, 0x80, /* F16 1.5 2^-24 65504 -1 -0 */
        0xC0, 0x3F,                                                 /* BF16 1.5 */
    };
    const char *path = write_good(
        "{\"a\":{\"dtype\":\"F64\",\"shape\":[1],\"data_offsets\":[0,8]},"
        "\"b\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[8,16]},"
        "\"d\":{\"dtype\":\"I32\",\"shape\":[1,1],\"data_offsets\":[20,24]},"
        "\"c\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[16,20],\"extra\":null},"
        "\"e\":{\"dtype\":\"F16\",\"shape\":[5],\"data_offsets\":[24,34]},"
        "\"f\":{\"dtype\":\"BF16\",\"shape\":[1],\"data_offsets\":[34,36]}}    \n",
        data, sizeof data);
    tw_bundle bundle = {0};
    assert_int_equal(tw_bundle_read(path, &bundle), TW_OK);
    const double half[] = {1.5, 0x1p-24, 65504, -1, -0.0};
    assert_true(*tw_bundle_find(&bundle, "a")->values == 1.5);
    assert_true(*tw_bundle_find(&bundle, "b")->values == -2);
    assert_true(*tw_bundle_find(&bundle, "c")->values == 1.5);
    assert_true(*tw_bundle_find(&bundle, "d")->values == -3);
    assert_memory_equal(tw_bundle_find(&bundle, "e")->values, half, sizeof half);
    assert_true(*tw_bundle_find(&bundle, "f")->values == 1.5);
    assert_int_equal(tw_bundle_find(&bundle, "f")->element, TW_F32);
    assert_string_equal(bundle.arrays[2].name, "d"); /* the header's order */
    tw_bundle_clear(&bundle);
}

static void written_data_are_aligned(void **state) {
    (void)state;
    tw_bundle sample = {0};
    bundle_fill_sample(&sample);
    const char *path = scratch_path("written.safetensors");
    assert_int_equal(tw_bundle_write(path, &sample), TW_OK);
    size_t bytes, header = 0;
    char *file = scratch_read(path, &bytes);
    tw_json *json = NULL;
    for (int i = 8; i-- > 0;) header = header << 8 | (unsigned char)file[i];
    assert_int_equal(header % 8, 0);
    assert_int_equal(tw_json_parse(file + 8, header, &json), TW_OK);
    for (size_t i = 0; i < sample.array_count; i++) {
        const tw_array *array = &sample.arrays[i];
        const tw_json *entry = tw_json_get(json, array->name);
        long long begin;
        assert_true(tw_json_as_integer(tw_json_at(tw_json_get(entry, "data_offsets"), 0), &begin));
        size_t width = array->element == TW_F64 || array->element == TW_I64 ? 8 : 4;
        assert_int_equal((size_t)begin % width, 0);
    }
    tw_json_destroy(json);
    free(file);
    tw_bundle_clear(&sample);
}

static void a_reserved_name_is_not_written(void **state) {
    (void)state;
    tw_bundle bundle = {0};
    tw_bundle_add(&bundle, "__metadata__", TW_F64, 0, NULL, NULL);
    assert_int_equal(tw_bundle_write(scratch_path("x.safetensors"), &bundle), TW_ERR_UNSUPPORTED);
    tw_bundle_clear(&bundle);
}

#define ENTRY(dtype, shape, begin, end)                                                            \
    "{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":[" #begin "," #end "]}"

/* Headers over 16 bytes of zeros. */
static const struct {
    const char *header;
    tw_status status;
    const char *part;
} hostile[] = {
    {"", TW_ERR_FORMAT, "header: does not begin with '{'"},
    {" {}", TW_ERR_FORMAT, "header: does not begin with '{'"},
    {"{", TW_ERR_FORMAT, "header: line 1"},
    {"{} x", TW_ERR_FORMAT, "header: line 1"},
    {"{}", TW_ERR_FORMAT, "the arrays take 0 bytes, the file has 16"},
    {"{\"W\":3}", TW_ERR_FORMAT, "array 'W': its header entry is no object"},
    {"{\"W\":{}}", TW_ERR_FORMAT, "array 'W': has no dtype"},
    {"{\"W\":{\"dtype\":7}}", TW_ERR_FORMAT, "array 'W': has no dtype"},
    {"{\"W\":" ENTRY("F8_E4M3", "[16]", 0, 16) "}", LEFT_OUT(TW_ERR_UNSUPPORTED),
     "array 'W': dtype F8_E4M3 is not supported: save it as F32 or F64"},
    {"{\"W\":" ENTRY("\\n\\u0001x", "[16]", 0, 16) "}", LEFT_OUT(TW_ERR_UNSUPPORTED),
     "\\x0a\\x01x"},
    {"{\"W\":{\"dtype\":\"F32\"}}", TW_ERR_FORMAT, "array 'W': has no shape"},
    {"{\"W\":" ENTRY("F32", "4", 0, 16) "}", TW_ERR_FORMAT, "array 'W': has no shape"},
    {"{\"W\":" ENTRY("F32", "[-4]", 0, 16) "}", TW_ERR_FORMAT, "dimension 0 is no count"},
    {"{\"W\":" ENTRY("F32", "[4.0]", 0, 16) "}", TW_ERR_FORMAT, "dimension 0 is no count"},
    {"{\"W\":" ENTRY("F32", "[4,0]", 0, 0) ",\"V\":" ENTRY("F32", "[4]", 0, 16) "}",
     LEFT_OUT(TW_ERR_UNSUPPORTED), "dimension 1 is 0"},
    {"{\"W\":" ENTRY("F32", "[1,1,1,1,1,1,1,1,4]", 0, 16) "}", LEFT_OUT(TW_ERR_UNSUPPORTED),
     "9 dimensions"},
    {"{\"W\":" ENTRY("F32", "[4294967296,4294967296]", 0, 16) "}", LEFT_OUT(TW_ERR_UNSUPPORTED),
     "array 'W': the product of the 2 dimensions overflows"},
    {"{\"W\":" ENTRY("F32", "[9223372036854775807,4]", 0, 16) "}", LEFT_OUT(TW_ERR_UNSUPPORTED),
     "overflows"},
    {"{\"W\":" ENTRY("F32", "[1152921504606846976]", 0, 16) "}", TW_ERR_FORMAT,
     "1152921504606846976 numbers of 4 bytes do not fill data_offsets 0 to 16"},
    {"{\"W\":" ENTRY("F32", "[5]", 0, 16) "}", TW_ERR_FORMAT, "5 numbers of 4 bytes"},
    {"{\"W\":" ENTRY("F32", "[3]", 0, 15) "}", TW_ERR_FORMAT, "3 numbers of 4 bytes"},
    {"{\"W\":" ENTRY("F32", "[4]", 16, 0) "}", TW_ERR_FORMAT, "not two increasing counts"},
    {"{\"W\":" ENTRY("F32", "[4]", -16, 0) "}", TW_ERR_FORMAT, "not two increasing counts"},
    {"{\"W\":{\"dtype\":\"F32\",\"shape\":[4],\"data_offsets\":[0,16,16]}}", TW_ERR_FORMAT,
     "not two increasing counts"},
    {"{\"W\":" ENTRY("F32", "[4]", 0, 18446744073709551615) "}", TW_ERR_FORMAT, "too big"},
    {"{\"W\":" ENTRY("F32", "[5]", 0, 20) "}", TW_ERR_FORMAT, "take 20 bytes, the file has 16"},
    {"{\"W\":" ENTRY("F32", "[3]", 0, 12) "}", TW_ERR_FORMAT, "take 12 bytes, the file has 16"},
    {"{\"W\":" ENTRY("F32", "[3]", 4, 16) "}", TW_ERR_FORMAT,
     "behind a hole that begins at byte 0"},
    {"{\"W\":" ENTRY("F32", "[3]", 0, 12) ",\"V\":" ENTRY("F32", "[2]", 8, 16) "}", TW_ERR_FORMAT,
     "array 'V': its data begin at byte 8, within others that end at byte 12"},
    {"{\"W\":" ENTRY("F32", "[4]", 0, 16) ",\"V\":" ENTRY("F32", "[4]", 0, 16) "}", TW_ERR_FORMAT,
     "begin at byte 0, within others"},
    {"{\"W\":" ENTRY("F32", "[1]", 0, 4) ",\"V\":" ENTRY("F32", "[2]", 8, 16) "}", TW_ERR_FORMAT,
     "array 'V': its data begin at byte 8, behind a hole that begins at byte 4"},
    {"{\"W\":" ENTRY("F32", "[2]", 0, 8) ",\"W\":" ENTRY("F32", "[2]", 8, 16) "}", TW_ERR_FORMAT,
     "duplicate"},
    {"{\"\":" ENTRY("F32", "[4]", 0, 16) "}", TW_ERR_DATA, "array name '' is empty"},
    {"{\"W\\u0000\":" ENTRY("F32", "[4]", 0, 16) "}", TW_ERR_FORMAT, "header: line 1"},
    {"{\"W\\n\":" ENTRY("F32", "[4]", 0, 16) "}", TW_ERR_DATA, "'W\\x0a' has control characters"},
    {"{\"__metadata__\":[],\"W\":" ENTRY("F32", "[4]", 0, 16) "}", TW_ERR_FORMAT,
     "__metadata__ is no object"},
    {"{\"__metadata__\":{\"lambda\":3},\"W\":" ENTRY("F32", "[4]", 0, 16) "}", TW_ERR_FORMAT,
     "metadata 'lambda': is no string"},
    {"{\"__metadata__\":{\"\":\"x\"},\"W\":" ENTRY("F32", "[4]", 0, 16) "}", TW_ERR_DATA,
     "metadata key '' is empty"},
};

static void hostile_headers_are_refused(void **state) {
    (void)state;
    static const char zeros[16];
    for (size_t i = 0; i < sizeof hostile / sizeof hostile[0]; i++) {
        const char *path = write_good(hostile[i].header, zeros, sizeof zeros);
        assert_refused(path, hostile[i].status, hostile[i].part);
    }
}

static void wrong_lengths_are_refused(void **state) {
    (void)state;
    const char *header = "{\"W\":" ENTRY("F64", "[1]", 0, 8) "}";
    assert_refused(scratch_write("a.safetensors", "", 0), TW_ERR_FORMAT, "has 0 bytes, too few");
    assert_refused(scratch_write("a.safetensors", "1234567", 7), TW_ERR_FORMAT, "has 7 bytes");
    assert_refused(write_file(UINT64_MAX, header, "12345678", 8), TW_ERR_FORMAT,
                   "claims a header of 18446744073709551615 bytes");
    assert_refused(write_file(strlen(header) + 9, header, "12345678", 8), TW_ERR_FORMAT,
                   "claims a header");
    assert_refused(write_file(strlen(header), header, "1234567", 7), TW_ERR_FORMAT,
                   "take 8 bytes, the file has 7");
    char *huge = malloc((5 << 20) + 1);
    memset(huge, ' ', 5 << 20);
    huge[5 << 20] = '\0';
    huge[0] = '{';
    huge[1] = '}';
    assert_refused(write_good(huge, "", 0), TW_ERR_FORMAT, "the limit is 4194304");
    memcpy(huge, "{\"W\":{\"dtype\":\"F32\",\"shape\":[1", 30);
    for (int i = 0; i < 1000; i++) memcpy(huge + 30 + 2 * i, ",1", 2);
    strcpy(huge + 2030, "],\"data_offsets\":[0,0]}}");
    assert_refused(write_good(huge, "", 0), LEFT_OUT(TW_ERR_UNSUPPORTED), "1001 dimensions");
    memset(huge, '[', 1000);
    memcpy(huge, "{\"W\":", 5);
    huge[1000] = '\0';
    assert_refused(write_good(huge, "", 0), TW_ERR_FORMAT, "nested deeper than 64");
    free(huge);
}

/* Every proper beginning of a good file is refused. */
static void cut_files_are_refused(void **state) {
    (void)state;
    tw_bundle sample = {0};
    size_t bytes;
    bundle_fill_sample(&sample);
    assert_int_equal(tw_bundle_write(scratch_path("whole.safetensors"), &sample), TW_OK);
    char *file = scratch_read(scratch_path("whole.safetensors"), &bytes);
    for (size_t cut = 0; cut < bytes; cut++) {
        assert_refused(scratch_write("cut.safetensors", file, cut), TW_ERR_FORMAT, "");
    }
    free(file);
    tw_bundle_clear(&sample);
}

static void long_names_are_cut_in_sentences(void **state) {
    (void)state;
    char header[5000] = "{\"";
    memset(header + 2, '\x7f', 4000);
    strcat(header, "\":{}}");
    assert_refused(write_good(header, "", 0), TW_ERR_FORMAT, "array '\\x7f\\x7f");
    assert_non_null(strstr(tw_last_error(), "\\x7f...': has no dtype"));
    assert_true(strlen(tw_last_error()) < 400);
}

static void check_double(double value, const char *part) {
    double data[70000] = {0}; /* more than one chunk */
    data[69999] = value;
    const char *path =
        write_good("{\"W\":" ENTRY("F64", "[70,1000]", 0, 560000) "}", data, sizeof data);
    assert_refused(path, LEFT_OUT(TW_ERR_DATA), part);
}

static void check_integer(int64_t value, const char *part) {
    const char *path = write_good("{\"W\":" ENTRY("I64", "[1]", 0, 8) "}", &value, 8);
    tw_bundle bundle = {0};
    if (part) {
        assert_refused(path, LEFT_OUT(TW_ERR_DATA), part);
        return;
    }
    assert_int_equal(tw_bundle_read(path, &bundle), TW_OK);
    assert_true(*bundle.arrays[0].values == (double)value);
    tw_bundle_clear(&bundle);
}

static void values_that_are_no_numbers_are_refused(void **state) {
    (void)state;
    check_double(NAN, "array 'W': element [69, 999] is nan");
    check_double(-INFINITY, "array 'W': element [69, 999] is -inf");
    const float wide[2] = {0, INFINITY};
    assert_refused(write_good("{\"W\":" ENTRY("F32", "[2]", 0, 8) "}", wide, 8),
                   LEFT_OUT(TW_ERR_DATA), "element [1] is inf");
    const uint16_t half[2] = {0, 0x7C01};
    assert_refused(write_good("{\"W\":" ENTRY("F16", "[2]", 0, 4) "}", half, 4),
                   LEFT_OUT(TW_ERR_DATA), "element [1] is nan");
    check_integer(INT64_C(1) << 53, NULL);
    check_integer(-(INT64_C(1) << 53), NULL);
    check_integer((INT64_C(1) << 53) + 1, "element [0] is 9007199254740993, beyond 2^53");
    check_integer(INT64_MIN, "element [0] is -9223372036854775808, beyond 2^53");
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_kinds_of_numbers_are_read),
        cmocka_unit_test(written_data_are_aligned),
        cmocka_unit_test(a_reserved_name_is_not_written),
        cmocka_unit_test(hostile_headers_are_refused),
        cmocka_unit_test(wrong_lengths_are_refused),
        cmocka_unit_test(cut_files_are_refused),
        cmocka_unit_test(long_names_are_cut_in_sentences),
        cmocka_unit_test(values_that_are_no_numbers_are_refused),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
