/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Return curves: settings sorted into curves, and a known truth found again. */
#include "support/test.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <thalweg/base/random.h>
#include <thalweg/campaign/stability.h>

enum { RADII = 6, MOST = 24 };

/* Tables with nothing but what curves are made of. */
typedef struct campaign {
    char text[MOST][200];
    tw_campaign_class classes[MOST][2];
    tw_campaign_table tables[MOST];
    size_t count;
} campaign;

static char origin[] = "origin", other[] = "dnc";

static void add(campaign *c, const char *text, size_t returned, size_t done) {
    size_t i = c->count++, known = 0;
    snprintf(c->text[i], sizeof c->text[i], "%s", text);
    if (done > returned)
        c->classes[i][known++] = (tw_campaign_class){.name = other, .count = done - returned};
    if (returned > 0)
        c->classes[i][known++] = (tw_campaign_class){.name = origin, .count = returned};
    c->tables[i] = (tw_campaign_table){.setting = c->text[i],
                                       .asked = done,
                                       .done = done,
                                       .count = known,
                                       .classes = c->classes[i]};
}

static void clear_curves(tw_return_curve *curves, size_t count) {
    for (size_t i = 0; i < count; i++) tw_return_curve_clear(&curves[i]);
    free(curves);
}

/* Radii in any order and between other settings; a law of starts, an empty setting and another
 * method are on no curve of these. */
static void settings_find_their_curves(void **state) {
    (void)state;
    campaign c = {0};
    tw_return_curve *curves = NULL;
    size_t count;
    add(&c, "{\"classes\":4,\"radius\":1}", 3, 5);
    add(&c, "{\"around\":\"a.h5\",\"radius\":2,\"direction\":\"off-orbit\"}", 1, 10);
    add(&c, "{\"around\":\"b.h5\",\"radius\":2,\"direction\":\"off-orbit\"}", 2, 10);
    add(&c, "{\"around\":\"a.h5\",\"radius\":0.5,\"direction\":\"off-orbit\"}", 9, 10);
    add(&c, "{\"around\":\"a.h5\",\"radius\":3,\"direction\":\"off-orbit\"}", 0, 0);
    add(&c, "{\"around\":\"a.h5\",\"radius\":2,\"direction\":\"off-orbit\",\"method\":\"gd\"}", 4,
        8);
    assert_ok(tw_return_curves(c.count, c.tables, &curves, &count));
    assert_int_equal(count, 3);
    assert_int_equal(curves[0].count, 2);
    assert_true(curves[0].radius[0] == 0.5 && curves[0].radius[1] == 2.0);
    assert_true(curves[0].setting[0] == 3 && curves[0].setting[1] == 1);
    assert_true(curves[0].returned[0] == 9 && curves[0].done[0] == 10);
    assert_string_equal(curves[0].optimum, "a.h5");
    assert_string_equal(curves[0].direction, "off-orbit");
    assert_string_equal(curves[0].method, "lbfgs");
    tw_interval f = tw_fraction(9, 10, 0.95);
    assert_memory_equal(&curves[0].fraction[0], &f, sizeof f);
    assert_string_equal(curves[1].optimum, "b.h5");
    assert_string_equal(curves[2].method, "gd");
    clear_curves(curves, count);
    assert_ok(tw_return_curves(0, NULL, &curves, &count));
    assert_int_equal(count, 0);
    free(curves);
    tw_return_curve_clear(NULL);
}

/* p(rho) = 1/(1 + (rho/0.7)^4): one half at 0.7. Every interval of a curve holds its p in at least
 * 95 % of 400 campaigns, up to four standard deviations of that share. */
static void a_known_curve_is_found_again(void **state) {
    (void)state;
    enum { CAMPAIGNS = 400, DRAWS = 60 };
    size_t held = 0, held_half = 0;
    for (size_t run = 0; run < CAMPAIGNS; run++) {
        campaign c = {0};
        tw_return_curve *curves = NULL;
        size_t count;
        double truth[RADII];
        tw_random stream;
        tw_random_init(&stream, 11, TW_PURPOSE_TEST, run);
        for (size_t i = 0; i < RADII; i++) {
            char text[200];
            double radius = 0.3 * pow(1.5, (double)i);
            size_t returned = 0;
            truth[i] = 1.0 / (1.0 + pow(radius / 0.7, 4.0));
            for (size_t j = 0; j < DRAWS; j++) returned += tw_random_uniform(&stream) < truth[i];
            snprintf(text, sizeof text, "{\"around\":\"a.h5\",\"radius\":%.17g}", radius);
            add(&c, text, returned, DRAWS);
        }
        assert_ok(tw_return_curves(c.count, c.tables, &curves, &count));
        assert_true(count == 1 && curves[0].count == RADII);
        assert_string_equal(curves[0].direction, "whole");
        for (size_t i = 0; i < RADII; i++)
            held += curves[0].fraction[i].low <= truth[i] && truth[i] <= curves[0].fraction[i].high;
        held_half += curves[0].half.low <= 0.7 && 0.7 <= curves[0].half.high;
        clear_curves(curves, count);
    }
    double deviation = sqrt(0.95 * 0.05 / CAMPAIGNS);
    assert_true((double)held / (CAMPAIGNS * RADII) >= 0.95 - 4.0 * deviation / sqrt(RADII));
    assert_near((double)held_half / CAMPAIGNS, 0.95, 0.01 + 4.0 * deviation);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(settings_find_their_curves),
        cmocka_unit_test(a_known_curve_is_found_again),
    };
    return cmocka_run_group_tests_name("stability", tests, NULL, NULL);
}
