/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "support/bundles.h"

#include <float.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
/* cmocka needs some of the above first */
#include <cmocka.h>

static void add(tw_bundle *bundle, const char *name, tw_element element, size_t rank,
                const double *values) {
    const size_t shape[] = {2, 3, 1};
    tw_array *array;
    assert_int_equal(tw_bundle_add(bundle, name, element, rank, shape, &array), TW_OK);
    memcpy(array->values, values, tw_array_length(array) * sizeof *values);
}

void bundle_fill_sample(tw_bundle *bundle) {
    add(bundle, "H", TW_F64, 2, (double[]){0.1, -0.0, DBL_MAX, DBL_TRUE_MIN, -1e-300, 1});
    add(bundle, "W1", TW_F32, 2, (double[]){0.5, FLT_MAX, -FLT_MAX, FLT_TRUE_MIN, -0.0, 3});
    add(bundle, "labels", TW_I64, 1, (double[]){0x1p53, -0x1p53});
    add(bundle, "i32", TW_I32, 3, (double[]){INT32_MIN, INT32_MAX, 0, 1, -1, 2});
    add(bundle, "scalar", TW_F64, 0, (double[]){42});
    add(bundle, "odd one", TW_F32, 1, (double[]){1, 2});
    const char *const metadata[][2] = {
        {"loss", "ce"},
        {"lambda_W", "[0.001,0.25]"},
        {"lambda_H", "0.1"},
        {"classes", "4"},
        {"nested", "{\"a\":[1,2.5,\"x\"],\"b\":null}"},
        {"empty", ""},
        {"quoted \"key\"", "line\nbreak, \"quotes\", \\ and \xC3\xBC"},
        {"not quite", "1e5 steps"},
    };
    for (size_t i = 0; i < sizeof metadata / sizeof metadata[0]; i++) {
        assert_int_equal(tw_bundle_set_metadata(bundle, metadata[i][0], metadata[i][1]), TW_OK);
    }
}

void assert_bundles_equal(const tw_bundle *left, const tw_bundle *right) {
    assert_int_equal(left->array_count, right->array_count);
    for (size_t i = 0; i < left->array_count; i++) {
        const tw_array *a = &left->arrays[i], *b = tw_bundle_find(right, a->name);
        assert_non_null(b);
        assert_int_equal(a->element, b->element);
        assert_int_equal(a->rank, b->rank);
        for (size_t k = 0; k < a->rank; k++) assert_int_equal(a->shape[k], b->shape[k]);
        assert_memory_equal(a->values, b->values, tw_array_length(a) * sizeof *a->values);
    }
    assert_int_equal(left->metadata_count, right->metadata_count);
    for (size_t i = 0; i < left->metadata_count; i++) {
        const char *text = tw_bundle_metadata(right, left->metadata[i].key);
        assert_non_null(text);
        assert_string_equal(left->metadata[i].text, text);
    }
}

static void assert_left_out(const char *path, tw_status status, const char *part) {
    tw_bundle bundle = {0};
    const tw_array *array = NULL;
    tw_status got = tw_bundle_read(path, &bundle);
    if (got != TW_OK) print_error("%s\n", tw_last_error());
    assert_int_equal(got, TW_OK);
    assert_int_equal(bundle.omission_count, 1);
    if (!strstr(bundle.omissions[0].reason, part)) print_error("%s\n", bundle.omissions[0].reason);
    assert_non_null(strstr(bundle.omissions[0].reason, part));
    assert_int_equal(bundle.omissions[0].status, status);
    assert_null(tw_bundle_find(&bundle, bundle.omissions[0].name));
    if (bundle.omissions[0].is_metadata) {
        assert_null(tw_bundle_metadata(&bundle, bundle.omissions[0].name));
    } else {
        assert_int_equal(tw_bundle_require(&bundle, bundle.omissions[0].name, &array), status);
        assert_string_equal(tw_last_error(), bundle.omissions[0].reason);
    }
    tw_bundle_clear(&bundle);
}

void assert_refused(const char *path, tw_status status, const char *part) {
    tw_bundle bundle = {0};
    if (status >= LEFT_OUT(0)) {
        assert_left_out(path, (tw_status)((unsigned)status - 100U), part);
        return;
    }
    tw_status got = tw_bundle_read(path, &bundle);
    if (got != status || !strstr(tw_last_error(), part)) {
        print_error("%s: %s '%s', expected %s with '%s'\n", path, tw_status_name(got),
                    tw_last_error(), tw_status_name(status), part);
    }
    assert_int_equal(got, status);
    assert_non_null(strstr(tw_last_error(), part));
    assert_memory_equal(tw_last_error(), path, strlen(path));
    assert_int_equal(bundle.array_count + bundle.metadata_count, 0);
    assert_null(bundle.arrays);
    assert_null(bundle.metadata);
}

void assert_counted(const tw_bundle *bundle) {
    for (size_t i = 0; i < bundle->array_count; i++) {
        const tw_array *array = &bundle->arrays[i];
        double offset = array->element == TW_I32 || array->element == TW_I64 ? 2 : 2.5;
        for (size_t k = 0; k < tw_array_length(array); k++) {
            if (array->values[k] != (double)k - offset) print_error("%s[%zu]\n", array->name, k);
            assert_true(array->values[k] == (double)k - offset);
        }
    }
}
