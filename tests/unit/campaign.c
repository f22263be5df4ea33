/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Matching, jobs and their tables: what a campaign is made of, without its processes. */
#include "support/test.h"

#include <string.h>
#include <thalweg/base/random.h>
#include <thalweg/campaign/campaign.h>
#include <thalweg/campaign/contrast.h>
#include <thalweg/campaign/setting.h>

#define SMALL                                                                                      \
    "\"classes\":4,\"samples\":1,\"width\":6,\"depth\":3,\"lambda\":0.002,"                        \
    "\"init\":\"normal-fanin:0.6\""

/* ---- Matching ---- */

enum { K = 5 };

static tw_signature signature_of(const double *Z, const double *values, double loss) {
    return (tw_signature){.state = TW_STATE_MINIMUM,
                          .loss = loss,
                          .rank = 3,
                          .singular_count = 3,
                          .singular_values = values,
                          .class_logits = Z};
}

static void permute(const double *Z, const size_t *pi, double *out) {
    for (size_t j = 0; j < K; j++)
        for (size_t i = 0; i < K; i++) out[i + K * j] = Z[pi[i] + K * pi[j]];
}

/* A random matrix in all orders is one class, moved by more than the tolerance another; with
 * unequal class sizes only exchanges of equal classes count. */
static void matching_is_up_to_permutations_of_equal_classes(void **state) {
    (void)state;
    const size_t equal[K] = {2, 2, 2, 2, 2}, unequal[K] = {2, 2, 3, 3, 3};
    const size_t orders[][K] = {{4, 2, 0, 1, 3}, {1, 0, 2, 3, 4}, {0, 1, 4, 2, 3}};
    const double values[3] = {3.0, 2.0, 1.0};
    const tw_match_options options = TW_MATCH_DEFAULTS;
    double Z[K * K], other[K * K];
    tw_random stream;
    size_t index;
    tw_random_init(&stream, 1, TW_PURPOSE_TEST, 0);
    tw_random_fill_normal(&stream, K * K, Z);
    for (int sizes = 0; sizes < 2; sizes++) {
        tw_matcher *m = NULL;
        assert_ok(tw_matcher_create(K, sizes ? unequal : equal, &options, &m));
        tw_signature s = signature_of(Z, values, 0.5);
        assert_ok(tw_matcher_add(m, &s, &index));
        assert_int_equal(index, 0);
        for (size_t p = 0; p < 3; p++) {
            permute(Z, orders[p], other);
            for (size_t i = 0; i < K * K; i++) other[i] += 1e-7 * sin((double)i);
            s = signature_of(other, values, 0.5);
            assert_ok(tw_matcher_add(m, &s, &index));
            assert_true((index == 0) == (sizes == 0 || p > 0));
        }
        other[3] += 1e-4;
        s = signature_of(other, values, 0.5);
        assert_ok(tw_matcher_add(m, &s, &index));
        assert_int_not_equal(index, 0);
        size_t total = 0;
        for (size_t i = 0; i < tw_matcher_count(m); i++) total += tw_matcher_class(m, i).count;
        assert_int_equal(total, 5);
        tw_matcher_destroy(m);
    }
}

/* The same sorted entries, no permutation: only the search can tell. Rows and columns of a
 * circulant against one with two entries exchanged. */
static void the_search_sees_what_sorting_does_not(void **state) {
    (void)state;
    const size_t equal[K] = {1, 1, 1, 1, 1};
    const double values[3] = {1.0, 1.0, 1.0};
    const tw_match_options options = TW_MATCH_DEFAULTS;
    double A[K * K], B[K * K];
    for (size_t j = 0; j < K; j++)
        for (size_t i = 0; i < K; i++) A[i + K * j] = B[i + K * j] = (double)((i + K - j) % K);
    B[1 + K * 0] = A[2 + K * 0];
    B[2 + K * 0] = A[1 + K * 0];
    tw_matcher *m = NULL;
    size_t index;
    assert_ok(tw_matcher_create(K, equal, &options, &m));
    tw_signature a = signature_of(A, values, 1.0), b = signature_of(B, values, 1.0);
    assert_ok(tw_matcher_add(m, &a, &index));
    assert_ok(tw_matcher_add(m, &b, &index));
    assert_int_equal(index, 1);
    tw_matcher_destroy(m);
}

/* Two graphs of 16 vertices with six neighbours each, the 4 x 4 grid by rows and columns and
 * Shrikhande's: no count of entries and no eigenvalue tells them apart. Any copy of either is
 * of its class. */
static void twins_that_only_structure_tells_apart(void **state) {
    (void)state;
    enum { V = 16 };
    const double values[3] = {6.0, 2.0, 2.0};
    const tw_match_options options = TW_MATCH_DEFAULTS;
    double graphs[4][V * V];
    size_t sizes[V], found[4], order[V];
    for (size_t i = 0; i < V; i++) {
        sizes[i] = 5;
        order[i] = (7 * i + 3) % V;
        for (size_t j = 0; j < V; j++) {
            size_t rows = (i / 4 + 4 - j / 4) % 4, columns = (i % 4 + 4 - j % 4) % 4;
            size_t apart = 4 * rows + columns;
            bool grid = i != j && (rows == 0 || columns == 0);
            bool cayley =
                apart == 1 || apart == 3 || apart == 4 || apart == 12 || apart == 5 || apart == 15;
            graphs[0][i + V * j] = grid;
            graphs[1][i + V * j] = cayley;
        }
    }
    for (size_t g = 0; g < 2; g++)
        for (size_t i = 0; i < V; i++)
            for (size_t j = 0; j < V; j++)
                graphs[2 + g][i + V * j] = graphs[g][order[i] + V * order[j]];
    tw_matcher *m = NULL;
    assert_ok(tw_matcher_create(V, sizes, &options, &m));
    for (size_t g = 0; g < 4; g++) {
        tw_signature s = signature_of(graphs[g], values, 1.0);
        assert_ok(tw_matcher_add(m, &s, &found[g]));
    }
    assert_int_equal(found[0], 0);
    assert_int_equal(found[1], 1);
    assert_int_equal(found[2], 0);
    assert_int_equal(found[3], 1);
    tw_matcher_destroy(m);
}

static void states_keep_apart_and_names_are_stable(void **state) {
    (void)state;
    const size_t equal[K] = {1, 1, 1, 1, 1};
    const double values[3] = {3.0, 2.0, 1.0};
    const tw_match_options options = TW_MATCH_DEFAULTS;
    double Z[K * K] = {1.0};
    tw_matcher *m = NULL;
    size_t index;
    assert_ok(tw_matcher_create(K, equal, &options, &m));
    tw_signature s = signature_of(Z, values, 0.25);
    assert_ok(tw_matcher_name(m, "known", &s));
    assert_ok(tw_matcher_add(m, &s, &index));
    assert_string_equal(tw_matcher_class(m, index).name, "known");
    s.state = TW_STATE_SADDLE;
    assert_ok(tw_matcher_add(m, &s, &index));
    assert_string_equal(tw_matcher_class(m, index).name, "saddle known");
    s.state = TW_STATE_UNCONVERGED;
    assert_ok(tw_matcher_add(m, &s, &index));
    s.loss = 77.0;
    assert_ok(tw_matcher_add(m, &s, &index));
    assert_string_equal(tw_matcher_class(m, index).name, "unconverged");
    assert_int_equal(tw_matcher_class(m, index).count, 2);
    s = signature_of(Z, values, 0.26);
    assert_ok(tw_matcher_add(m, &s, &index));
    assert_memory_equal(tw_matcher_class(m, index).name, "rank3-", 6);
    tw_matcher_destroy(m);
}

/* ---- Jobs ---- */

static bool stop_at_once(void *self, const char *stage, double done, double total) {
    (void)self;
    (void)stage;
    (void)done;
    (void)total;
    return true;
}

/* Restart 5 is the same bits after others and with a fresh job; stopped, it is not finished. */
static void a_restart_hangs_on_its_number_alone(void **state) {
    (void)state;
    tw_job *first = NULL, *second = NULL;
    tw_store_row a, b;
    bool finished;
    double values[4], logits[16];
    assert_ok(tw_job_create("{" SMALL "}", &first));
    assert_ok(tw_job_create("{" SMALL "}", &second));
    assert_ok(tw_job_run(first, 3, NULL, &a, &finished));
    assert_ok(tw_job_run(first, 5, NULL, &a, &finished));
    assert_true(finished && a.singular_count == 4 && a.class_count == 4);
    memcpy(values, a.singular_values, sizeof values);
    memcpy(logits, a.class_logits, sizeof logits);
    assert_ok(tw_job_run(second, 5, NULL, &b, &finished));
    assert_true(a.loss == b.loss && a.evaluations == b.evaluations && a.steps == b.steps);
    assert_memory_equal(values, b.singular_values, sizeof values);
    assert_memory_equal(logits, b.class_logits, sizeof logits);
    assert_true(b.negative == 0 && b.zero > 0 && b.gradient_norm < 1e-14);
    const tw_monitor monitor = {stop_at_once, NULL};
    assert_ok(tw_job_run(second, 6, &monitor, &b, &finished));
    assert_false(finished);
    tw_job_destroy(first);
    tw_job_destroy(second);
}

/* Far beyond the fold everything ends at zero; and the name says so. */
static void closed_forms_give_their_names(void **state) {
    (void)state;
    const struct {
        const char *setting, *name;
    } cases[] = {
        {"{\"classes\":4,\"samples\":2,\"width\":5,\"depth\":2,\"lambda\":0.5,"
         "\"init\":\"normal:0.1\"}",
         "zero"},
        {"{\"classes\":2,\"samples\":3,\"width\":4,\"depth\":1,\"lambda_W\":0.01,"
         "\"lambda_H\":0.04,\"init\":\"normal:1\"}",
         "dnc"},
        {"{\"classes\":3,\"samples\":2,\"width\":6,\"depth\":1,\"lambda\":0.01,\"loss\":\"mse\","
         "\"init\":\"normal:1\"}",
         "dnc"},
    };
    const tw_match_options options = TW_MATCH_DEFAULTS;
    for (size_t c = 0; c < sizeof cases / sizeof *cases; c++) {
        tw_job *job = NULL;
        tw_matcher *m = NULL;
        tw_store_row row;
        bool finished;
        size_t index;
        assert_ok(tw_job_create(cases[c].setting, &job));
        assert_ok(tw_job_matcher(job, &options, &m));
        assert_ok(tw_job_run(job, 0, NULL, &row, &finished));
        tw_signature s = tw_job_signature(&row);
        assert_ok(tw_matcher_add(m, &s, &index));
        assert_string_equal(tw_matcher_class(m, index).name, cases[c].name);
        tw_matcher_destroy(m);
        tw_job_destroy(job);
    }
}

/* ---- Contrasts ---- */

static tw_campaign_table table_of(char *setting, tw_campaign_class *classes, size_t count,
                                  size_t *index, size_t *member, size_t done) {
    return (tw_campaign_table){.setting = setting,
                               .asked = done,
                               .done = done,
                               .count = count,
                               .classes = classes,
                               .index = index,
                               .member = member};
}

static void transitions_pair_the_same_starts(void **state) {
    (void)state;
    char a_text[] = "{\"width\":4,\"method\":\"gd\",\"lr\":0.5}";
    char b_text[] = "{\"width\":4,\"method\":\"flow\"}";
    char dnc[] = "dnc", low[] = "low";
    tw_campaign_class a_classes[] = {{.name = dnc, .count = 3}, {.name = low, .count = 1}};
    tw_campaign_class b_classes[] = {{.name = low, .count = 2}, {.name = dnc, .count = 2}};
    size_t a_index[] = {0, 1, 3, 4}, a_member[] = {0, 0, 0, 1};
    size_t b_index[] = {1, 2, 3, 4}, b_member[] = {0, 1, 1, 0};
    tw_campaign_table tables[] = {table_of(a_text, a_classes, 2, a_index, a_member, 4),
                                  table_of(b_text, b_classes, 2, b_index, b_member, 4)};
    tw_transition t = {0};
    assert_true(tw_settings_share_starts(a_text, b_text));
    assert_false(tw_settings_share_starts(a_text, "{\"width\":6,\"method\":\"flow\"}"));
    assert_ok(tw_transition_count(tables, 0, 1, &t));
    assert_int_equal(t.pairs, 3); /* 1, 3, 4 */
    assert_int_equal(t.same, 2);  /* 3: dnc, 4: low */
    assert_true(t.counts[0] == 1 && t.counts[1] == 1 && t.counts[2] == 1 && t.counts[3] == 0);
    assert_string_equal(t.name, "dnc");
    assert_near(t.p, 1.0, 1e-15); /* one discordant pair */
    tw_transition_clear(&t);
}

static void differences_are_between_neighbours_of_the_grid(void **state) {
    (void)state;
    char one[] = "{\"width\":4,\"lambda\":1}", two[] = "{\"width\":6,\"lambda\":1}";
    char three[] = "{\"width\":6,\"lambda\":2}", dnc[] = "dnc", low[] = "low";
    tw_campaign_class a[] = {{.name = dnc, .count = 20}}, b[] = {{.name = low, .count = 20}};
    size_t index[20], member[20] = {0}, count;
    for (size_t i = 0; i < 20; i++) index[i] = i;
    tw_campaign_table tables[] = {table_of(one, a, 1, index, member, 20),
                                  table_of(two, b, 1, index, member, 20),
                                  table_of(three, b, 1, index, member, 20)};
    tw_difference *d = NULL;
    assert_ok(tw_differences(3, tables, &d, &count));
    assert_int_equal(count, 3); /* one against two: dnc, low; two against three: low */
    double p = tw_fisher_exact(20, 20, 0, 20);
    assert_near(d[0].p, p, 1e-12 * p);
    assert_near(d[0].adjusted, 3.0 * p, 1e-12 * p);
    assert_near(d[2].p, 1.0, 1e-12);
    free(d);
}

/* What a file says is what was meant, and every reason of a descent has an ending. */
static void endings_and_their_names_are_one(void **state) {
    (void)state;
    for (int i = 0; i < TW_ENDINGS; i++)
        assert_int_equal(tw_ending_find(tw_ending_name((tw_ending)i)), i);
    for (int i = 0; i <= TW_DESCENT_CANCELLED; i++)
        assert_int_equal(tw_ending_find(tw_descent_reason_name((tw_descent_reason)i)), i);
    assert_int_equal(tw_ending_find("no such"), TW_ENDINGS);
    assert_int_equal(tw_ending_state(TW_ENDING_STALLED), TW_STATE_MINIMUM);
    assert_int_equal(tw_ending_state(TW_ENDING_SADDLE), TW_STATE_SADDLE);
}

int main(void) {
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(matching_is_up_to_permutations_of_equal_classes),
        cmocka_unit_test(twins_that_only_structure_tells_apart),
        cmocka_unit_test(the_search_sees_what_sorting_does_not),
        cmocka_unit_test(states_keep_apart_and_names_are_stable),
        cmocka_unit_test(a_restart_hangs_on_its_number_alone),
        cmocka_unit_test(closed_forms_give_their_names),
        cmocka_unit_test(endings_and_their_names_are_one),
        cmocka_unit_test(transitions_pair_the_same_starts),
        cmocka_unit_test(differences_are_between_neighbours_of_the_grid),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
