/* SPDX-License-Identifier: GPL-3.0-or-later */
/* HDF5: files of h5py, good and hostile; tests/data/files/make.py writes them. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above first */
#include <cmocka.h>
#include <hdf5.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/files/bundle.h>
#include <unistd.h>

#include "support/bundles.h"
#include "support/scratch.h"

#define FILES TEST_DATA "/files/"

static void h5pys_files_are_read(void **state) {
    (void)state;
    tw_bundle bundle = {0};
    tw_status status = tw_bundle_read(FILES "good-kinds.h5", &bundle);
    if (status != TW_OK) print_error("%s\n", tw_last_error());
    assert_int_equal(status, TW_OK);
    assert_counted(&bundle);
    assert_int_equal(bundle.array_count, 11); /* the group is passed over */
    assert_string_equal(bundle.arrays[0].name, "f4");
    assert_string_equal(bundle.arrays[10].name, "packed");
    assert_int_equal(tw_bundle_find(&bundle, ">i8")->element, TW_I64);
    assert_int_equal(tw_bundle_find(&bundle, "f2")->element, TW_F32);
    assert_int_equal(tw_bundle_find(&bundle, "scalar")->rank, 0);
    static const char *const metadata[][2] = {{"loss", "ce"},
                                              {"activation", "linear"},
                                              {"lambda_W", "[0.001,0.25]"},
                                              {"classes", "4"},
                                              {"lambda_H", "0.004"},
                                              {"single", "0.5"},
                                              {"umlaut", "\xC3\xBC"},
                                              {"empty", ""}};
    assert_int_equal(bundle.metadata_count, 8);
    for (size_t i = 0; i < 8; i++) {
        assert_string_equal(tw_bundle_metadata(&bundle, metadata[i][0]), metadata[i][1]);
    }
    tw_bundle_clear(&bundle);
}

static void files_without_order_are_read_by_name(void **state) {
    (void)state;
    tw_bundle bundle = {0};
    assert_int_equal(tw_bundle_read(FILES "good-by-name.h5", &bundle), TW_OK);
    assert_string_equal(bundle.arrays[0].name, "a");
    assert_string_equal(bundle.arrays[1].name, "b");
    tw_bundle_clear(&bundle);
}

static void hostile_files_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *path;
        tw_status status;
        const char *part;
    } cases[] = {
        {FILES "bad-dtype.h5", LEFT_OUT(TW_ERR_UNSUPPORTED),
         "array 'W1': dtype compound of 16 bytes is not supported"},
        {FILES "bad-never-written.h5", LEFT_OUT(TW_ERR_UNSUPPORTED),
         "array 'W1': was never written"},
        {FILES "bad-bomb.h5", TW_ERR_FORMAT, "array 'W1': 1073741824 numbers in"},
        {FILES "bad-claim.h5", TW_ERR_FORMAT, "array 'W1': 251658240 numbers in 2013265920 bytes"},
        {FILES "bad-nan.h5", LEFT_OUT(TW_ERR_DATA), "array 'W1': element [1, 0] is nan"},
        {FILES "bad-wide.h5", LEFT_OUT(TW_ERR_DATA),
         "array 'labels': element [1] is 9007199254740993, beyond 2^53"},
        {FILES "bad-zero.h5", LEFT_OUT(TW_ERR_UNSUPPORTED), "array 'W1': dimension 1 is 0"},
        {FILES "bad-null.h5", LEFT_OUT(TW_ERR_UNSUPPORTED), "array 'W1': is empty"},
        {FILES "bad-soft-link.h5", LEFT_OUT(TW_ERR_UNSUPPORTED), "array 'W1': is a link elsewhere"},
        {FILES "bad-external-link.h5", LEFT_OUT(TW_ERR_UNSUPPORTED),
         "array 'W1': is a link elsewhere"},
        {FILES "bad-external-data.h5", LEFT_OUT(TW_ERR_UNSUPPORTED),
         "array 'W1': its data are in another file"},
        {FILES "bad-attribute.h5", LEFT_OUT(TW_ERR_UNSUPPORTED),
         "metadata 'names': is neither text"},
        {FILES "bad-attribute-wide.h5", LEFT_OUT(TW_ERR_UNSUPPORTED),
         "metadata 'seed': has integers beyond"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_refused(cases[i].path, cases[i].status, cases[i].part);
    }
    assert_refused(scratch_write("no.h5", "", 0), TW_ERR_FORMAT, "cannot be read as HDF5: ");
    assert_refused(scratch_write("no.h5", "no HDF5 at all", 14), TW_ERR_FORMAT,
                   "file signature not found");
}

/* HDF5 prints its errors unless told not to; a caller's own wish comes back afterwards. */
static void nothing_is_printed_and_the_callers_setting_returns(void **state) {
    (void)state;
    const char *path = scratch_path("errors.txt");
    const char *bad = scratch_write("no.h5", "no HDF5 at all", 14);
    H5E_auto2_t before = NULL, after = NULL;
    void *data;
    H5Eget_auto2(H5E_DEFAULT, &before, &data);
    fflush(stderr);
    int saved = dup(STDERR_FILENO);
    FILE *file = freopen(path, "w", stderr);
    tw_bundle bundle = {0};
    tw_status status = tw_bundle_read(bad, &bundle);
    fflush(stderr);
    dup2(saved, STDERR_FILENO);
    close(saved);
    assert_non_null(file);
    assert_int_equal(status, TW_ERR_FORMAT);
    char *printed = scratch_read(path, NULL);
    assert_string_equal(printed, "");
    free(printed);
    H5Eget_auto2(H5E_DEFAULT, &after, &data);
    assert_true(before == after && before != NULL);
}

static void names_that_are_paths_are_not_written(void **state) {
    (void)state;
    static const char *const names[] = {"a/b", ".", "/"};
    for (size_t i = 0; i < 3; i++) {
        tw_bundle bundle = {0};
        tw_bundle_add(&bundle, names[i], TW_F64, 0, NULL, NULL);
        assert_int_equal(tw_bundle_write(scratch_path("x.h5"), &bundle), TW_ERR_UNSUPPORTED);
        assert_non_null(strstr(tw_last_error(), "': HDF5 has no such names"));
        tw_bundle_clear(&bundle);
    }
}

static void long_metadata_are_kept(void **state) {
    (void)state;
    tw_bundle bundle = {0}, read = {0};
    char *text = malloc(200001);
    memset(text, 'x', 200000);
    text[200000] = '\0';
    tw_bundle_add(&bundle, "H", TW_F64, 0, NULL, NULL);
    for (int i = 0; i < 20; i++) {
        char key[16];
        snprintf(key, sizeof key, "key %d", 20 - i);
        assert_int_equal(tw_bundle_set_metadata(&bundle, key, text + 190000 - 10000 * i), TW_OK);
    }
    assert_int_equal(tw_bundle_write(scratch_path("long.h5"), &bundle), TW_OK);
    assert_int_equal(tw_bundle_read(scratch_path("long.h5"), &read), TW_OK);
    assert_bundles_equal(&bundle, &read);
    assert_string_equal(read.metadata[0].key, "key 20");
    free(text);
    tw_bundle_clear(&bundle);
    tw_bundle_clear(&read);
}

/* A cut file must be refused: HDF5 knows its own length. */
static void cut_files_are_refused(void **state) {
    (void)state;
    tw_bundle sample = {0};
    size_t bytes;
    bundle_fill_sample(&sample);
    assert_int_equal(tw_bundle_write(scratch_path("whole.h5"), &sample), TW_OK);
    char *file = scratch_read(scratch_path("whole.h5"), &bytes);
    for (size_t cut = 0; cut < bytes; cut += 61) {
        assert_refused(scratch_write("cut.h5", file, cut), TW_ERR_FORMAT, "cannot be read as HDF5");
    }
    free(file);
    tw_bundle_clear(&sample);
}

/* HDF5 1.10 follows sizes in these heaps over the end of its memory, or for ever. */
static void damaged_heaps_of_texts_are_refused(void **state) {
    (void)state;
    tw_bundle sample = {0};
    size_t bytes, refused = 0;
    bundle_fill_sample(&sample);
    assert_int_equal(tw_bundle_write(scratch_path("whole.h5"), &sample), TW_OK);
    char *file = scratch_read(scratch_path("whole.h5"), &bytes);
    size_t heap = 0;
    while (heap + 4 < bytes && memcmp(file + heap, "GCOL", 4) != 0) heap++;
    assert_true(heap + 200 < bytes);
    for (size_t at = heap; at < heap + 200; at++) {
        tw_bundle read = {0};
        file[at] ^= (char)0xff;
        const char *path = scratch_write("heap.h5", file, bytes);
        tw_status status = tw_bundle_read(path, &read);
        if (status != TW_OK && strstr(tw_last_error(), "the heap of texts at byte ")) refused++;
        tw_bundle_clear(&read);
        file[at] ^= (char)0xff;
    }
    assert_true(refused > 20);
    free(file);
    tw_bundle_clear(&sample);
}

/* The library has nothing open when we are done, whatever happened. */
static void no_handle_stays_open(void **state) {
    (void)state;
    assert_int_equal(H5Fget_obj_count((hid_t)H5F_OBJ_ALL, H5F_OBJ_ALL), 0);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(h5pys_files_are_read),
        cmocka_unit_test(files_without_order_are_read_by_name),
        cmocka_unit_test(hostile_files_are_refused),
        cmocka_unit_test(nothing_is_printed_and_the_callers_setting_returns),
        cmocka_unit_test(names_that_are_paths_are_not_written),
        cmocka_unit_test(long_metadata_are_kept),
        cmocka_unit_test(cut_files_are_refused),
        cmocka_unit_test(damaged_heaps_of_texts_are_refused),
        cmocka_unit_test(no_handle_stays_open),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
