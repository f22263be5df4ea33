/* SPDX-License-Identifier: GPL-3.0-or-later */
/* L-BFGS beside the two loops as they are written in books, and its search along a line. */
#include "support/descents.h"
#include "training/wolfe_private.h"

enum { PAIRS = 4, SEEN_MOST = 400 };

/* ---- Steps ---- */

typedef struct seen {
    const tw_objective *f;
    size_t count;
    double x[SEEN_MOST][SLOPE_MAX], g[SEEN_MOST][SLOPE_MAX], value[SEEN_MOST];
} seen;

static tw_status see(void *self, const tw_descent_view *view) {
    seen *s = self;
    assert_true(s->count < SEEN_MOST);
    memcpy(s->x[s->count], view->x, s->f->n * sizeof *view->x);
    assert_ok(s->f->eval(s->f->self, view->x, &s->value[s->count], s->g[s->count]));
    s->count++;
    return TW_OK;
}

static double inner(size_t n, const double *a, const double *b) {
    double sum = 0.0;
    for (size_t i = 0; i < n; i++) sum += a[i] * b[i];
    return sum;
}

static void subtract(size_t n, const double *a, const double *b, double *out) {
    for (size_t i = 0; i < n; i++) out[i] = a[i] - b[i];
}

/* Nocedal and Wright, algorithm 7.4, on vectors: d at point k from the pairs before it. */
static void two_loops(const seen *s, size_t k, double *d) {
    size_t n = s->f->n, count = k < PAIRS ? k : PAIRS;
    double S[PAIRS][SLOPE_MAX], Y[PAIRS][SLOPE_MAX], alpha[PAIRS], beta, gamma = 1.0;
    memcpy(d, s->g[k], n * sizeof *d);
    for (size_t age = 0; age < count; age++) {
        subtract(n, s->x[k - age], s->x[k - age - 1], S[age]);
        subtract(n, s->g[k - age], s->g[k - age - 1], Y[age]);
        alpha[age] = inner(n, S[age], d) / inner(n, S[age], Y[age]);
        for (size_t i = 0; i < n; i++) d[i] -= alpha[age] * Y[age][i];
    }
    if (count > 0) gamma = inner(n, S[0], Y[0]) / inner(n, Y[0], Y[0]);
    for (size_t i = 0; i < n; i++) d[i] *= gamma;
    for (size_t age = count; age-- > 0;) {
        beta = inner(n, Y[age], d) / inner(n, S[age], Y[age]);
        for (size_t i = 0; i < n; i++) d[i] += (alpha[age] - beta) * S[age][i];
    }
    for (size_t i = 0; i < n; i++) d[i] = -d[i];
}

/* The step from k goes along d, and satisfies the strong Wolfe conditions there. */
static void check_step(const seen *s, size_t k) {
    size_t n = s->f->n;
    double d[SLOPE_MAX], step[SLOPE_MAX];
    two_loops(s, k, d);
    subtract(n, s->x[k + 1], s->x[k], step);
    double t = inner(n, step, d) / inner(n, d, d), off = 0.0;
    for (size_t i = 0; i < n; i++) off += (step[i] - t * d[i]) * (step[i] - t * d[i]);
    assert_true(t > 0.0);
    assert_true(sqrt(off) <= 1e-8 * sqrt(inner(n, step, step)));
    double before = inner(n, s->g[k], d), after = inner(n, s->g[k + 1], d);
    assert_true(fabs(after) <= 0.9 * fabs(before) * (1.0 + 1e-8));
    assert_true(s->value[k + 1] <= s->value[k] + 1e-4 * t * before + 1e-15);
}

static void steps_are_those_of_the_two_loops(void **state) {
    (void)state;
    small_model m;
    small_model_init(&m, (small_shape){3, 4, 3, 2, 1e-2, NULL});
    const tw_descent_problem problem = {&m.objective, NULL};
    for (uint64_t i = 0; i < 5; i++) {
        static seen s;
        double start[SLOPE_MAX];
        descent d;
        tw_descent_options options = TW_DESCENT_DEFAULTS;
        const tw_observer observer = {.see = see, .self = &s};
        s = (seen){.f = &m.objective};
        options.observer = &observer;
        options.tolerance = 1e-6; /* deeper down, pairs are rounding to more than 1e-8 */
        random_start(m.objective.n, i, start);
        assert_ok(descend_from(tw_descent_method_find("lbfgs"), &problem, &options, start, &d));
        assert_int_equal(d.result.reason, TW_DESCENT_CONVERGED);
        assert_true(s.count > 4 * PAIRS);
        for (size_t k = 0; k + 1 < s.count; k++) check_step(&s, k);
        free_descent(&d);
    }
    small_model_clear(&m);
}

/* Below ||g|| of about 1e-8 differences of f are noise. */
static void goes_down_to_rounding_from_everywhere(void **state) {
    (void)state;
    small_model m;
    small_model_init(&m, (small_shape){3, 6, 4, 1, 1e-2, NULL});
    const tw_descent_problem problem = {&m.objective, NULL};
    for (uint64_t i = 0; i < 200; i++) {
        double start[SLOPE_MAX];
        descent d;
        tw_descent_options options = TW_DESCENT_DEFAULTS;
        options.tolerance = 1e-14;
        random_start(m.objective.n, i, start);
        assert_ok(descend_from(tw_descent_method_find("lbfgs"), &problem, &options, start, &d));
        assert_string_equal(tw_descent_reason_name(d.result.reason), "converged");
        free_descent(&d);
    }
    small_model_clear(&m);
}

/* ---- The search ---- */

typedef struct line {
    const char *name;
    double (*phi)(double t, double *slope);
    double from, to; /* every step that may be taken lies between them */
} line;

static double bowl_line(double t, double *slope) {
    *slope = t - 1.0;
    return 0.5 * t * t - t;
}

/* Valleys at 1 and, higher, at 7, with a crest between. */
static double valleys_line(double t, double *slope) {
    *slope = 0.05 * (t - 1.0) * (t - 4.0) * (t - 7.0);
    return 0.05 * (pow(t, 4.0) / 4.0 - 4.0 * pow(t, 3.0) + 19.5 * t * t - 28.0 * t);
}

/* Falls along a plain and rises at a wall, at 1000. */
static double wall_line(double t, double *slope) {
    double e = exp(t - 1000.0);
    *slope = e - 0.01;
    return e - exp(-1000.0) - 0.01 * t;
}

/* A kink to all intents: a trial on either side says nothing of the valley, at 0.3. */
static double notch_line(double t, double *slope) {
    double away = (t - 0.3) / 1e-3, root = sqrt(1.0 + away * away);
    *slope = away / root;
    return 1e-3 * (root - sqrt(1.0 + 9e4));
}

static const line lines[] = {
    {"bowl", bowl_line, 0.1, 1.9},
    {"valleys", valleys_line, 0.0, 8.0},
    {"wall", wall_line, 900.0, 1001.0},
    {"notch", notch_line, 0.25, 0.35},
};

static void steps_satisfy_both_conditions(void **state) {
    (void)state;
    const double firsts[] = {1e-6, 1e-2, 1.0, 5.0, 7.0, 100.0, 1e6};
    for (size_t l = 0; l < sizeof lines / sizeof *lines; l++)
        for (size_t i = 0; i < sizeof firsts / sizeof *firsts; i++) {
            tw_wolfe search;
            tw_wolfe_verdict verdict = TW_WOLFE_GO_ON;
            double first, slope, change;
            lines[l].phi(0.0, &first);
            tw_wolfe_start(&search, first, firsts[i]);
            while (verdict == TW_WOLFE_GO_ON) {
                change = lines[l].phi(search.t, &slope);
                if (!isfinite(change) || !isfinite(slope)) {
                    change = -4.0 * search.t * first; /* as L-BFGS shows it */
                    slope = -9.0 * first;
                }
                verdict = tw_wolfe_tell(&search, change, slope);
            }
            if (verdict != TW_WOLFE_TAKE) fail_msg("%s from %g", lines[l].name, firsts[i]);
            change = lines[l].phi(search.t, &slope);
            assert_true(change <= 1e-4 * search.t * first && fabs(slope) <= -0.9 * first);
            assert_true(search.t >= lines[l].from && search.t <= lines[l].to);
        }
}

static void a_line_without_an_end_runs_away(void **state) {
    (void)state;
    tw_wolfe search;
    tw_wolfe_verdict verdict = TW_WOLFE_GO_ON;
    tw_wolfe_start(&search, -1.0, 1.0);
    while (verdict == TW_WOLFE_GO_ON) verdict = tw_wolfe_tell(&search, -search.t, -1.0);
    assert_int_equal(verdict, TW_WOLFE_RUNAWAY);
}

/* A slope that the values deny. */
static void a_line_that_only_rises_has_no_step(void **state) {
    (void)state;
    tw_wolfe search;
    tw_wolfe_verdict verdict = TW_WOLFE_GO_ON;
    tw_wolfe_start(&search, -1.0, 1.0);
    while (verdict == TW_WOLFE_GO_ON) verdict = tw_wolfe_tell(&search, search.t, 1.0);
    assert_int_equal(verdict, TW_WOLFE_NOTHING);
    assert_true(search.trials <= TW_WOLFE_TRIALS);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(steps_are_those_of_the_two_loops),
        cmocka_unit_test(goes_down_to_rounding_from_everywhere),
        cmocka_unit_test(steps_satisfy_both_conditions),
        cmocka_unit_test(a_line_without_an_end_runs_away),
        cmocka_unit_test(a_line_that_only_rises_has_no_step),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
