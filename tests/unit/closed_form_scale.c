/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Scales, folds and thresholds of the closed forms, from the largest lambda to the smallest; texts
 * and cases that do not fit; failing allocations. */
#include "support/oom.h"
#include "unit/closed_form.h"

static void published_thresholds(void **state) {
    (void)state;
    tw_closed_form form = solve_at(make_case("ce", 10, 5, 12, 2), "dnc", 1.0);
    assert_false(form.exists);
    assert_true(isnan(form.loss) && isnan(form.parts[0].scale) && form.levels.count == 0);
    assert_near(form.fold_lambda, .050446, 5.1e-7);
    assert_near(form.beats_zero_lambda, .041261, 5.1e-7);
    assert_near(form.stable_lambda, .023590, 5.1e-7);
    double out[100];
    assert_int_equal(tw_closed_form_class_logits(&form, out), TW_ERR_DATA);
    assert_int_equal(tw_closed_form_singular_values(&form, out, NULL), TW_ERR_DATA);
    tw_closed_form_clear(&form);
}

/* Either side of each threshold, for every kind; the loss is even with zero at its own. */
static void check_thresholds(const char *loss, const char *text, size_t K, size_t L) {
    const double step = 1e-6;
    tw_closed_case given = make_case(loss, K, 3, K, L);
    tw_closed_form form = solve_at(given, text, 1e-4), at;
    double zero = strcmp(loss, "ce") == 0 ? log((double)K) : 0.5;
    at = solve_at(given, text, form.fold_lambda * (1.0 + step));
    assert_int_equal(at.exists, false);
    tw_closed_form_clear(&at);
    at = solve_at(given, text, form.fold_lambda * (1.0 - step));
    assert_true(at.exists && at.parts[0].scale >= 0.0);
    tw_closed_form_clear(&at);
    assert_true(form.beats_zero_lambda <= form.fold_lambda);
    if (L == 1) assert_near(form.beats_zero_lambda, form.fold_lambda, 0.0);
    if (form.beats_zero_lambda < form.fold_lambda) {
        at = solve_at(given, text, form.beats_zero_lambda);
        assert_near(at.loss, zero, 16 * DBL_EPSILON * zero * (double)K);
        tw_closed_form_clear(&at);
    }
    for (int side = -1; side <= 1 && form.has_spectrum; side += 2) {
        at = solve_at(given, text, form.stable_lambda * (1.0 + side * step));
        if (at.exists) {
            assert_int_equal(at.stability, side < 0 ? TW_CLOSED_STABLE : TW_CLOSED_SADDLE);
            uint64_t negative = tw_levels_below(&at.levels, -1e-9 * at.given.lambda);
            assert_int_equal(negative > 0, side > 0);
        }
        tw_closed_form_clear(&at);
    }
    tw_closed_form_clear(&form);
}

static void thresholds_hold_on_either_side(void **state) {
    (void)state;
    const tw_closed_kind *kind;
    for (size_t i = 0; (kind = tw_closed_kind_at(i)) != NULL; i++)
        for (size_t j = 0; j < 3 && kind->losses[j]; j++)
            for (size_t K = 2; K <= 7; K++)
                for (size_t variant = 0; variant < K; variant++)
                    for (size_t L = 1; L <= 5; L += 2) {
                        char text[64];
                        if (!text_for(kind, K, variant, text)) continue;
                        if (strcmp(kind->name, "zero") != 0)
                            check_thresholds(kind->losses[j], text, K, L);
                    }
}

/* Where a threshold has a formula, it is that. */
static void thresholds_in_formulas(void **state) {
    (void)state;
    for (size_t L = 1; L <= 6; L++) {
        double l = (double)L, c = (l - 1) / (l + 1), unit = 7 * pow(3, 1 / (l + 1));
        tw_closed_case given = make_case("mse", 7, 3, 8, L);
        tw_closed_form form = solve_at(given, "projector:4", 1e-4);
        double q = (l - 1) / (2 * l);
        assert_near(form.fold_lambda * unit, L == 1 ? 1 : (1 - q) * pow(q, c), 4e-15);
        q = (l - 1) / l;
        assert_near(form.beats_zero_lambda * unit, L == 1 ? 1 : (1 - q) * pow(q, c), 4e-15);
        tw_closed_form_clear(&form);
        given = make_case("ce", 7, 3, 8, L);
        form = solve_at(given, "dnc", 1e-4);
        if (L == 1) assert_near(form.fold_lambda * unit, 1, 4e-15);
        double a = 7 * c;
        if (L > 1) assert_near(form.stable_lambda * unit, 7 * pow(a, c) / (exp(a) + 6), 4e-15);
        tw_closed_form_clear(&form);
        /* L = 1 in closed form: a = log(1/(lambda sqrt n) - K + 1). */
        form = solve_at(given, "dnc", 1e-3);
        if (L == 1) assert_near(form.parts[0].scale, log(1e3 / sqrt(3) - 6), 4e-15);
        assert_int_equal(isnan(form.parts[0].other_scale), L == 1);
        tw_closed_form_clear(&form);
    }
}

/* log of x^c residual at a root, written out; K, k as in the header. */
static double log_target(const char *loss, double K, double c, double x) {
    return strcmp(loss, "mse") == 0 ? log1p(-x) + c * log(x)
                                    : log(K) + c * log(x) - x - log1p((K - 1) * exp(-x));
}

/* Both roots, from the fold to lambda = 1e-300 with a thousand million samples in each class. */
static void roots_at_any_scale(void **state) {
    (void)state;
    static const char *const losses[] = {"ce", "mse"};
    for (size_t i = 0; i < 48; i++) {
        const char *loss = losses[i % 2];
        size_t n = (size_t[]){1, 100, 1000000000}[i % 3], L = 1 + i / 6 % 4;
        tw_closed_case given = make_case(loss, 1000, n, 4096, L);
        double fold = fold_of(given, "dnc"), K = 1000, l = (double)L, c = (l - 1) / (l + 1);
        double lambda = i < 24 ? fold * (1 - 1e-9) : (double[]){1e-300, 1e-12}[i / 3 % 2] * fold;
        tw_closed_form form = solve_at(given, "dnc", lambda);
        double wanted = log(lambda) + log(K) + log((double)n) / (l + 1);
        const tw_closed_part *part = &form.parts[0];
        /* t = log a to 2 ulp, seen through a. */
        double size = 8 * DBL_EPSILON * (fabs(wanted) + 20);
        if (part->residual > 1e-3 || i % 2 == 0)
            assert_near(log_target(loss, K, c, part->scale), wanted, size);
        else
            assert_near(log(part->residual), wanted - c * log(part->scale), size);
        if (L > 1 && part->other_scale > 1e-290)
            assert_near(log_target(loss, K, c, part->other_scale), wanted, size);
        if (L > 1) assert_true(part->other_scale < part->scale);
        if (L > 1 && i < 24) assert_near(part->other_scale / part->scale, 1, 1e-3);
        assert_true(isfinite(form.loss) && form.loss > 0);
        assert_int_equal(tw_levels_total(&form.levels), form.parameters);
        for (size_t j = 0; j < form.levels.count; j++)
            assert_true(isfinite(form.levels.rows[j].value));
        tw_closed_form_clear(&form);
    }
}

static const struct {
    const char *loss, *text;
    size_t classes, samples, width, layers;
    double lambda;
} wrong[] = {
    {"ce", "", 4, 2, 4, 2, .01},
    {"ce", "dn", 4, 2, 4, 2, .01},
    {"ce", "dnc2", 4, 2, 4, 2, .01},
    {"ce", "dnc:", 4, 2, 4, 2, .01},
    {"ce", "zero:1", 4, 2, 4, 2, .01},
    {"ce", "cross-polytope", 5, 2, 4, 2, .01},
    {"mse", "cross-polytope", 4, 2, 4, 2, .01},
    {"mse", "blocks:2,2", 4, 2, 4, 2, .01},
    {"ce", "blocks", 4, 2, 4, 2, .01},
    {"ce", "blocks:", 4, 2, 4, 2, .01},
    {"ce", "blocks:2", 4, 2, 4, 2, .01},
    {"ce", "blocks:2,1", 4, 2, 4, 2, .01},
    {"ce", "blocks:3,1", 4, 2, 4, 2, .01},
    {"ce", "blocks:0,4", 4, 2, 4, 2, .01},
    {"ce", "blocks:2,3", 4, 2, 4, 2, .01},
    {"ce", "blocks:2,2,", 4, 2, 4, 2, .01},
    {"ce", "blocks:2,+2", 4, 2, 4, 2, .01},
    {"ce", "blocks:2;2", 4, 2, 4, 2, .01},
    {"ce", "blocks:99999999999999999999,2", 4, 2, 4, 2, .01},
    {"ce", "projector:2", 4, 2, 4, 2, .01},
    {"mse", "projector:0", 4, 2, 4, 2, .01},
    {"mse", "projector:5", 4, 2, 5, 2, .01},
    {"mse", "projector:2x", 4, 2, 4, 2, .01},
    {"ce", "dnc", 4, 2, 2, 2, .01},
    {"mse", "dnc", 4, 2, 3, 2, .01},
    {"ce", "dnc", 1, 2, 4, 2, .01},
    {"ce", "dnc", 4, 0, 4, 2, .01},
    {"ce", "dnc", 4, 2, 4, 0, .01},
    {"ce", "zero", 4, 2, 0, 2, .01},
    {"ce", "dnc", 4, 2, 4, 2, 0},
    {"ce", "dnc", 4, 2, 4, 2, NAN},
    {"ce", "dnc", 4, 2, 4, 2, INFINITY},
    {"none", "dnc", 4, 2, 4, 2, .01},
    {"ce", "dnc", 4, SIZE_MAX, 4, 2, .01},
};

static void what_does_not_fit_is_refused(void **state) {
    (void)state;
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        tw_closed_form form = {.rank = 77};
        tw_closed_case given = {wrong[i].classes, wrong[i].samples, wrong[i].width,
                                wrong[i].layers,  wrong[i].lambda,  tw_loss_find(wrong[i].loss)};
        tw_fail(TW_OK, "%s", "");
        if (tw_closed_form_solve(&given, wrong[i].text, &form) != TW_ERR_ARGUMENT)
            fail_msg("\"%s\" (row %zu) was accepted", wrong[i].text, i);
        assert_true(strlen(tw_last_error()) > 10);
        assert_true(form.rank == 77 && form.parts == NULL);
    }
    tw_closed_form_clear(NULL);
}

static tw_status solve_once(void *self) {
    tw_closed_case given = make_case(self ? "mse" : "ce", 6, 2, 8, 2);
    tw_closed_form form = {0};
    tw_status status = tw_closed_form_solve(&given, self ? "dnc" : "blocks:2,4", &form);
    tw_closed_form_clear(&form);
    tw_closed_form_clear(&form);
    return status;
}

static void failing_allocations(void **state) {
    int mse = 1;
    (void)state;
    assert_int_equal(oom_check(solve_once, &mse), 2);
    assert_int_equal(oom_check(solve_once, NULL), 2);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(published_thresholds),
        cmocka_unit_test(thresholds_hold_on_either_side),
        cmocka_unit_test(thresholds_in_formulas),
        cmocka_unit_test(roots_at_any_scale),
        cmocka_unit_test(what_does_not_fit_is_refused),
        cmocka_unit_test(failing_allocations),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
