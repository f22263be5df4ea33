/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Reading and writing files when any one allocation fails: the status says so, nothing leaks,
 * nothing is left on the disk. Where no JSON is parsed, jansson's own allocations fail as well; its
 * parser does not survive that (it takes it for wrong syntax or asserts). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
/* cmocka needs the four above first */
#include <cmocka.h>
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/files/bundle.h>
#include <thalweg/files/json.h>
#include <thalweg/model/names.h>

#include "support/bundles.h"
#include "support/oom.h"
#include "support/scratch.h"

static tw_status read_bundle(void *path) {
    tw_bundle bundle = {0};
    tw_status status = tw_bundle_read(path, &bundle);
    if (status != TW_OK) {
        assert_int_equal(bundle.array_count + bundle.metadata_count, 0);
    }
    tw_bundle_clear(&bundle);
    return status;
}

static void every_reader_survives(void **state) {
    (void)state;
    tw_bundle sample = {0};
    bundle_fill_sample(&sample);
    for (size_t i = 0; tw_format_at(i); i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s%s", scratch_path("sample"), tw_format_at(i)->extension);
        assert_int_equal(tw_bundle_write(path, &sample), TW_OK);
        assert_true(oom_check(read_bundle, path) > 20);
    }
    tw_bundle_clear(&sample);
}

static void readers_of_foreign_files_survive(void **state) {
    (void)state;
    static char files[][256] = {TEST_DATA "/files/good-kinds.h5",
                                TEST_DATA "/files/good-orders.npz",
                                TEST_DATA "/ce-L2-K4-dnc.npz",
                                EXAMPLE_DATA "/torch-relu-K4.safetensors",
                                TEST_DATA "/dialects/extras.h5",
                                TEST_DATA "/dialects/matlab.h5",
                                TEST_DATA "/dialects/groups.h5:/run3/epoch100"};
    for (size_t i = 0; i < sizeof files / sizeof *files; i++)
        assert_true(oom_check(read_bundle, files[i]) > 10);
}

static tw_status rename_arrays(void *self) {
    const tw_rename renames[] = {{"A", "W1"}, {"B", NULL}};
    tw_status status = TW_OK;
    tw_bundle bundle = {0};
    (void)self;
    TW_TRY(tw_bundle_add(&bundle, "A", TW_F64, 0, NULL, NULL));
    TW_TRY(tw_bundle_add(&bundle, "B", TW_F64, 0, NULL, NULL));
    TW_TRY(tw_bundle_set_metadata(&bundle, "map", "{\"B\": \"b\"}"));
    status = tw_names_apply(&bundle, 2, renames);
    assert_string_equal(bundle.arrays[0].name, status == TW_OK ? "W1" : "A");
    assert_int_equal(bundle.array_count, status == TW_OK ? 1 : 2);
cleanup:
    tw_bundle_clear(&bundle);
    return status;
}

static void renaming_survives(void **state) {
    (void)state;
    assert_true(oom_check(rename_arrays, NULL) >= 8);
}

typedef struct job {
    const tw_bundle *bundle;
    char path[4096];
} job;

static tw_status write_bundle(void *self) {
    const job *todo = self;
    size_t entries = scratch_entries();
    tw_status status = tw_bundle_write(todo->path, todo->bundle);
    if (status != TW_OK) assert_int_equal(scratch_entries(), entries);
    return status;
}

static void every_writer_survives(void **state) {
    (void)state;
    tw_bundle sample = {0};
    bundle_fill_sample(&sample);
    for (size_t i = 0; tw_format_at(i); i++) {
        job todo = {.bundle = &sample};
        snprintf(todo.path, sizeof todo.path, "%s%s", scratch_path("new"),
                 tw_format_at(i)->extension);
        assert_true(oom_check(write_bundle, &todo) >= 3);
    }
    tw_bundle_clear(&sample);
}

static tw_status build_bundle(void *self) {
    (void)self;
    tw_bundle bundle = {0};
    tw_status status = TW_OK;
    TW_TRY(tw_bundle_add(&bundle, "a", TW_F64, 1, (size_t[]){3}, NULL));
    TW_TRY(tw_bundle_add(&bundle, "b", TW_F64, 0, NULL, NULL));
    TW_TRY(tw_bundle_set_metadata(&bundle, "k", "v"));
    TW_TRY(tw_bundle_set_metadata(&bundle, "k", "w"));
    TW_TRY(tw_bundle_set_metadata(&bundle, "l", "v"));
cleanup:
    tw_bundle_clear(&bundle);
    return status;
}

static void building_survives(void **state) {
    (void)state;
    assert_int_equal(oom_check(build_bundle, NULL), 13);
}

static tw_status build_json(void *path) {
    tw_status status = TW_OK;
    tw_json *object = tw_json_object(), *list = tw_json_array();
    TW_TRY(tw_json_append(list, tw_json_number(0.5)));
    TW_TRY(tw_json_append(list, tw_json_object()));
    TW_TRY(tw_json_set(object, "numbers", tw_json_numbers(3, (double[]){1, 2, 3})));
    TW_TRY(tw_json_set(object, "text", tw_json_string("x")));
    TW_TRY(tw_json_set(object, "integer", tw_json_integer(3)));
    status = tw_json_set(object, "list", list); /* taken over, also on failure */
    list = NULL;
    TW_TRY(status);
    TW_TRY(tw_json_write(object, path));
cleanup:
    tw_json_destroy(list);
    tw_json_destroy(object);
    return status;
}

static tw_status read_json(void *path) {
    tw_json *value = NULL;
    tw_status status = tw_json_read(path, &value);
    tw_json_destroy(value);
    return status;
}

static void json_survives(void **state) {
    (void)state;
    char path[4096];
    snprintf(path, sizeof path, "%s", scratch_path("a.json"));
    assert_int_equal(oom_check(build_json, path), 8);
    assert_int_equal(oom_check(read_json, path), 1);
}

static void failures_within_jansson_are_survived(void **state) {
    (void)state;
    json_malloc_t own_malloc;
    json_free_t own_free;
    tw_bundle sample = {0};
    job todo = {.bundle = &sample};
    bundle_fill_sample(&sample);
    snprintf(todo.path, sizeof todo.path, "%s", scratch_path("jansson.safetensors"));
    json_get_alloc_funcs(&own_malloc, &own_free);
    json_set_alloc_funcs(__wrap_malloc, __wrap_free);
    assert_true(oom_check_any_status(build_json, todo.path) > 20);
    assert_int_equal(remove(todo.path), 0);
    assert_true(oom_check_any_status(write_bundle, &todo) > 100);
    json_set_alloc_funcs(own_malloc, own_free);
    tw_bundle_clear(&sample);
}

static void the_count_of_allocations_is_right(void **state) {
    (void)state;
    oom_mark();
    size_t live = oom_live_blocks();
    void *block = malloc(3);
    block = realloc(block, 30000);
    assert_int_equal(oom_since_mark(), 2);
    assert_int_equal(oom_live_blocks(), live + 1);
    free(block);
    assert_int_equal(oom_live_blocks(), live);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_reader_survives),
        cmocka_unit_test(readers_of_foreign_files_survive),
        cmocka_unit_test(renaming_survives),
        cmocka_unit_test(every_writer_survives),
        cmocka_unit_test(building_survives),
        cmocka_unit_test(json_survives),
        cmocka_unit_test(failures_within_jansson_are_survived),
        cmocka_unit_test(the_count_of_allocations_is_right),
    };
    return cmocka_run_group_tests(tests, scratch_setup, scratch_teardown);
}
