/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The complete sweep over the six-value spectrum: every count 1..80 at both ends, by every engine,
 * on 20 seeds (or as many as the first argument says). It ends at the first wrong answer. */
#include "support/test.h"

#include "conformance/search_check.h"

enum { MOST = 80 };

static size_t seeds = 20;

static void every_count_on_every_seed(void **state) {
    (void)state;
    size_t searches = 0, cut = 0;
    const double six[][2] = {{0, 66}, {.005, 96}, {.01, 78}, {.1646, 64}, {.6285, 10}, {.6585, 6}};
    for (uint64_t seed = 1; seed <= seeds; seed++) {
        planted plan = planted_copies(6, six, seed);
        for (size_t count = 1; count <= MOST; count++)
            for (size_t e = 0; tw_engine_at(e); e++)
                for (int end = TW_END_SMALLEST; end <= TW_END_LARGEST; end++) {
                    tw_search_options options = TW_SEARCH_DEFAULTS;
                    options.engine = tw_engine_at(e);
                    options.end = (tw_end)end;
                    options.count = count;
                    options.budget.seed = seed;
                    cut += check_search(&plan, &options, count);
                    searches++;
                }
        planted_free(&plan);
    }
    print_message("%zu searches, every answer right, %zu of them flagged as a cut cluster\n",
                  searches, cut);
}

int main(int argc, char **argv) {
    if (argc > 1) seeds = strtoul(argv[1], NULL, 10);
    const struct CMUnitTest tests[] = {cmocka_unit_test(every_count_on_every_seed)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
