/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Claims (d), (e), (f): what depth does to collapse and to low-rank points. */
#include "claims/claims_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <thalweg/optima/construction.h>

#include "base/alloc_private.h"

/* ---- (d): spurious local minima ---- */

typedef struct spurious {
    size_t points, above, negative, uncounted, narrow;
    double worst_zero; /* largest |eigenvalue - lambda|/lambda at zero */
} spurious;

static tw_status look_at_padded(tw_claim_run *run, const tw_claim_case *given, size_t w,
                                double best, spurious *s) {
    tw_status status = TW_OK;
    tw_claim_case thin = *given;
    tw_claim_view before = {0}, after = {0};
    tw_point small = {0}, wide = {0};
    size_t widths[8];
    for (size_t l = 0; l < given->layers; l++) widths[l] = given->width;
    thin.width = w;
    TW_TRY(tw_claim_lowest(&thin, run->seed, run->quick ? 3 : 8, &small));
    TW_TRY(tw_claim_look(&small, &before));
    s->narrow += before.negative > 0;
    TW_TRY(tw_point_embed(&small, widths, run->seed, &wide));
    TW_TRY(tw_claim_look(&wide, &after));
    s->points++;
    s->above += after.loss > best + 1e-6;
    s->negative += after.negative > 0;
    s->uncounted += !after.counted;
cleanup:
    tw_claim_view_clear(&before);
    tw_claim_view_clear(&after);
    tw_point_clear(&small);
    tw_point_clear(&wide);
    return status;
}

static tw_status look_at_zero(tw_claim_run *run, const tw_claim_case *given, double best,
                              spurious *s) {
    tw_status status = TW_OK;
    tw_claim_view view = {0};
    tw_point point = {0};
    bool exists = false;
    TW_TRY(tw_claim_closed(given, "zero", run->seed, &exists, &point));
    TW_TRY(tw_claim_look(&point, &view));
    s->points++;
    s->above += view.loss > best + 1e-6;
    s->negative += view.negative > 0;
    double off = fmax(view.largest - given->lambda, given->lambda - view.smallest);
    s->worst_zero = fmax(s->worst_zero, off / given->lambda);
cleanup:
    tw_claim_view_clear(&view);
    tw_point_clear(&point);
    return status;
}

/* The lowest loss known: the collapsed one, or that of any block partition. */
static tw_status lowest_known(const tw_closed_case *given, double *lowest, char *name,
                              size_t room) {
    tw_status status = TW_OK;
    char text[160] = "zero";
    *lowest = INFINITY;
    for (size_t i = 0;; i++) {
        tw_closed_form form = {0};
        TW_TRY(tw_closed_form_solve(given, text, &form));
        if (form.exists && form.loss < *lowest) {
            *lowest = form.loss;
            if (name) snprintf(name, room, "%s", text);
        }
        tw_closed_form_clear(&form);
        if (!tw_claim_partition(given->classes, i, text, sizeof text)) break;
    }
cleanup:
    return status;
}

static tw_status collapse(const tw_closed_case *given, tw_closed_form *form) {
    return tw_closed_form_solve(given, "dnc", form);
}

static tw_status look_at_depth(tw_claim_run *run, size_t layers, spurious *s) {
    tw_status status = TW_OK;
    const tw_claim_case given = {"ce", 5, 2, 8, layers, 1e-2, 1e-2, false};
    const tw_closed_case closed = {5, 2, 8, layers, 1e-2, tw_loss_find("ce")};
    tw_closed_form form = {0};
    double best = 0.0;
    TW_TRY(lowest_known(&closed, &best, NULL, 0));
    TW_TRY(collapse(&closed, &form));
    if (form.exists) best = fmin(best, form.loss);
    TW_TRY(look_at_zero(run, &given, best, s));
    for (size_t w = 1; w < 5; w++) TW_TRY(look_at_padded(run, &given, w, best, s));
cleanup:
    tw_closed_form_clear(&form);
    return status;
}

tw_status tw_claim_spurious(tw_claim_run *run) {
    tw_status status = TW_OK;
    spurious s = {0};
    double least = run->constants[0];
    if (!(least >= 1.0 && least <= 5.0))
        return tw_fail(TW_ERR_ARGUMENT, "claim d: depth %g is outside 1 .. 5", least);
    size_t first = (size_t)least, depths = run->quick ? 2 : 3;
    for (size_t i = 0; i < depths && !tw_claim_stop(run, (double)i, (double)depths); i++)
        TW_TRY(look_at_depth(run, first + i, &s));
    tw_claim_add(run, (tw_claim_test){(double)s.negative, "=", 0, 0},
                 "zero and padded minima with a negative mode");
    tw_claim_add(run, (tw_claim_test){(double)s.above, ">", 0, 0},
                 "of these points, those whose loss is above the best one known");
    tw_claim_add(run, (tw_claim_test){s.worst_zero, "<=", 1e-12, 0},
                 "largest |eigenvalue - lambda|/lambda of the Hessian at zero");
    tw_claim_add(run, (tw_claim_test){(double)s.narrow, "=", 0, 0},
                 "narrow points that are no minima of their own width");
    if (s.uncounted > 0)
        tw_claim_doubt(run, "%zu of %zu points have counts that hang on a threshold", s.uncounted,
                       s.points);
    tw_claim_computed(run,
                      "%zu points (K = 5, n = 2, d = 8, lambda = 0.01, L = %zu .. %zu): zero, and "
                      "the lowest minimum found of widths 1 to 4, padded; inertia by the dense "
                      "route.",
                      s.points, first, first + depths - 1);
cleanup:
    return status;
}

/* ---- (e): something is lower than collapse ---- */

typedef struct sweep {
    size_t cells, open; /* settings; of them, without any lower point */
    double least_gain;  /* smallest (f(dnc) - f(lower)), over the larger of both */
    size_t K, L;        /* of the first open cell */
    double lambda;
} sweep;

/* Descent from random starts where no closed form is lower. */
static tw_status descend_cell(tw_claim_run *run, const tw_closed_case *c, double *lowest) {
    tw_status status = TW_OK;
    for (size_t w = 1; w + 1 < c->classes; w++) {
        const tw_claim_case given = {"ce",      c->classes, 1,         w,
                                     c->layers, c->lambda,  c->lambda, false};
        tw_claim_view view = {0};
        tw_point point = {0};
        status = tw_claim_lowest(&given, run->seed, run->quick ? 4 : 16, &point);
        if (status == TW_OK) status = tw_claim_look(&point, &view);
        if (status == TW_OK) *lowest = fmin(*lowest, view.loss);
        tw_claim_view_clear(&view);
        tw_point_clear(&point);
        TW_TRY(status);
    }
cleanup:
    return status;
}

static tw_status sweep_cell(tw_claim_run *run, tw_closed_case *c, double part, sweep *s) {
    tw_status status = TW_OK;
    tw_closed_form form = {0};
    double lowest = 0.0;
    c->lambda = 1e-3;
    TW_TRY(collapse(c, &form));
    c->lambda = part * form.fold_lambda;
    tw_closed_form_clear(&form);
    TW_TRY(collapse(c, &form));
    if (!form.exists) goto cleanup;
    TW_TRY(lowest_known(c, &lowest, NULL, 0));
    if (!(lowest < form.loss) && s->open == 0) TW_TRY(descend_cell(run, c, &lowest));
    double gain = (form.loss - lowest) / fmax(form.loss, lowest);
    s->cells++;
    if (gain <= 1e-12 && s->open++ == 0) {
        s->K = c->classes;
        s->L = c->layers;
        s->lambda = c->lambda;
    }
    s->least_gain = fmin(s->least_gain, gain);
cleanup:
    tw_closed_form_clear(&form);
    return status;
}

tw_status tw_claim_low_rank(tw_claim_run *run) {
    tw_status status = TW_OK;
    static const double parts[] = {.9999, .99,  .9,   .7,   .5,   .3,    .2,    .1,    .05,
                                   1e-2,  1e-3, 1e-4, 1e-6, 1e-9, 1e-12, 1e-30, 1e-100};
    size_t count = sizeof parts / sizeof *parts, most = run->quick ? 7 : 14;
    size_t deepest = run->quick ? 5 : 12;
    sweep s = {.least_gain = INFINITY};
    for (size_t L = 2; L <= deepest && !tw_claim_stop(run, (double)L, (double)deepest); L++) {
        double least = run->constants[L == 2 ? 1 : 0];
        if (!(least >= 2.0)) return tw_fail(TW_ERR_ARGUMENT, "claim e: K = %g is below 2", least);
        for (size_t K = (size_t)least; K <= most; K++)
            for (size_t i = 0; i < count; i++) {
                tw_closed_case c = {K, 1, K, L, 0.0, tw_loss_find("ce")};
                TW_TRY(sweep_cell(run, &c, parts[i], &s));
            }
    }
    tw_claim_add(run, (tw_claim_test){(double)s.open, "=", 0, 0},
                 "settings where nothing lower than collapse was found");
    tw_claim_add(run, (tw_claim_test){s.least_gain, ">", 0, 0},
                 "least gain of a lower point, over the larger of both losses");
    tw_claim_computed(
        run,
        "%zu settings: K up to %zu, L = 2 .. %zu, %zu values of lambda from 0.9999 "
        "to 1e-100 of the fold; competitors: zero and all block partitions in closed "
        "form%s. The number of samples enters through lambda n^{1/(L+1)} alone.",
        s.cells, most, deepest, count,
        s.open ? ", at the first open setting also random starts of every width" : "");
    if (s.open)
        tw_claim_add(run, (tw_claim_test){s.lambda, "", NAN, 0},
                     "lambda of the first open setting, K = %zu, L = %zu", s.K, s.L);
cleanup:
    return status;
}

/* ---- (f): where collapse stops being a minimum ---- */

typedef struct stability {
    size_t cells, above, below, deeper, missing;
} stability;

/* lambda at which the larger root of (4.1) is a. */
static double lambda_of(double K, double n, double L, double a) {
    return pow(a, (L - 1) / (L + 1)) / (exp(a) + K - 1) / pow(n, 1 / (L + 1));
}

/* The index at scale a by the dense route; *levels: by the table (4.3). SIZE_MAX: no such point. */
static tw_status index_at(tw_claim_run *run, size_t K, size_t L, double a, size_t *dense,
                          size_t *levels) {
    tw_status status = TW_OK;
    size_t n = 1 + K % 2, d = K + L - 2; /* the index hangs on neither */
    double lambda = lambda_of((double)K, (double)n, (double)L, a);
    const tw_closed_case closed = {K, n, d, L, lambda, tw_loss_find("ce")};
    const tw_claim_case given = {"ce", K, n, d, L, lambda, lambda, false};
    tw_closed_form form = {0};
    tw_claim_view view = {0};
    tw_point point = {0};
    bool exists = false;
    *dense = *levels = SIZE_MAX;
    TW_TRY(collapse(&closed, &form));
    if (!form.exists || fabs(form.parts[0].scale - a) > 1e-9 * a) goto cleanup;
    TW_TRY(tw_claim_closed(&given, "dnc", run->seed, &exists, &point));
    TW_TRY(tw_claim_look(&point, &view));
    *levels = (size_t)form.zero.negative;
    *dense = view.counted ? view.negative : SIZE_MAX;
cleanup:
    tw_closed_form_clear(&form);
    tw_claim_view_clear(&view);
    tw_point_clear(&point);
    return status;
}

static tw_status look_at_threshold(tw_claim_run *run, size_t K, size_t L, stability *s) {
    tw_status status = TW_OK;
    double k = (double)K, l = (double)L, a = run->constants[0] * k * (l - 1) / (l + 1);
    size_t dense, levels;
    s->cells++;
    TW_TRY(index_at(run, K, L, 1.001 * a, &dense, &levels));
    s->above += dense == 0;
    TW_TRY(index_at(run, K, L, 0.999 * a, &dense, &levels));
    s->below += dense != SIZE_MAX && (double)dense * run->constants[1] == k * (k - 3);
    for (double part = 0.95; part > 0.3; part -= 0.15) {
        TW_TRY(index_at(run, K, L, part * a, &dense, &levels));
        if (levels == SIZE_MAX) break; /* beyond the fold */
        s->deeper += dense != levels;
    }
cleanup:
    return status;
}

tw_status tw_claim_stability(tw_claim_run *run) {
    tw_status status = TW_OK;
    size_t most = run->quick ? 6 : 9, deepest = run->quick ? 3 : 4;
    stability s = {0};
    if (!(run->constants[0] > 0.0))
        return tw_fail(TW_ERR_ARGUMENT, "claim f: the threshold has to be positive");
    for (size_t K = 4; K <= most && !tw_claim_stop(run, (double)K, (double)most); K++)
        for (size_t L = 2; L <= deepest; L++) TW_TRY(look_at_threshold(run, K, L, &s));
    double cells = (double)s.cells;
    tw_claim_add(run, (tw_claim_test){(double)s.above, "=", cells, 0},
                 "settings (K, L) without negative modes at 1.001 of the threshold");
    tw_claim_add(run, (tw_claim_test){(double)s.below, "=", cells, 0},
                 "settings with the stated index at 0.999 of the threshold");
    tw_claim_add(run, (tw_claim_test){(double)s.deeper, "=", 0, 0},
                 "points further down whose index is not that of the table (4.3)");
    tw_claim_computed(
        run,
        "%zu settings, K = 4 .. %zu, L = 2 .. %zu, n = 1, 2, d = K + L - 2: the collapsed point "
        "at given a, its inertia by the dense route on both sides of the threshold "
        "and down to the fold.",
        s.cells, most, deepest);
cleanup:
    return status;
}
