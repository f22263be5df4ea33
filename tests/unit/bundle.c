/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Bundles, and what every row of the table of formats must do: round trips, atomic writing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above first */
#include <cmocka.h>
#include <fcntl.h>
#include <float.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <thalweg/files/bundle.h>
#include <unistd.h>

#include "support/bundles.h"
#include "support/scratch.h"

static void arrays_are_added_and_found(void **state) {
    (void)state;
    tw_bundle bundle = {0};
    tw_array *array;
    for (int i = 0; i < 100; i++) {
        char name[8];
        snprintf(name, sizeof name, "W%d", i);
        assert_int_equal(tw_bundle_add(&bundle, name, TW_F32, 2, (size_t[]){2, 3}, &array), TW_OK);
        for (int k = 0; k < 6; k++) assert_true(array->values[k] == 0);
        array->values[5] = i;
    }
    assert_int_equal(bundle.array_count, 100);
    const tw_array *found = tw_bundle_find(&bundle, "W63");
    assert_true(found->values[5] == 63 && found->element == TW_F32 && found->rank == 2);
    assert_int_equal(tw_array_length(found), 6);
    assert_null(tw_bundle_find(&bundle, "W100"));
    assert_int_equal(tw_bundle_add(&bundle, "b", TW_F64, 0, NULL, NULL), TW_OK);
    assert_int_equal(tw_array_length(tw_bundle_find(&bundle, "b")), 1);
    tw_bundle_clear(&bundle);
    assert_null(bundle.arrays);
    tw_bundle_clear(&bundle);
    tw_bundle_clear(NULL);
}

static void check_not_added(tw_bundle *bundle, const char *name, size_t rank, const size_t *shape,
                            const char *part) {
    size_t count = bundle->array_count;
    assert_int_not_equal(tw_bundle_add(bundle, name, TW_F64, rank, shape, NULL), TW_OK);
    if (!strstr(tw_last_error(), part)) print_error("%s\n", tw_last_error());
    assert_non_null(strstr(tw_last_error(), part));
    assert_int_equal(bundle->array_count, count);
}

static void impossible_arrays_are_refused(void **state) {
    (void)state;
    tw_bundle bundle = {0};
    char longest[258];
    memset(longest, 'x', 256);
    longest[256] = '\0';
    assert_int_equal(tw_bundle_add(&bundle, "W", TW_F64, 1, (size_t[]){2}, NULL), TW_OK);
    check_not_added(&bundle, "W", 1, (size_t[]){2}, "array 'W': is there twice");
    check_not_added(&bundle, "", 1, (size_t[]){2}, "is empty");
    check_not_added(&bundle, longest, 1, (size_t[]){2}, "255");
    check_not_added(&bundle, "a\tb", 1, (size_t[]){2}, "'a\\x09b' has control characters");
    check_not_added(&bundle, "\xC3", 1, (size_t[]){2}, "'\\xc3' is not UTF-8");
    check_not_added(&bundle, "V", 2, (size_t[]){2, 0}, "dimension 1 is 0");
    check_not_added(&bundle, "V", 9, (size_t[]){1, 1, 1, 1, 1, 1, 1, 1, 1}, "9 dimensions");
    check_not_added(&bundle, "V", 2, (size_t[]){SIZE_MAX, 2}, "overflows");
    check_not_added(&bundle, "V", 1, (size_t[]){SIZE_MAX / 4}, "overflows");
    longest[255] = '\0';
    assert_int_equal(tw_bundle_add(&bundle, longest, TW_F64, 1, (size_t[]){2}, NULL), TW_OK);
    tw_bundle_clear(&bundle);
}

static void entries_have_a_limit(void **state) {
    (void)state;
    tw_bundle bundle = {0};
    char name[16];
    for (int i = 0; i < 10000; i++) {
        snprintf(name, sizeof name, "%d", i);
        assert_int_equal(tw_bundle_add(&bundle, name, TW_F64, 0, NULL, NULL), TW_OK);
    }
    check_not_added(&bundle, "x", 0, NULL, "more than 10000 entries");
    tw_bundle_clear(&bundle);
}

static void metadata_are_set_and_replaced(void **state) {
    (void)state;
    tw_bundle bundle = {0};
    assert_int_equal(tw_bundle_set_metadata(&bundle, "loss", "ce"), TW_OK);
    assert_int_equal(tw_bundle_set_metadata(&bundle, "activation", "relu"), TW_OK);
    assert_int_equal(tw_bundle_set_metadata(&bundle, "loss", "mse"), TW_OK);
    assert_int_equal(tw_bundle_set_metadata(&bundle, "", "x"), TW_ERR_DATA);
    assert_int_equal(bundle.metadata_count, 2);
    assert_string_equal(tw_bundle_metadata(&bundle, "loss"), "mse");
    assert_string_equal(bundle.metadata[0].key, "loss");
    assert_null(tw_bundle_metadata(&bundle, "absent"));
    tw_bundle_clear(&bundle);
}

static void formats_are_found_by_extension(void **state) {
    (void)state;
    size_t count = 0;
    for (const tw_format *format; (format = tw_format_at(count)); count++) {
        char path[64];
        snprintf(path, sizeof path, "some.dir/file%s", format->extension);
        assert_ptr_equal(tw_format_for_path(path), format);
        assert_true(strlen(format->summary) > 10 && format->name[0] && format->extension[0] == '.');
    }
    assert_int_equal(count, 3);
    assert_string_equal(tw_format_for_path("A.NPZ")->name, "npz");
    assert_null(tw_format_for_path("a.txt"));
    assert_null(tw_format_for_path(""));
    tw_bundle bundle = {0};
    assert_int_equal(tw_bundle_read("a.txt", &bundle), TW_ERR_ARGUMENT);
    assert_string_equal(tw_last_error(), "a.txt: the name ends in none of .h5, .safetensors, .npz");
    assert_int_equal(tw_bundle_write("a.txt", &bundle), TW_ERR_ARGUMENT);
}

static void libraries_have_versions(void **state) {
    (void)state;
    const char *const names[] = {"HDF5 1.", "libzip 1.", "jansson 2.", "nettle 3."};
    for (size_t i = 0; i < 4; i++) {
        assert_memory_equal(tw_format_library_at(i), names[i], strlen(names[i]));
    }
    assert_null(tw_format_library_at(4));
}

/* "sample.h5" and so on: the file of a format in the scratch folder. */
static const char *path_of(const tw_format *format) {
    char name[64];
    snprintf(name, sizeof name, "sample%s", format->extension);
    return scratch_path(name);
}

static void every_format_gives_back_what_it_took(void **state) {
    (void)state;
    tw_bundle sample = {0};
    bundle_fill_sample(&sample);
    for (size_t i = 0; tw_format_at(i); i++) {
        tw_bundle read = {0};
        const char *path = path_of(tw_format_at(i));
        assert_int_equal(tw_bundle_write(path, &sample), TW_OK);
        assert_int_equal(tw_bundle_read(path, &read), TW_OK);
        assert_bundles_equal(&sample, &read);
        for (size_t k = 0; k < sample.array_count; k++) {
            assert_string_equal(read.arrays[k].name, sample.arrays[k].name);
        }
        assert_int_equal(tw_bundle_read(path, &read), TW_ERR_ARGUMENT); /* not empty */
        assert_bundles_equal(&sample, &read);
        tw_bundle_clear(&read);
    }
    tw_bundle_clear(&sample);
}

static void any_file_can_be_converted_into_any_format(void **state) {
    (void)state;
    const char *const files[] = {EXAMPLE_DATA "/torch-relu-K4.safetensors",
                                 EXAMPLE_DATA "/digits-head.safetensors",
                                 TEST_DATA "/ce-L3-K4-dnc.npz", TEST_DATA "/ce-L1-K5-nc.npz"};
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        tw_bundle original = {0};
        assert_int_equal(tw_bundle_read(files[i], &original), TW_OK);
        assert_non_null(tw_bundle_find(&original, "H"));
        assert_non_null(tw_bundle_find(&original, "labels"));
        assert_string_equal(tw_bundle_metadata(&original, "loss"), "ce");
        for (size_t k = 0; tw_format_at(k); k++) {
            tw_bundle read = {0};
            const char *path = path_of(tw_format_at(k));
            assert_int_equal(tw_bundle_write(path, &original), TW_OK);
            assert_int_equal(tw_bundle_read(path, &read), TW_OK);
            assert_bundles_equal(&original, &read);
            tw_bundle_clear(&read);
        }
        tw_bundle_clear(&original);
    }
}

static void equal_bundles_give_equal_files(void **state) {
    (void)state;
    char digests[2][8][65];
    tw_bundle sample = {0};
    bundle_fill_sample(&sample);
    for (int k = 0; k < 2; k++) {
        for (size_t i = 0; tw_format_at(i); i++) {
            assert_int_equal(tw_bundle_write(path_of(tw_format_at(i)), &sample), TW_OK);
            assert_int_equal(tw_file_digest(path_of(tw_format_at(i)), digests[k][i]), TW_OK);
        }
        if (k == 0) sleep(2); /* as long as the resolution of the coarsest time stamp */
    }
    for (size_t i = 0; tw_format_at(i); i++) assert_string_equal(digests[0][i], digests[1][i]);
    tw_bundle_clear(&sample);
}

/* Writing fails, says so, and leaves a file that was there as it was, and nothing else. */
static void check_not_written(const tw_format *format, const char *path, const tw_bundle *bundle,
                              tw_status status, const char *part) {
    size_t entries = scratch_entries();
    tw_status got = format->write(path, bundle);
    if (got != status || !strstr(tw_last_error(), part)) {
        print_error("%s: %s, not %s\n", format->name, tw_last_error(), part);
    }
    assert_int_equal(got, status);
    assert_non_null(strstr(tw_last_error(), part));
    assert_memory_equal(tw_last_error(), path, strlen(path));
    assert_int_equal(scratch_entries(), entries);
}

static void check_value(tw_element element, double value, const char *part) {
    for (size_t i = 0; tw_format_at(i); i++) {
        tw_bundle bundle = {0};
        tw_array *array;
        char new_name[32];
        snprintf(new_name, sizeof new_name, "new%s", tw_format_at(i)->extension);
        assert_int_equal(tw_bundle_add(&bundle, "W1", element, 2, (size_t[]){2, 3}, &array), TW_OK);
        array->values[5] = value;
        check_not_written(tw_format_at(i), scratch_path(new_name), &bundle, TW_ERR_DATA, part);
        tw_bundle_clear(&bundle);
    }
}

static void values_without_a_place_are_not_written(void **state) {
    (void)state;
    check_value(TW_F64, NAN, "array 'W1': element [1, 2] is nan");
    check_value(TW_F32, -INFINITY, "array 'W1': element [1, 2] is -inf");
    check_value(TW_F32, 0x1.ffffffp127, "has no place in F32");
    check_value(TW_I32, 0.5, "element [1, 2] is 0.5 and has no place in I32");
    check_value(TW_I32, 2147483648, "has no place in I32");
    check_value(TW_I64, 0x1p53 + 2, "has no place in I64");
    check_value(TW_I64, 1e-30, "has no place in I64");
}

static void a_bundle_without_arrays_is_not_written(void **state) {
    (void)state;
    tw_bundle empty = {0};
    for (size_t i = 0; tw_format_at(i); i++) {
        check_not_written(tw_format_at(i), scratch_path("new.file"), &empty, TW_ERR_ARGUMENT,
                          "there are no arrays");
    }
}

static void what_is_no_file_is_neither_read_nor_replaced(void **state) {
    (void)state;
    tw_bundle sample = {0};
    bundle_fill_sample(&sample);
    for (size_t i = 0; tw_format_at(i); i++) {
        const tw_format *format = tw_format_at(i);
        char name[64];
        snprintf(name, sizeof name, "folder%s", format->extension);
        const char *path = scratch_path(name);
        assert_int_equal(mkdir(path, 0777), 0);
        assert_refused(path, TW_ERR_IO, "is a directory");
        check_not_written(format, path, &sample, TW_ERR_IO, "is a directory");
        snprintf(name, sizeof name, "pipe%s", format->extension);
        path = scratch_path(name);
        assert_int_equal(mkfifo(path, 0666), 0);
        assert_refused(path, TW_ERR_IO, "is not a regular file");
        check_not_written(format, path, &sample, TW_ERR_IO, "is not a regular file");
        snprintf(name, sizeof name, "absent/file%s", format->extension);
        path = scratch_path(name);
        assert_refused(path, TW_ERR_IO, "cannot be opened: No such file or directory");
        check_not_written(format, path, &sample, TW_ERR_IO, "cannot be written: No such file");
    }
    tw_bundle_clear(&sample);
}

static void a_folder_without_permission_is_named(void **state) {
    (void)state;
    if (geteuid() != 0) skip(); /* another user's folder is at hand for root alone */
    tw_bundle sample = {0};
    bundle_fill_sample(&sample);
    assert_int_equal(mkdir(scratch_path("theirs"), 0777), 0);
    assert_int_equal(chmod(scratch_path("."), 0755), 0);
    for (size_t i = 0; tw_format_at(i); i++) {
        char name[64];
        snprintf(name, sizeof name, "theirs/file%s", tw_format_at(i)->extension);
        assert_int_equal(seteuid(65534), 0);
        tw_status status = tw_format_at(i)->write(scratch_path(name), &sample);
        assert_int_equal(seteuid(0), 0);
        assert_int_equal(status, TW_ERR_IO);
        assert_non_null(strstr(tw_last_error(), "cannot be written: Permission denied"));
    }
    tw_bundle_clear(&sample);
}

/* A limit on the size of files stands for a full disk: the write fails in the middle. */
static void a_full_disk_leaves_the_old_file(void **state) {
    (void)state;
    tw_bundle small = {0}, big = {0};
    struct rlimit unlimited, tight;
    tw_array *array;
    bundle_fill_sample(&small);
    assert_int_equal(tw_bundle_add(&big, "H", TW_F64, 1, (size_t[]){100000}, &array), TW_OK);
    signal(SIGXFSZ, SIG_IGN);
    getrlimit(RLIMIT_FSIZE, &unlimited);
    tight = (struct rlimit){400000, unlimited.rlim_max};
    for (size_t i = 0; tw_format_at(i); i++) {
        const char *path = path_of(tw_format_at(i));
        tw_bundle read = {0};
        assert_int_equal(tw_bundle_write(path, &small), TW_OK);
        setrlimit(RLIMIT_FSIZE, &tight);
        check_not_written(tw_format_at(i), path, &big, TW_ERR_IO,
                          "cannot be written: File too large");
        setrlimit(RLIMIT_FSIZE, &unlimited);
        assert_int_equal(tw_bundle_read(path, &read), TW_OK);
        assert_bundles_equal(&small, &read);
        tw_bundle_clear(&read);
    }
    tw_bundle_clear(&small);
    tw_bundle_clear(&big);
}

static void links_stay_links_and_private_files_private(void **state) {
    (void)state;
    tw_bundle sample = {0};
    struct stat facts;
    bundle_fill_sample(&sample);
    const char *file = scratch_write("private.h5", "", 0), *link = scratch_path("link.h5");
    assert_int_equal(chmod(file, 0600), 0);
    assert_int_equal(symlink("private.h5", link), 0);
    assert_int_equal(tw_bundle_write(link, &sample), TW_OK);
    assert_int_equal(lstat(link, &facts), 0);
    assert_true(S_ISLNK(facts.st_mode));
    assert_int_equal(lstat(file, &facts), 0);
    assert_true(S_ISREG(facts.st_mode) && facts.st_size > 0);
    assert_int_equal(facts.st_mode & 0777, 0600);
    tw_bundle_clear(&sample);
}

static void a_name_without_folder_is_written_here(void **state) {
    (void)state;
    char here[4096];
    tw_bundle sample = {0}, read = {0};
    bundle_fill_sample(&sample);
    assert_non_null(getcwd(here, sizeof here));
    assert_int_equal(chdir(scratch_path(".")), 0);
    assert_int_equal(tw_bundle_write("plain.npz", &sample), TW_OK);
    assert_int_equal(tw_bundle_read("plain.npz", &read), TW_OK);
    assert_int_equal(chdir(here), 0);
    assert_bundles_equal(&sample, &read);
    tw_bundle_clear(&sample);
    tw_bundle_clear(&read);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrays_are_added_and_found),
        cmocka_unit_test(impossible_arrays_are_refused),
        cmocka_unit_test(entries_have_a_limit),
        cmocka_unit_test(metadata_are_set_and_replaced),
        cmocka_unit_test(formats_are_found_by_extension),
        cmocka_unit_test(libraries_have_versions),
        cmocka_unit_test(every_format_gives_back_what_it_took),
        cmocka_unit_test(any_file_can_be_converted_into_any_format),
        cmocka_unit_test(equal_bundles_give_equal_files),
        cmocka_unit_test(values_without_a_place_are_not_written),
        cmocka_unit_test(a_bundle_without_arrays_is_not_written),
        cmocka_unit_test(what_is_no_file_is_neither_read_nor_replaced),
        cmocka_unit_test(a_folder_without_permission_is_named),
        cmocka_unit_test(a_full_disk_leaves_the_old_file),
        cmocka_unit_test(links_stay_links_and_private_files_private),
        cmocka_unit_test(a_name_without_folder_is_written_here),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
