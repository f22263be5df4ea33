/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The oracles against the reference optima of tests/data, whose numbers were computed elsewhere.
 * The one self test that needs the library: it reads the files. */
#include <stdio.h>
#include <string.h>
#include <thalweg/files/bundle.h>
#include <thalweg/files/json.h>

#include "check.h"
#include "symmetry_oracle.h"

/* One file: the point, and the two parts of the description beside it. */
typedef struct golden {
    small_model small;
    double *theta;
    tw_json *root;
    const tw_json *spec, *reference;
} golden;

static double number(const tw_json *object, const char *key) {
    double value = NAN;
    if (!tw_json_as_number(tw_json_get(object, key), &value)) fail_msg("no number %s", key);
    return value;
}

static void read_description(const char *name, golden *g) {
    char path[512], text[1 << 15];
    snprintf(path, sizeof path, TEST_DATA "/%s.json", name);
    FILE *file = fopen(path, "rb");
    assert_non_null(file);
    size_t bytes = fread(text, 1, sizeof text, file);
    fclose(file);
    assert_true(bytes < sizeof text);
    assert_int_equal(tw_json_parse(text, bytes, &g->root), TW_OK);
    g->spec = tw_json_get(g->root, "spec");
    g->reference = tw_json_get(g->root, "reference");
}

/* F (column-major, out) = the array, which stands in C order. */
static void take_matrix(const tw_bundle *bundle, const char *name, double *F) {
    const tw_array *array = tw_bundle_find(bundle, name);
    assert_non_null(array);
    for (size_t i = 0; i < array->shape[0]; i++)
        for (size_t j = 0; j < array->shape[1]; j++)
            F[i + array->shape[0] * j] = array->values[i * array->shape[1] + j];
}

static void read_golden(const char *name, golden *g) {
    size_t hidden[7];
    char path[512];
    *g = (golden){0};
    read_description(name, g);
    const tw_json *widths = tw_json_get(g->spec, "widths");
    size_t L = tw_json_size(widths);
    for (size_t l = 0; l < L; l++) {
        double width = 0;
        assert_true(tw_json_as_number(tw_json_at(widths, l), &width));
        hidden[l] = (size_t)width;
    }
    small_model_fill(&g->small, (size_t)number(g->spec, "classes"),
                     (size_t)number(g->spec, "samples_per_class"), L, hidden,
                     number(g->spec, "lambda_W"));
    oracle_model *model = &g->small.model;
    model->lambda_H = number(g->spec, "lambda_H");
    model->loss = strcmp(tw_json_as_string(tw_json_get(g->spec, "loss")), "ce") != 0;

    tw_bundle bundle = {0};
    snprintf(path, sizeof path, TEST_DATA "/%s.npz", name);
    assert_int_equal(tw_bundle_read(path, &bundle), TW_OK);
    g->theta = oracle_alloc(oracle_parameters(model), sizeof *g->theta);
    for (size_t l = 0; l < L; l++) {
        char key[] = {'W', (char)('1' + l), 0};
        take_matrix(&bundle, key, g->theta + oracle_offset(model, l));
    }
    take_matrix(&bundle, "H", g->theta + oracle_offset(model, L));
    const tw_array *labels = tw_bundle_find(&bundle, "labels");
    for (size_t i = 0; i < model->samples; i++) g->small.labels[i] = (int)labels->values[i];
    tw_bundle_clear(&bundle);
}

/* Every eigenvalue, and the determinant without the zero modes. */
static void check_spectrum(const golden *g, const double *values, size_t zeros) {
    const tw_json *list = tw_json_get(g->reference, "eigenvalues");
    size_t P = oracle_parameters(&g->small.model);
    double rounding = 10 * (double)P * DBL_EPSILON * values[P - 1], log_determinant = 0, want = 0;
    assert_int_equal(tw_json_size(list), P);
    for (size_t i = 0; i < P; i++) {
        assert_true(tw_json_as_number(tw_json_at(list, i), &want));
        CHECK_CLOSE(values[i], want, rounding);
        if (i >= zeros) log_determinant += log(values[i]);
    }
    /* each logarithm is off by rounding / value, the smallest of which is values[zeros] */
    CHECK_CLOSE(log_determinant, number(g->reference, "log_det_nonzero"),
                (double)P * rounding / values[zeros]);
}

static void check_orbit(const golden *g, const double *H, double scale) {
    size_t P = oracle_parameters(&g->small.model);
    double *image = oracle_alloc(P, sizeof *image), rounding = 10 * (double)P * DBL_EPSILON;
    oracle_orbit orbit;
    oracle_orbit_build(&g->small.model, g->theta, 1e-10, &orbit);
    assert_int_equal(orbit.rank, (size_t)number(g->reference, "zero_modes"));
    for (size_t i = 0; i < orbit.rank; i++) {
        oracle_multiply(P, P, H, orbit.basis + i * P, image);
        CHECK_BELOW(oracle_norm(P, image), rounding * scale);
    }
    size_t rank = (size_t)number(g->reference, "logit_rank");
    CHECK_CLOSE(oracle_log_orbit_volume(&g->small.model, &orbit, rank),
                number(g->reference, "log_orbit_volume"), (double)orbit.rank * rounding);
    oracle_orbit_clear(&orbit);
    free(image);
}

static void check_golden(const char *name) {
    golden g;
    read_golden(name, &g);
    const oracle_model *model = &g.small.model;
    size_t P = oracle_parameters(model), zeros = (size_t)number(g.reference, "zero_modes");
    double *H = oracle_alloc(P * P, sizeof *H), *x = oracle_alloc(P, sizeof *x);
    assert_int_equal(P, (size_t)number(g.reference, "parameters"));
    CHECK_CLOSE(oracle_value(model, g.theta), number(g.reference, "loss_value"),
                (double)P * DBL_EPSILON);
    oracle_hessian(model, g.theta, H);
    oracle_eigenvalues(P, H, x);
    check_spectrum(&g, x, zeros);
    check_orbit(&g, H, x[P - 1]);
    double scale = x[P - 1];
    oracle_gradient(model, g.theta, x);
    CHECK_BELOW(oracle_norm(P, x), 10 * (double)P * DBL_EPSILON * scale);
    free(H);
    free(x);
    free(g.theta);
    tw_json_destroy(g.root);
}

static void reference_optima_agree(void **state) {
    (void)state;
    static const char *const names[] = {"ce-L1-K5-nc",    "ce-L2-K4-dnc",   "ce-L2-K4-rank2",
                                        "ce-L3-K4-dnc",   "ce-L3-K4-rank2", "ce-L4-K6-rank2",
                                        "ce-L4-K6-rank3", "mse-L2-K4-dnc"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) check_golden(names[i]);
}

int main(void) {
    const struct CMUnitTest tests[] = {cmocka_unit_test(reference_optima_agree)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
