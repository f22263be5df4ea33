/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Names of other programs: refused with the options that read them, renamed all at once, or left
 * out; and the shapes that stand for the same labels. */
#include "support/test.h"

#include <stdio.h>
#include <thalweg/model/names.h>
#include <thalweg/model/point.h>

static void add(tw_bundle *bundle, const char *name, size_t rank, const size_t *shape) {
    tw_array *array;
    assert_ok(tw_bundle_add(bundle, name, TW_F64, rank, shape, &array));
    for (size_t i = 0; i < tw_array_length(array); i++) array->values[i] = (double)i;
}

/* d = 3, 4 and K = 2, N = 5; weights under the names given. */
static void fill(tw_bundle *bundle, const char *first, const char *second) {
    static const double labels[5] = {0, 1, 1, 0, 1};
    add(bundle, first, 2, (size_t[]){4, 3});
    add(bundle, second, 2, (size_t[]){2, 4});
    add(bundle, "H", 2, (size_t[]){3, 5});
    add(bundle, "labels", 1, (size_t[]){5});
    memcpy(bundle->arrays[3].values, labels, sizeof labels);
    assert_ok(tw_bundle_set_metadata(bundle, "loss", "ce"));
    assert_ok(tw_bundle_set_metadata(bundle, "activation", "tanh"));
    assert_ok(tw_bundle_set_metadata(bundle, "lambda_W", ".1"));
    assert_ok(tw_bundle_set_metadata(bundle, "lambda_H", "1."));
}

static void expect(tw_bundle *bundle, tw_status status, const char *part) {
    tw_point point = {0};
    tw_status got = tw_point_from_bundle(bundle, &point);
    if (got != status || (part && strstr(tw_last_error(), part) == NULL))
        fail_msg("%s '%s', expected %s '%s'", tw_status_name(got), tw_last_error(),
                 tw_status_name(status), part ? part : "");
    tw_point_clear(&point);
}

/* Weights of two layers under foreign names, and what the sentence offers. */
static void weights_are_offered_in_order(void **state) {
    (void)state;
    static const struct {
        const char *first, *second, *offer;
    } cases[] = {
        {"W0", "W1", ": --map W0=W1 --map W1=W2 names them"},
        {"W1", "weight", "array 'weight' looks like a parameter"},
        {"W_1", "W_2", ": --map W_1=W1 --map W_2=W2 names them"},
        {"w1", "w2", ": --map w1=W1 --map w2=W2 names them"},
        {"W01", "W02", ": --map W01=W1 --map W02=W2 names them"},
        {"fc9.weight", "fc10.weight", ": --map fc9.weight=W1 --map fc10.weight=W2 names them"},
        {"net.0.weight", "net.2.weight", "(all begin with 'net.')"},
        {"a/kernel", "b/kernel:0", ": --map a/kernel=W1 --map b/kernel:0=W2 names them"},
        {"module.W1", "module.W2", "(all begin with 'module.'): --map module.W1=W1 --map"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tw_bundle bundle = {0};
        fill(&bundle, cases[i].first, cases[i].second);
        expect(&bundle, TW_ERR_DATA, cases[i].offer);
        tw_bundle_clear(&bundle);
    }
}

/* The shapes tell the order, whatever the names do; what does not chain is not offered. */
static void shapes_tell_the_order(void **state) {
    (void)state;
    tw_bundle bundle = {0};
    fill(&bundle, "z.weight", "a.weight");
    expect(&bundle, TW_ERR_DATA, ": --map z.weight=W1 --map a.weight=W2 names them");
    assert_null(strstr(tw_last_error(), "guess"));
    add(&bundle, "c.weight", 2, (size_t[]){7, 7});
    expect(&bundle, TW_ERR_DATA, ": --map z.weight=MODEL_NAME names it, --ignore z.weight");
    tw_bundle_clear(&bundle);
}

/* Two square weights under these names, behind W1 = 4 x 3 or alone on H. */
static void several_orders_are_a_guess(void **state) {
    (void)state;
    static const struct {
        const char *names[3], *offer;
    } cases[] = {
        {{"z.weight", "a.weight", "m.weight"}, "z.weight=W1 --map a.weight=W2 --map m.weight=W3"},
        {{"fc10.weight", "fc9.weight", "fc1.weight"},
         "fc1.weight=W1 --map fc9.weight=W2 --map fc10.weight=W3"},
        {{"W_out", "W1", "W2"}, ": --map W_out=W3 names"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tw_bundle bundle = {0};
        for (size_t l = 0; l < 3; l++) add(&bundle, cases[i].names[l], 2, (size_t[]){3, 3});
        add(&bundle, "H", 2, (size_t[]){3, 5});
        expect(&bundle, TW_ERR_DATA, cases[i].offer);
        assert_non_null(strstr(tw_last_error(), "this one is a guess: check it"));
        tw_bundle_clear(&bundle);
    }
}

static void biases_go_to_their_layer(void **state) {
    (void)state;
    static const struct {
        const char *name;
        size_t length;
        const char *part;
    } cases[] = {
        {"bias", 2, ": --map bias=b names them"},
        {"b2", 2, ": --map b2=b names them"},
        {"b1", 4, "the model has no bias in a hidden layer: 'b1'"},
        {"b1", 2, ": --map b1=b names them"}, /* no other layer has 2 rows */
        {"b_out", 2, ": --map b_out=b names them"},
        {"bias", 7, ": --map bias=MODEL_NAME names it, --ignore bias leaves it out"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tw_bundle bundle = {0};
        fill(&bundle, "W1", "W2");
        add(&bundle, cases[i].name, 1, &cases[i].length);
        expect(&bundle, TW_ERR_DATA, cases[i].part);
        tw_bundle_clear(&bundle);
    }
}

/* Not a parameter, whatever it is. */
static void other_arrays_pass(void **state) {
    (void)state;
    static const struct {
        const char *name;
        bool suspect;
    } cases[] = {{"v_W1", false},     {"v_b", false},    {"H1", false},      {"X", false},
                 {"step", false},     {"Wx", false},     {"y", false},       {"b_history", false},
                 {"resume.x", false}, {"rho", false},    {"rows.m", false},  {"labels_old", false},
                 {"w", true},         {"W1_old", true},  {"b_loss", true},   {"ema.W1", true},
                 {"fcBias", true},    {"bias_hh", true}, {"layers.2", true}, {"coef_", true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tw_bundle bundle = {0};
        fill(&bundle, "W1", "W2");
        add(&bundle, cases[i].name, 1, (size_t[]){7}); /* as no layer has */
        expect(&bundle, cases[i].suspect ? TW_ERR_DATA : TW_OK, NULL);
        tw_bundle_clear(&bundle);
    }
}

/* What each layer takes or gives could be scaled or shifted by an array of that shape; d = 3, 4,
 * K = 2 and N = 5. */
static void shapes_of_layers_are_refused(void **state) {
    (void)state;
    static const struct {
        const char *name;
        size_t rank, shape[3];
        bool fits;
    } cases[] = {{"rho", 1, {4}, true},           {"rho", 1, {3}, true},
                 {"rho", 2, {1, 2}, true},        {"rho", 2, {4, 4}, true},
                 {"rho", 3, {2, 1, 3}, true},     {"rho", 1, {5}, false},
                 {"rho", 2, {4, 5}, false},       {"rho", 3, {2, 3, 4}, false},
                 {"rho", 1, {1}, false},          {"v_b", 1, {2}, false},
                 {"loss", 1, {4}, false},         {"b_history", 1, {4}, false},
                 {"resume.rho", 1, {4}, false},   {"rayleigh", 1, {2}, false},
                 {"Class_Counts", 1, {2}, false}, {"ema.W1", 2, {4, 3}, false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tw_bundle bundle = {0};
        fill(&bundle, "W1", "W2");
        add(&bundle, cases[i].name, cases[i].rank, cases[i].shape);
        expect(&bundle, cases[i].fits ? TW_ERR_DATA : TW_OK,
               cases[i].fits ? "array 'rho' has the shape of something in a layer" : NULL);
        tw_bundle_clear(&bundle);
    }
}

/* A copy has the shape of the array that stands beside it. */
static void copies_pass(void **state) {
    (void)state;
    tw_bundle bundle = {0};
    fill(&bundle, "W1", "W2");
    add(&bundle, "ema.W1", 2, (size_t[]){4, 3});
    add(&bundle, "grad_W2", 2, (size_t[]){2, 4});
    expect(&bundle, TW_OK, NULL);
    add(&bundle, "fc.W2", 2, (size_t[]){2, 4});
    expect(&bundle, TW_ERR_DATA, "array 'fc.W2' looks like a parameter");
    tw_bundle_clear(&bundle);
}

static void names_change_at_once(void **state) {
    (void)state;
    const tw_rename swap[] = {{"W0", "W1"}, {"W1", "W2"}, {"bias", NULL}};
    tw_bundle bundle = {0};
    fill(&bundle, "W0", "W1");
    add(&bundle, "bias", 1, (size_t[]){2});
    assert_ok(tw_bundle_set_metadata(&bundle, "bias", "true"));
    assert_ok(tw_names_apply(&bundle, 3, swap));
    assert_string_equal(bundle.arrays[0].name, "W1");
    assert_string_equal(bundle.arrays[1].name, "W2");
    assert_int_equal(bundle.array_count, 4);
    assert_null(tw_bundle_metadata(&bundle, "bias"));
    expect(&bundle, TW_OK, NULL);
    tw_bundle_clear(&bundle);
}

/* A name that is left out is free for another array. */
static void a_name_left_out_can_be_given(void **state) {
    (void)state;
    const tw_rename renames[] = {{"best", "W1"}, {"W1", NULL}};
    tw_bundle bundle = {0};
    fill(&bundle, "W1", "W2");
    add(&bundle, "best", 2, (size_t[]){4, 3});
    bundle.arrays[4].values[0] = 77.0;
    assert_ok(tw_names_apply(&bundle, 2, renames));
    assert_int_equal(bundle.array_count, 4);
    assert_true(tw_bundle_find(&bundle, "W1")->values[0] == 77.0);
    tw_bundle_clear(&bundle);
}

/* The file's own map is worked off with the caller's, which wins, and is gone then. */
static void the_files_map_comes_second(void **state) {
    (void)state;
    const tw_rename given[] = {{"B", "W1"}, {"A", NULL}};
    tw_bundle bundle = {0};
    fill(&bundle, "A", "C");
    add(&bundle, "B", 2, (size_t[]){4, 3});
    add(&bundle, "map", 1, (size_t[]){1}); /* an array of that name is no entry */
    assert_ok(tw_bundle_set_metadata(&bundle, "map", "{\"B\": \"W2\", \"C\": \"W2\"}"));
    assert_ok(tw_names_apply(&bundle, 2, given));
    assert_null(tw_bundle_metadata(&bundle, "map"));
    assert_non_null(tw_bundle_find(&bundle, "map"));
    expect(&bundle, TW_OK, NULL);
    tw_bundle_clear(&bundle);
}

static void wrong_maps_change_nothing(void **state) {
    (void)state;
    static const struct {
        tw_rename renames[2];
        size_t count;
        const char *file;
        tw_status status;
        const char *part;
    } cases[] = {
        {{{"W1", "V1"}}, 1, NULL, TW_ERR_ARGUMENT, "'W1' is to be read as 'V1'"},
        {{{"W1", "W0"}}, 1, NULL, TW_ERR_ARGUMENT, "'W1' is to be read as 'W0'"},
        {{{"W1", "W2"}, {"W1", NULL}}, 2, NULL, TW_ERR_ARGUMENT, "'W1' is mapped or ignored twice"},
        {{{"no", "b"}}, 1, NULL, TW_ERR_DATA, "array 'no' is missing"},
        {{{"W1", "W2"}}, 1, NULL, TW_ERR_DATA, "'W1' and 'W2' would both be 'W2'"},
        {{{"W1", "H"}, {"W2", "H"}}, 2, NULL, TW_ERR_DATA, "would both be 'H'"},
        {{{NULL, NULL}}, 0, "{\"W1\": 3}", TW_ERR_DATA, "'W1' is neither null nor one of"},
        {{{NULL, NULL}}, 0, "{\"W1\": \"V\"}", TW_ERR_DATA, "'W1' is neither null nor one of"},
        {{{NULL, NULL}},
         0,
         "W0=W1",
         TW_ERR_DATA,
         "metadata 'map' is \"W0=W1\", expected an object"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tw_bundle bundle = {0};
        fill(&bundle, "W1", "W2");
        if (cases[i].file) assert_ok(tw_bundle_set_metadata(&bundle, "map", cases[i].file));
        tw_status got = tw_names_apply(&bundle, cases[i].count, cases[i].renames);
        if (got != cases[i].status || strstr(tw_last_error(), cases[i].part) == NULL)
            fail_msg("%zu: %s '%s'", i, tw_status_name(got), tw_last_error());
        assert_string_equal(bundle.arrays[0].name, "W1");
        assert_string_equal(bundle.arrays[1].name, "W2");
        assert_int_equal(bundle.array_count, 4);
        tw_bundle_clear(&bundle);
    }
}

static void words_are_read_as_renames(void **state) {
    (void)state;
    static const char *const good[] = {"a=b=W1", "W1=W2"}, *const ignored[] = {"spare"};
    static const char *const wrong[] = {"W1", "=W1", "W1=", ""};
    tw_bundle bundle = {0};
    fill(&bundle, "a=b", "W1");
    add(&bundle, "spare", 1, (size_t[]){2});
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_int_equal(tw_names_apply_words(&bundle, 1, &wrong[i], 1, ignored), TW_ERR_ARGUMENT);
        assert_non_null(strstr(tw_last_error(), "is not FILE_NAME=MODEL_NAME"));
        assert_int_equal(bundle.array_count, 5);
    }
    assert_ok(tw_names_apply_words(&bundle, 2, good, 1, ignored));
    assert_int_equal(bundle.array_count, 4);
    assert_string_equal(bundle.arrays[0].name, "W1");
    assert_string_equal(bundle.arrays[1].name, "W2");
    tw_bundle_clear(&bundle);
}

/* A ridge of the command line wins over metadata and over an array; a word leaves arrays alone. */
static void overrides_win(void **state) {
    (void)state;
    tw_bundle bundle = {0};
    tw_point point = {0};
    fill(&bundle, "W1", "W2");
    add(&bundle, "lambda_W", 1, (size_t[]){2});
    add(&bundle, "loss", 1, (size_t[]){3});
    tw_bundle_remove_metadata(&bundle, "lambda_W");
    assert_ok(tw_bundle_override(&bundle, "lambda_W", "[.25,1.]"));
    assert_ok(tw_bundle_override(&bundle, "lambda_H", ".5"));
    assert_ok(tw_bundle_override(&bundle, "loss", "mse"));
    assert_null(tw_bundle_find(&bundle, "lambda_W"));
    assert_non_null(tw_bundle_find(&bundle, "loss"));
    assert_string_equal(tw_bundle_metadata(&bundle, "lambda_W"), "[0.25,1.0]");
    assert_ok(tw_point_from_bundle(&bundle, &point));
    assert_true(point.model.lambda_W[0] == 0.25 && point.model.lambda_W[1] == 1.0);
    assert_true(point.model.lambda_H == 0.5);
    assert_string_equal(point.model.loss->name, "mse");
    tw_point_clear(&point);
    tw_bundle_clear(&bundle);
}

/* Labels in every form: the same point. */
static void labels_take_the_models_shape(void **state) {
    (void)state;
    static const double classes[5] = {0, 1, 1, 0, 1}, rows[10] = {1, 0, 0, 1, 0, 1, 1, 0, 0, 1},
                        columns[10] = {1, 0, 0, 1, 0, 0, 1, 1, 0, 1};
    static const struct {
        size_t shape[2];
        const double *values;
    } cases[] = {{{5, 1}, classes}, {{1, 5}, classes}, {{5, 2}, rows}, {{2, 5}, columns}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        tw_bundle bundle = {0};
        tw_point point = {0};
        fill(&bundle, "W1", "W2");
        tw_bundle_remove(&bundle, "labels");
        add(&bundle, "labels", 2, cases[i].shape);
        size_t count = cases[i].shape[0] * cases[i].shape[1];
        memcpy(bundle.arrays[3].values, cases[i].values, count * sizeof(double));
        assert_ok(tw_point_from_bundle(&bundle, &point));
        for (size_t k = 0; k < 5; k++) assert_true(point.model.labels[k] == (int)classes[k]);
        assert_int_equal(bundle.arrays[3].rank, 1);
        assert_ok(tw_point_to_bundle(&point, &bundle));
        tw_point_clear(&point);
        tw_bundle_clear(&bundle);
    }
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(weights_are_offered_in_order),
        cmocka_unit_test(shapes_tell_the_order),
        cmocka_unit_test(several_orders_are_a_guess),
        cmocka_unit_test(biases_go_to_their_layer),
        cmocka_unit_test(other_arrays_pass),
        cmocka_unit_test(shapes_of_layers_are_refused),
        cmocka_unit_test(copies_pass),
        cmocka_unit_test(names_change_at_once),
        cmocka_unit_test(a_name_left_out_can_be_given),
        cmocka_unit_test(the_files_map_comes_second),
        cmocka_unit_test(wrong_maps_change_nothing),
        cmocka_unit_test(words_are_read_as_renames),
        cmocka_unit_test(overrides_win),
        cmocka_unit_test(labels_take_the_models_shape),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
