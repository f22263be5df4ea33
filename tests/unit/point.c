/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points from and to named arrays: nothing is lost on the way, and whatever contradicts itself is
 * refused with the names and the numbers. */
#include "support/test.h"

#include <stdio.h>
#include <thalweg/model/point.h>

enum { SAMPLES = 5 };

/* Values of an array: its C-order index in steps of 1/8, so that order and place show. */
static void add(tw_bundle *bundle, const char *name, tw_element element, size_t rank,
                const size_t *shape) {
    tw_array *array;
    assert_ok(tw_bundle_add(bundle, name, element, rank, shape, &array));
    for (size_t i = 0; i < tw_array_length(array); i++)
        array->values[i] = 1.0 + (double)bundle->array_count + 0.125 * (double)i;
}

static void set(tw_bundle *bundle, const char *key, const char *text) {
    assert_ok(tw_bundle_set_metadata(bundle, key, text));
}

static void drop_array(tw_bundle *bundle, const char *name) {
    tw_array *found = (tw_array *)(uintptr_t)tw_bundle_find(bundle, name);
    if (found == NULL) return;
    free(found->name);
    free(found->values);
    *found = bundle->arrays[--bundle->array_count];
}

static void drop_metadata(tw_bundle *bundle, const char *key) {
    for (size_t i = 0; i < bundle->metadata_count; i++) {
        tw_metadata *entry = &bundle->metadata[i];
        if (strcmp(entry->key, key) != 0) continue;
        free(entry->key);
        free(entry->text);
        *entry = bundle->metadata[--bundle->metadata_count];
        return;
    }
}

static void set_labels(tw_bundle *bundle, const double labels[SAMPLES]) {
    const tw_array *array = tw_bundle_find(bundle, "labels");
    memcpy(array->values, labels, SAMPLES * sizeof *labels);
}

/* A model that holds together: d = 3, 4 and K = 2 with 2 and 3 samples. */
static void fill_good(tw_bundle *bundle) {
    add(bundle, "W2", TW_F32, 2, (size_t[]){2, 4});
    add(bundle, "labels", TW_I32, 1, (size_t[]){SAMPLES});
    add(bundle, "H", TW_F64, 2, (size_t[]){3, SAMPLES});
    add(bundle, "W1", TW_F64, 2, (size_t[]){4, 3});
    set_labels(bundle, (double[]){0, 1, 1, 0, 1});
    set(bundle, "loss", "mse");
    set(bundle, "activation", "tanh");
    set(bundle, "lambda_W", "[0.5, 0.25]");
    set(bundle, "lambda_H", "1e-3");
}

/* ---- What survives ---- */

static void expect_block(const tw_bundle *bundle, const tw_point *point, size_t index) {
    tw_block block = tw_dufm_block(&point->model, index);
    const tw_array *array = tw_bundle_find(bundle, block.name);
    assert_non_null(array);
    assert_int_equal(tw_array_length(array), block.rows * block.cols);
    for (size_t i = 0; i < block.rows; i++)
        for (size_t j = 0; j < block.cols; j++)
            assert_true(array->values[i * block.cols + j] ==
                        point->theta[block.offset + i + block.rows * j]);
}

static void arrays_become_columns(void **state) {
    (void)state;
    static const int labels[SAMPLES] = {0, 1, 1, 0, 1};
    tw_bundle bundle = {0};
    tw_point point = {0};
    fill_good(&bundle);
    add(&bundle, "b", TW_F64, 1, (size_t[]){2});
    set(&bundle, "lambda_b", "[0.0625]");
    assert_ok(tw_point_from_bundle(&bundle, &point));
    const tw_dufm *model = &point.model;
    assert_int_equal(model->layers, 2);
    assert_int_equal(model->samples, SAMPLES);
    assert_memory_equal(model->widths, ((size_t[]){3, 4, 2}), 3 * sizeof(size_t));
    assert_memory_equal(model->labels, labels, sizeof labels);
    assert_true(model->lambda_W[0] == 0.5 && model->lambda_W[1] == 0.25);
    assert_true(model->lambda_H == 1e-3 && model->lambda_b == 0.0625 && model->bias);
    assert_string_equal(model->loss->name, "mse");
    assert_string_equal(model->activation->name, "tanh");
    assert_int_equal(tw_dufm_parameters(model), 12 + 8 + 15 + 2);
    for (size_t i = 0; i < 4; i++) expect_block(&bundle, &point, i);
    tw_point_clear(&point);
    tw_point_clear(&point);
    tw_bundle_clear(&bundle);
}

static void one_ridge_serves_all_layers(void **state) {
    (void)state;
    tw_bundle bundle = {0};
    tw_point point = {0};
    fill_good(&bundle);
    set(&bundle, "lambda_W", "0");
    assert_ok(tw_point_from_bundle(&bundle, &point));
    assert_true(point.model.lambda_W[0] == 0.0 && point.model.lambda_W[1] == 0.0);
    assert_true(!point.model.bias && point.model.lambda_b == 0.0);
    tw_point_clear(&point);
    tw_bundle_clear(&bundle);
}

/* Metadata that repeats what the arrays say, and names that only look like a weight's. */
static void true_facts_and_foreign_names_pass(void **state) {
    (void)state;
    tw_bundle bundle = {0};
    tw_point point = {0};
    fill_good(&bundle);
    for (const char *const *name =
             (const char *const[]){"W_history", "Wx", "v_W1", "rho", "step", NULL};
         *name; name++)
        add(&bundle, *name, TW_F64, 1, (size_t[]){7});
    set(&bundle, "classes", "2");
    set(&bundle, "samples_per_class", "[2,3]");
    set(&bundle, "widths", "[3, 4]");
    set(&bundle, "note", "not a number: NaN");
    assert_ok(tw_point_from_bundle(&bundle, &point));
    assert_int_equal(point.model.layers, 2);
    tw_point_clear(&point);
    tw_bundle_clear(&bundle);
}

static void expect_survivors(const tw_bundle *bundle, const tw_point *point) {
    assert_int_equal(bundle->array_count, 6); /* W2, labels, H, W1, b, optimizer */
    for (size_t i = 0; i < 4; i++) expect_block(bundle, point, i);
    assert_int_equal(tw_bundle_find(bundle, "W2")->element, TW_F64);
    assert_int_equal(tw_bundle_find(bundle, "labels")->element, TW_I64);
    assert_true(tw_bundle_find(bundle, "labels")->values[2] == 1.0);
    assert_int_equal(tw_bundle_find(bundle, "optimizer")->element, TW_F32);
    assert_int_equal(tw_bundle_find(bundle, "optimizer")->shape[1], 3);
    assert_true(tw_bundle_find(bundle, "optimizer")->values[5] == 7.625);
    assert_string_equal(tw_bundle_metadata(bundle, "note"), "kept \"as\" it is");
    assert_string_equal(tw_bundle_metadata(bundle, "activation"), "tanh");
    assert_string_equal(tw_bundle_metadata(bundle, "lambda_W"), "[0.5,0.1]");
    assert_string_equal(tw_bundle_metadata(bundle, "lambda_b"), "0.0");
}

/* Into the bundle it came from, then into an empty one, and back. */
static void what_is_not_a_models_stays(void **state) {
    (void)state;
    tw_bundle bundle = {0}, fresh = {0};
    tw_point point = {0}, again = {0};
    fill_good(&bundle);
    add(&bundle, "b", TW_F64, 1, (size_t[]){2});
    add(&bundle, "optimizer", TW_F32, 2, (size_t[]){5, 3});
    set(&bundle, "note", "kept \"as\" it is");
    assert_ok(tw_point_from_bundle(&bundle, &point));
    size_t n = tw_dufm_parameters(&point.model);
    for (size_t i = 0; i < n; i++) point.theta[i] = sin((double)i); /* as polishing would */
    point.model.lambda_W[1] = 0.1;
    assert_ok(tw_point_to_bundle(&point, &bundle));
    expect_survivors(&bundle, &point);
    assert_ok(tw_point_to_bundle(&point, &fresh));
    assert_int_equal(fresh.array_count, 5);
    assert_ok(tw_point_from_bundle(&fresh, &again));
    assert_memory_equal(again.theta, point.theta, n * sizeof *point.theta);
    assert_memory_equal(again.model.labels, point.model.labels, SAMPLES * sizeof(int));
    assert_memory_equal(again.model.lambda_W, point.model.lambda_W, 2 * sizeof(double));
    assert_true(again.model.lambda_H == point.model.lambda_H && again.model.bias);
    assert_ptr_equal(again.model.activation, point.model.activation);
    tw_point_clear(&point);
    tw_point_clear(&again);
    tw_bundle_clear(&bundle);
    tw_bundle_clear(&fresh);
}

static void another_shape_is_not_overwritten(void **state) {
    (void)state;
    tw_bundle bundle = {0}, other = {0};
    tw_point point = {0};
    fill_good(&bundle);
    assert_ok(tw_point_from_bundle(&bundle, &point));
    add(&other, "H", TW_F64, 2, (size_t[]){SAMPLES, 3});
    assert_int_equal(tw_point_to_bundle(&point, &other), TW_ERR_SHAPE);
    assert_non_null(strstr(tw_last_error(), "'H'"));
    assert_int_equal(tw_bundle_find(&other, "H")->shape[0], SAMPLES);
    tw_point_clear(&point);
    tw_bundle_clear(&bundle);
    tw_bundle_clear(&other);
}

/* ---- What is refused ---- */

/* The status, the sentence, and a point that was not touched. */
static void expect_refusal(tw_bundle *bundle, tw_status status, const char *sentence) {
    tw_point point, before;
    memset(&point, 0x5a, sizeof point);
    memset(&before, 0x5a, sizeof before);
    tw_status got = tw_point_from_bundle(bundle, &point);
    if (got != status || strstr(tw_last_error(), sentence) == NULL)
        fail_msg("%s '%s', expected %s '%s'", tw_status_name(got), tw_last_error(),
                 tw_status_name(status), sentence);
    assert_memory_equal(&point, &before, sizeof point);
}

/* One array in place of the good one (no axes: removed). */
typedef struct wrong_array {
    const char *name;
    size_t rank, shape[3];
    tw_status status;
    const char *sentence;
} wrong_array;

static const wrong_array wrong_arrays[] = {
    {"H", 0, {0}, TW_ERR_DATA, "array 'H' is missing"},
    {"labels", 0, {0}, TW_ERR_DATA, "array 'labels' is missing"},
    {"W1", 0, {0}, TW_ERR_DATA, "array 'W1' is missing, although there is 'W2'"},
    {"W4", 2, {2, 2}, TW_ERR_DATA, "array 'W3' is missing, although there is 'W4'"},
    {"W18446744073709551617",
     2,
     {2, 2},
     TW_ERR_DATA,
     "array 'W3' is missing, although there is 'W1844674407370955161"},
    {"H", 1, {15}, TW_ERR_SHAPE, "array 'H' has 1 axes, expected 2"},
    {"H", 3, {3, 5, 1}, TW_ERR_SHAPE, "array 'H' has 3 axes, expected 2"},
    {"W2", 1, {8}, TW_ERR_SHAPE, "array 'W2' has 1 axes, expected 2"},
    {"labels",
     2,
     {5, 3},
     TW_ERR_SHAPE,
     "array 'labels' has 2 axes and 15 entries, expected 5 classes, or one-hot 5 x 2 or 2 x 5"},
    {"labels", 2, {5, 2}, TW_ERR_DATA, "array 'labels' is 5 x 2, but sample 0 has not one 1"},
    {"b", 2, {2, 2}, TW_ERR_SHAPE, "array 'b' has 2 axes and 4 entries, but there are 2 classes"},
    {"W1", 2, {4, 6}, TW_ERR_SHAPE, "array 'W1' has 6 columns, but 'H' has 3 rows"},
    {"W1", 2, {3, 3}, TW_ERR_SHAPE, "array 'W2' has 4 columns, but 'W1' has 3 rows"},
    {"W2", 2, {4, 2}, TW_ERR_SHAPE, "array 'W2' has 2 columns, but 'W1' has 4 rows"},
    {"W3", 2, {2, 7}, TW_ERR_SHAPE, "array 'W3' has 7 columns, but 'W2' has 2 rows"},
    {"H", 2, {3, 6}, TW_ERR_SHAPE, "array 'labels' has 5 entries, but 'H' has 6 columns"},
    {"labels", 1, {4}, TW_ERR_SHAPE, "array 'labels' has 4 entries, but 'H' has 5 columns"},
    {"W2", 2, {3, 4}, TW_ERR_DATA, "class 2 of 3 has no sample among the 5 labels"},
    {"b", 1, {3}, TW_ERR_SHAPE, "array 'b' has 3 entries, but there are 2 classes"},
};

static void arrays_that_do_not_fit_are_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof wrong_arrays / sizeof *wrong_arrays; i++) {
        const wrong_array *wrong = &wrong_arrays[i];
        tw_bundle bundle = {0};
        fill_good(&bundle);
        drop_array(&bundle, wrong->name);
        if (wrong->rank > 0) add(&bundle, wrong->name, TW_F64, wrong->rank, wrong->shape);
        expect_refusal(&bundle, wrong->status, wrong->sentence);
        tw_bundle_clear(&bundle);
    }
}

static void no_weights_at_all_are_refused(void **state) {
    (void)state;
    tw_bundle bundle = {0};
    expect_refusal(&bundle, TW_ERR_DATA, "array 'W1' is missing: the file has no arrays");
    fill_good(&bundle);
    drop_array(&bundle, "W1");
    drop_array(&bundle, "W2");
    expect_refusal(&bundle, TW_ERR_DATA, "array 'W1' is missing: the file has 'H', 'labels'");
    tw_bundle_clear(&bundle);
}

static void labels_that_are_no_classes_are_refused(void **state) {
    (void)state;
    static const struct {
        double labels[SAMPLES];
        const char *sentence;
    } cases[] = {
        {{0, 1, 2, 0, 1}, "array 'labels' has 2 at index 2, expected an integer in 0..1"},
        {{0, 1, 1, 0, -1}, "array 'labels' has -1 at index 4, expected an integer in 0..1"},
        {{0.5, 1, 1, 0, 1}, "array 'labels' has 0.5 at index 0, expected an integer in 0..1"},
        {{0, 1, NAN, 0, 1}, "array 'labels' has nan at index 2"},
        {{0, 1, 1, INFINITY, 1}, "array 'labels' has inf at index 3"},
        {{0, 1, 1, 0x1p40, 1}, "('W2' has 2 rows)"},
        {{0, 0, 0, 0, 0}, "class 1 of 2 has no sample among the 5 labels"},
        {{1, 1, 1, 1, 1}, "class 0 of 2 has no sample among the 5 labels"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tw_bundle bundle = {0};
        fill_good(&bundle);
        set_labels(&bundle, cases[i].labels);
        expect_refusal(&bundle, TW_ERR_DATA, cases[i].sentence);
        tw_bundle_clear(&bundle);
    }
}

static void one_class_is_no_classification(void **state) {
    (void)state;
    tw_bundle bundle = {0};
    fill_good(&bundle);
    drop_array(&bundle, "W2");
    add(&bundle, "W2", TW_F64, 2, (size_t[]){1, 4});
    set_labels(&bundle, (double[]){0, 0, 0, 0, 0});
    expect_refusal(&bundle, TW_ERR_DATA, "a model needs at least 2 classes, W2 has 1 row");
    tw_bundle_clear(&bundle);
}

/* Shapes alone; the values are never looked at. */
static void too_many_parameters_are_refused(void **state) {
    (void)state;
    tw_bundle bundle = {0};
    fill_good(&bundle);
    for (size_t i = 0; i < bundle.array_count; i++) {
        tw_array *array = &bundle.arrays[i];
        if (array->name[0] == 'H') array->shape[0] = 50000;
        if (strcmp(array->name, "W1") == 0) array->shape[0] = array->shape[1] = 50000;
        if (strcmp(array->name, "W2") == 0) array->shape[1] = 50000;
    }
    expect_refusal(&bundle, TW_ERR_UNSUPPORTED, "2.5e+09 parameters");
    tw_bundle_clear(&bundle);
}

/* One metadata entry in place of the good one (no text: removed). */
typedef struct wrong_metadata {
    const char *key, *text, *sentence;
} wrong_metadata;

static const wrong_metadata wrong_entries[] = {
    {"loss", NULL, "metadata 'loss' is missing (one of ce, mse)"},
    {"loss", "hinge", "metadata 'loss' is \"hinge\", expected one of ce, mse"},
    {"loss", "MSE", "metadata 'loss' is \"MSE\""},
    {"activation", NULL, "metadata 'activation' is missing (one of linear, relu"},
    {"activation", "", "metadata 'activation' is \"\", expected one of linear, relu"},
    {"lambda_W", NULL, "metadata 'lambda_W' is missing"},
    {"lambda_H", NULL, "metadata 'lambda_H' is missing"},
    {"lambda_W", "-0.5", "metadata 'lambda_W' is -0.5, but a ridge is a finite number >= 0"},
    {"lambda_W", "[0.5, -2]", "metadata 'lambda_W' is -2, but"},
    {"lambda_H", "-1e-300", "metadata 'lambda_H' is -1e-300, but"},
    {"lambda_b", "-3", "metadata 'lambda_b' is -3, but"},
    {"lambda_H", "NaN", "metadata 'lambda_H' is \"NaN\", expected a number or a list"},
    {"lambda_H", "Infinity", "metadata 'lambda_H' is \"Infinity\", expected a number"},
    {"lambda_H", "1e999", "metadata 'lambda_H' is \"1e999\", expected a number"},
    {"lambda_W", "", "metadata 'lambda_W' is \"\", expected a number or a list"},
    {"lambda_W", "small", "metadata 'lambda_W' is \"small\", expected a number"},
    {"lambda_W", "0.5 0.25", "metadata 'lambda_W' is \"0.5 0.25\", expected a number"},
    {"lambda_W", "[0.5, null]", "metadata 'lambda_W' is \"[0.5, null]\", expected a number"},
    {"lambda_W", "[[0.5, 0.25]]", "metadata 'lambda_W' is \"[[0.5, 0.25]]\", expected"},
    {"lambda_W", "{\"1\": 0.5}", "metadata 'lambda_W' is \"{\"1\": 0.5}\", expected"},
    {"lambda_W", "[]", "metadata 'lambda_W' lists 0 numbers, expected 1 or 2"},
    {"lambda_W", "[1,2,3]", "metadata 'lambda_W' lists 3 numbers, expected 1 or 2"},
    {"lambda_H", "[1,2]", "metadata 'lambda_H' lists 2 numbers, expected 1"},
    {"classes", "3", "metadata 'classes' says 3 at index 0, the arrays say 2"},
    {"classes", "two", "metadata 'classes' is \"two\", expected a number"},
    {"samples_per_class", "2", "metadata 'samples_per_class' says 2 at index 1, the arrays say 3"},
    {"samples_per_class", "[3,2]", "metadata 'samples_per_class' says 3 at index 0, the arrays"},
    {"samples_per_class", "[2,3,1]", "metadata 'samples_per_class' lists 3 numbers, the arrays "},
    {"widths", "3", "metadata 'widths' says 3 at index 1, the arrays say 4"},
    {"widths", "[3.5, 4]", "metadata 'widths' says 3.5 at index 0, the arrays say 3"},
    {"widths", "[3, 4, 2]", "metadata 'widths' lists 3 numbers, the arrays say 2"},
};

static void metadata_that_says_otherwise_is_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof wrong_entries / sizeof *wrong_entries; i++) {
        const wrong_metadata *wrong = &wrong_entries[i];
        tw_bundle bundle = {0};
        fill_good(&bundle);
        drop_metadata(&bundle, wrong->key);
        if (wrong->text) set(&bundle, wrong->key, wrong->text);
        expect_refusal(&bundle, TW_ERR_DATA, wrong->sentence);
        tw_bundle_clear(&bundle);
    }
}

static void long_metadata_is_cut_in_the_sentence(void **state) {
    (void)state;
    char text[5000];
    tw_bundle bundle = {0};
    fill_good(&bundle);
    memset(text, '[', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    set(&bundle, "lambda_H", text);
    expect_refusal(&bundle, TW_ERR_DATA, "metadata 'lambda_H' is \"[[[[");
    assert_true(strlen(tw_last_error()) < 200);
    tw_bundle_clear(&bundle);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arrays_become_columns),
        cmocka_unit_test(one_ridge_serves_all_layers),
        cmocka_unit_test(true_facts_and_foreign_names_pass),
        cmocka_unit_test(what_is_not_a_models_stays),
        cmocka_unit_test(another_shape_is_not_overwritten),
        cmocka_unit_test(arrays_that_do_not_fit_are_refused),
        cmocka_unit_test(no_weights_at_all_are_refused),
        cmocka_unit_test(labels_that_are_no_classes_are_refused),
        cmocka_unit_test(one_class_is_no_classification),
        cmocka_unit_test(too_many_parameters_are_refused),
        cmocka_unit_test(metadata_that_says_otherwise_is_refused),
        cmocka_unit_test(long_metadata_is_cut_in_the_sentence),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
