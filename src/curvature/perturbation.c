/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The mean rise. Points come in pairs x +- sigma xi, so that odd orders cancel; and where the trace
 * is known, each pair gives only what its own quadratic form does not explain:
 *     s = (f(x + d) + f(x - d))/2 - f(x) - d.Hd/2,     E rise = E s + (sigma^2/2) trace.
 * At small sigma the second order is all but the whole rise, and its sampling error is gone. */
#include <thalweg/curvature/perturbation.h>

#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <thalweg/base/random.h>

#include "base/alloc_private.h"
#include "curvature/perturbation_private.h"
#include "dense/vector_private.h"
#include "spectrum/estimate_private.h"

#define ROUNDING 4.0 /* of a value of f, in sqrt(n) eps |f| */

typedef struct sampler {
    const tw_objective *f;
    const double *x;
    const tw_rise_options *options;
    double value;
    size_t pairs;                /* finished */
    double *xi, *scratch, *at;   /* n each */
    double *quadratic, *samples; /* xi.H xi; one a pair and sigma */
} sampler;

tw_status tw_perturbation_check(size_t n, const tw_budget *budget, const tw_subspace *within,
                                const char *name, size_t count, const double *sizes) {
    tw_status status = tw_budget_check(budget);
    if (status == TW_OK) status = tw_subspace_check(within, n);
    for (size_t i = 0; status == TW_OK && i < count; i++)
        if (!(sizes[i] > 0.0 && isfinite(sizes[i])))
            status = tw_fail(TW_ERR_ARGUMENT, "%s %g is not positive", name, sizes[i]);
    return status;
}

static tw_status check(size_t n, const tw_rise_options *options) {
    if (options->pairs < 2)
        return tw_fail(TW_ERR_ARGUMENT, "%zu pairs give no standard error", options->pairs);
    return tw_perturbation_check(n, &options->budget, &options->within, "sigma",
                                 options->deviation_count, options->deviations);
}

static tw_status draw(sampler *s, size_t i) {
    tw_random stream;
    const tw_linop *keep = s->options->within.keep;
    size_t n = s->f->n;
    tw_random_init(&stream, s->options->budget.seed, TW_PURPOSE_OFFSET, i);
    tw_space_fill_normal(s->options->within.space, &stream, n, keep ? s->scratch : s->xi);
    if (keep == NULL) return TW_OK;
    return tw_linop_apply(keep, 1, s->scratch, n, s->xi, n);
}

/* Those with a quadratic form take a product each. */
static size_t pairs_allowed(const tw_rise_options *options) {
    bool few = !isnan(options->trace) && options->budget.products < options->pairs;
    return few ? options->budget.products : options->pairs;
}

static tw_status draw_quadratics(sampler *s) {
    tw_status status = TW_OK;
    size_t n = s->f->n;
    TW_TRY(s->f->eval(s->f->self, s->x, &s->value, NULL));
    if (isnan(s->options->trace)) goto cleanup;
    for (size_t i = 0; i < pairs_allowed(s->options); i++) {
        TW_TRY(draw(s, i));
        TW_TRY(s->f->hessian(s->f->self, s->x, 1, s->xi, n, s->scratch, n));
        s->quadratic[i] = tw_dot(s->options->within.space, n, s->xi, s->scratch);
    }
cleanup:
    return status;
}

static tw_status value_at(sampler *s, double step, double *value) {
    tw_copy(s->f->n, s->x, s->at);
    tw_axpy(s->f->n, step, s->xi, s->at);
    return s->f->eval(s->f->self, s->at, value, NULL);
}

static tw_status draw_pair(sampler *s, size_t i) {
    tw_status status = TW_OK;
    TW_TRY(draw(s, i));
    for (size_t j = 0; j < s->options->deviation_count; j++) {
        double up = 0.0, down = 0.0, sigma = s->options->deviations[j];
        TW_TRY(value_at(s, sigma, &up));
        TW_TRY(value_at(s, -sigma, &down));
        s->samples[i + s->options->pairs * j] =
            0.5 * ((up - s->value) + (down - s->value)) - 0.5 * sigma * sigma * s->quadratic[i];
    }
cleanup:
    return status;
}

static tw_rise summarise(const sampler *s, size_t j) {
    double half = 0.5 * s->options->deviations[j] * s->options->deviations[j];
    double slack = ROUNDING * sqrt((double)tw_space_dimension(s->options->within.space, s->f->n)) *
                   DBL_EPSILON * fabs(s->value);
    bool known = !isnan(s->options->trace);
    tw_estimate mean = tw_estimate_mean(s->pairs, s->samples + s->options->pairs * j);
    mean = tw_estimate_affine(known ? half * s->options->trace : 0.0, 1.0, mean);
    return (tw_rise){.sigma = s->options->deviations[j],
                     .rise = tw_estimate_widen(mean, slack),
                     .quadratic = known ? half * s->options->trace : (double)NAN,
                     .pairs = s->pairs};
}

static void clear(sampler *s) {
    free(s->xi);
    free(s->scratch);
    free(s->at);
    free(s->quadratic);
    free(s->samples);
}

tw_status tw_rise_estimate(const tw_objective *objective, const double *x,
                           const tw_rise_options *options, tw_rise *rows) {
    tw_status status = TW_OK;
    tw_rise_options defaults = TW_RISE_DEFAULTS;
    if (options == NULL) options = &defaults;
    sampler s = {.f = objective, .x = x, .options = options};
    TW_TRY(check(objective->n, options));
    TW_TRY(TW_NEW(s.xi, objective->n));
    TW_TRY(TW_NEW(s.scratch, objective->n));
    TW_TRY(TW_NEW(s.at, objective->n));
    TW_TRY(TW_NEW(s.quadratic, options->pairs));
    TW_TRY(TW_NEW_MATRIX(s.samples, options->pairs, options->deviation_count));
    TW_TRY(draw_quadratics(&s));
    while (s.pairs < pairs_allowed(options)) {
        if (tw_space_told_to_end(options->within.space, &options->budget, "noise", (double)s.pairs,
                                 (double)options->pairs))
            break;
        TW_TRY(draw_pair(&s, s.pairs));
        s.pairs++;
    }
    for (size_t j = 0; j < options->deviation_count; j++) rows[j] = summarise(&s, j);
cleanup:
    clear(&s);
    return status;
}
