/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Initial points: moments of every law, orthonormality, independence of blocks, the grammar. */
#include "support/test.h"

#include <string.h>
#include <thalweg/model/initialisation.h>

static tw_dufm wide(void) {
    tw_dufm model = {0};
    assert_ok(tw_dufm_init(&model, 2, 60));
    model.widths[0] = 50;
    model.widths[1] = 80;
    model.widths[2] = 4;
    for (size_t i = 0; i < 60; i++) model.labels[i] = (int)(i % 4);
    model.loss = tw_loss_find("ce");
    model.activation = tw_activation_find("linear");
    model.bias = true;
    assert_ok(tw_dufm_check(&model));
    return model;
}

static double *draw(const tw_dufm *model, const char *text, uint64_t seed, uint64_t index) {
    tw_initialisation init = {0};
    double *theta = calloc(tw_dufm_parameters(model), sizeof *theta);
    assert_ok(tw_initialisation_parse(model, text, &init));
    assert_ok(tw_initialise(model, &init, seed, index, theta));
    tw_initialisation_clear(&init);
    return theta;
}

/* Mean of the entries to a power, over one block. */
static double moment(const tw_dufm *model, const double *theta, size_t index, int power) {
    tw_block block = tw_dufm_block(model, index);
    double sum = 0.0;
    for (size_t i = 0; i < block.rows * block.cols; i++) sum += pow(theta[block.offset + i], power);
    return sum / (double)(block.rows * block.cols);
}

/* Six standard errors of a mean of m squares of unit variance normal (uniform is narrower). */
static double error_of(const tw_dufm *model, size_t index) {
    tw_block block = tw_dufm_block(model, index);
    return 6.0 * sqrt(2.0 / (double)(block.rows * block.cols));
}

static void laws_have_their_variance(void **state) {
    (void)state;
    tw_dufm model = wide();
    const struct {
        const char *text;
        double variance[3]; /* W1, W2, H */
    } cases[] = {{"normal:0.5", {.25, .25, .25}},
                 {"normal-fanin:2", {4.0 / 50, 4.0 / 80, 4.0 / 50}},
                 {"uniform-fanin", {1.0 / 150, 1.0 / 240, 1.0 / 150}},
                 {"H:normal:1,W:uniform-fanin", {1.0 / 150, 1.0 / 240, 1}},
                 {"W:normal:3,W2:zero,H:normal:2", {9, 0, 4}}};
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        double *theta = draw(&model, cases[c].text, 7, 0);
        for (size_t b = 0; b < 3; b++) {
            double variance = cases[c].variance[b], unit = variance > 0.0 ? variance : 1.0;
            assert_near(moment(&model, theta, b, 2) / unit, variance / unit, error_of(&model, b));
            assert_near(moment(&model, theta, b, 1) / sqrt(unit), 0.0, error_of(&model, b));
        }
        assert_near(moment(&model, theta, 3, 2), 0.0, 0.0); /* the bias */
        free(theta);
    }
    tw_dufm_clear(&model);
}

static void orthogonal_frames_are_orthonormal(void **state) {
    (void)state;
    tw_dufm model = wide();
    double *theta = draw(&model, "orthogonal:3", 1, 0);
    for (size_t b = 0; b < 3; b++) {
        tw_block block = tw_dufm_block(&model, b);
        size_t m = block.rows, n = block.cols, thin = m < n ? m : n, tall = m < n ? n : m;
        for (size_t i = 0; i < thin; i++)
            for (size_t j = 0; j <= i; j++) {
                double dot = 0.0;
                for (size_t k = 0; k < tall; k++)
                    dot += m > n
                               ? theta[block.offset + k + i * m] * theta[block.offset + k + j * m]
                               : theta[block.offset + i + k * m] * theta[block.offset + j + k * m];
                assert_near(dot, i == j ? 9.0 : 0.0, 9.0 * 100.0 * DBL_EPSILON);
            }
    }
    free(theta);
    tw_dufm_clear(&model);
}

/* Changing one block's law, or the bias, leaves the others' bits alone; so does asking twice. */
static void blocks_are_independent_streams(void **state) {
    (void)state;
    tw_dufm model = wide();
    size_t bytes = tw_dufm_parameters(&model) * sizeof(double);
    tw_block H = tw_dufm_factor(&model, 0);
    double *a = draw(&model, "normal:1", 5, 3), *b = draw(&model, "normal:1", 5, 3);
    double *c = draw(&model, "normal:1,W1:orthogonal:1,b:normal:1", 5, 3);
    double *other = draw(&model, "normal:1", 5, 4);
    assert_memory_equal(a, b, bytes);
    assert_memory_equal(a + H.offset, c + H.offset, H.rows * H.cols * sizeof *a);
    assert_true(memcmp(a, c, bytes) != 0 && memcmp(a, other, bytes) != 0);
    assert_true(moment(&model, c, 3, 2) > 0.0);
    free(a);
    free(b);
    free(c);
    free(other);
    tw_dufm_clear(&model);
}

static void wrong_texts_are_refused(void **state) {
    (void)state;
    tw_dufm model = wide();
    const char *wrong[] = {"",
                           "normal",
                           "normal:",
                           "normal:-1",
                           "normal:0",
                           "normal:nan",
                           "normal:inf",
                           "normal:1x",
                           "gauss:1",
                           "H:normal:1",
                           "W:normal:1",
                           "W3:normal:1",
                           "normal:1,",
                           "uniform-fanin:2",
                           "H:normal:1,W1:normal:1",
                           "H:",
                           "H",
                           "H:normal:1,,W:normal:1",
                           "Horrible-and-much-longer-than-any-block:normal:1"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        tw_initialisation init = {0};
        assert_int_equal(tw_initialisation_parse(&model, wrong[i], &init), TW_ERR_ARGUMENT);
        assert_true(init.blocks == NULL && strlen(tw_last_error()) > 10);
    }
    tw_dufm_clear(&model);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(laws_have_their_variance),
        cmocka_unit_test(orthogonal_frames_are_orthonormal),
        cmocka_unit_test(blocks_are_independent_streams),
        cmocka_unit_test(wrong_texts_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
