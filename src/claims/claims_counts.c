/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claim (g): how many dimensions the set of solutions has. A factor with r equal singular values is
 * s times an orthonormal frame: the frames of r vectors in d dimensions are a manifold of dimension
 * r d - r (r+1)/2; r (d - r) counts the planes they span, and loses the rotations within. */
#include "claims/claims_private.h"

#include <math.h>
#include <stdio.h>

typedef struct counts {
    size_t points, differ, wrong_formula, uncounted;
} counts;

/* Dimension of one hidden space's share, as the claim has it. */
static double published(double r, double d, double rotations) {
    return r * (d - r) + rotations * r * (r - 1) / 2;
}

static double measured(double r, double d) {
    return r * d - r * (r + 1) / 2;
}

static tw_status count_point(tw_claim_run *run, const tw_claim_case *given, const char *name,
                             counts *c) {
    tw_status status = TW_OK;
    tw_claim_view view = {0};
    tw_point point = {0};
    bool exists = false;
    TW_TRY(tw_claim_closed(given, name, run->seed, &exists, &point));
    if (!exists) goto cleanup;
    TW_TRY(tw_claim_look(&point, &view));
    double L = (double)given->layers, r = (double)view.rank, d = (double)given->width;
    double zero = (double)view.zero;
    c->points++;
    c->uncounted += !view.counted;
    c->differ += fabs(zero - L * published(r, d, run->constants[0])) > 0.5;
    c->wrong_formula += fabs(zero - L * measured(r, d)) > 0.5;
cleanup:
    tw_claim_view_clear(&view);
    tw_point_clear(&point);
    return status;
}

static void add_ratios(tw_claim_run *run, double K) {
    static const double over[] = {1, 1.5, 10, 1e6};
    double r = K - 1, s = K / 2;
    for (size_t i = 0; i < sizeof over / sizeof *over; i++) {
        double d = over[i] * K;
        tw_claim_add(run, (tw_claim_test){measured(r, d) / measured(s, d), "", NAN, 0},
                     "collapse over cross-polytope, K = %.0f, d = %g: measured", K, d);
        tw_claim_add(
            run,
            (tw_claim_test){published(r, d, run->constants[0]) / published(s, d, run->constants[0]),
                            "", NAN, 0},
            "... and by the count of the claim");
    }
    tw_claim_add(run, (tw_claim_test){r / s, "", NAN, 0}, "... and what both tend to as d grows");
}

tw_status tw_claim_dimension(tw_claim_run *run) {
    tw_status status = TW_OK;
    static const size_t settings[][3] = {{4, 2, 4}, {4, 2, 7}, {6, 2, 6}, {4, 3, 6}, {5, 2, 8},
                                         {6, 3, 7}, {8, 2, 9}, {4, 4, 5}, {6, 1, 9}, {10, 2, 10}};
    size_t count = run->quick ? 5 : sizeof settings / sizeof *settings;
    counts c = {0};
    for (size_t i = 0; i < count && !tw_claim_stop(run, (double)i, (double)count); i++) {
        size_t K = settings[i][0], L = settings[i][1], d = settings[i][2];
        const tw_claim_case given = {"ce", K, 1, d, L, 1e-3, 1e-3, false};
        TW_TRY(count_point(run, &given, "dnc", &c));
        if (K % 2 == 0 && L > 1) TW_TRY(count_point(run, &given, "cross-polytope", &c));
    }
    tw_claim_add(run, (tw_claim_test){(double)c.differ, "=", 0, 0},
                 "points whose zero modes are not the number claimed");
    tw_claim_add(run, (tw_claim_test){(double)c.wrong_formula, "", NAN, 0},
                 "points whose zero modes are not L (r d - r (r+1)/2)");
    add_ratios(run, 10);
    if (c.uncounted > 0)
        tw_claim_doubt(run, "%zu points have counts that hang on a threshold", c.uncounted);
    tw_claim_computed(run,
                      "Zero modes of the dense Hessian at %zu collapsed and cross-polytope points "
                      "of %zu models, against both counts; ratios of the two dimensions as d "
                      "grows.",
                      c.points, count);
cleanup:
    return status;
}
