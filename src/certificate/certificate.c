/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What balls decide. Every comparison has three answers; the third, that balls overlap, asks for
 * more bits. */
#include <thalweg/certificate/certificate.h>

#include <math.h>

#include "certificate/certificate_private.h"
#include "dense/vector_private.h"

const char *tw_certificate_reason_name(tw_certificate_reason reason) {
    static const char *const names[] = {"proved",    "no direction", "kinked",  "not negative",
                                        "undecided", "no fall",      "refuted", "cancelled"};
    return (size_t)reason < sizeof names / sizeof *names ? names[reason] : "unknown";
}

typedef enum answer { NO, YES, UNKNOWN } answer;

/* YES when all hold, NO when one fails. */
static answer all(answer a, answer b) {
    if (a == NO || b == NO) return NO;
    return a == YES && b == YES ? YES : UNKNOWN;
}

/* x > y, written so that NAN is unknown. */
static answer above(tw_enclosure x, tw_enclosure y) {
    if (x.lower > y.upper) return YES;
    return x.upper <= y.lower ? NO : UNKNOWN;
}

/* The ball of x within [lower, upper]. */
static answer within(tw_enclosure x, tw_enclosure claim) {
    if (x.lower >= claim.lower && x.upper <= claim.upper) return YES;
    return x.upper < claim.lower || x.lower > claim.upper ? NO : UNKNOWN;
}

static tw_enclosure exactly(double x) {
    return (tw_enclosure){x, x, x};
}

static tw_enclosure times(double factor, tw_enclosure x) { /* a power of two: exact */
    return (tw_enclosure){factor * x.value, factor * x.lower, factor * x.upper};
}

/* More than the gradient could give, and within a factor of two what the curvature promises. */
static answer is_curved_fall(const tw_ball_fall *f) {
    answer size =
        all(above(f->fall, times(0.5, f->promise)), above(times(2.0, f->promise), f->fall));
    return all(size, all(above(f->fall, f->slope), above(f->fall, exactly(0.0))));
}

/* ---- One attempt with a fixed number of bits ---- */

typedef struct attempt {
    tw_ball_line *line;
    const tw_certificate_options *options;
    tw_ball_watch watch;
    double longest; /* first t tried */
    size_t bits;
    tw_certificate *found; /* out */
} attempt;

/* Both figures; UNKNOWN while a kink is within a ball. */
static tw_status enclose(const attempt *a, answer *negative) {
    tw_status status = TW_OK;
    tw_certificate *c = a->found;
    *negative = UNKNOWN;
    c->bits = a->bits;
    c->kinks = tw_ball_line_rayleigh(a->line, a->bits, &c->rayleigh);
    c->reason = c->kinks ? TW_CERTIFICATE_KINKED : TW_CERTIFICATE_UNDECIDED;
    if (c->kinks == 0) *negative = above(exactly(0.0), c->rayleigh);
    if (*negative == NO) c->reason = TW_CERTIFICATE_NOT_NEGATIVE;
    TW_TRY(tw_ball_line_gradient(a->line, a->bits, &c->gradient));
cleanup:
    return status;
}

/* The longest t, halved and halved again, that falls as it should. Where a comparison is an
 * equality no precision settles it (squared error: a fall that is exactly half the promise at one
 * t), and the next t does. */
static tw_status search_step(const attempt *a, answer *proved) {
    tw_status status = TW_OK;
    double t = tw_ball_line_sign(a->line) * a->longest;
    tw_ball_fall fall;
    bool open = false;
    *proved = NO;
    for (size_t i = 0; i < a->options->max_steps && *proved != YES; i++, t /= 2.0) {
        TW_TRY(tw_ball_line_fall(a->line, t, a->bits, &fall));
        *proved = is_curved_fall(&fall);
        open = open || *proved == UNKNOWN;
        if (*proved == YES) a->found->step = t;
        if (*proved == YES) a->found->decrease = fall.fall.lower;
        if (2.0 * fall.promise.upper < fall.slope.lower)
            break; /* and so for all that are shorter */
    }
    if (*proved == NO && open) *proved = UNKNOWN;
    if (*proved == NO) a->found->reason = TW_CERTIFICATE_NO_FALL;
    if (*proved == UNKNOWN) a->found->reason = TW_CERTIFICATE_UNDECIDED;
cleanup:
    return status;
}

static tw_status prove_once(const attempt *a, const tw_certificate *claim, answer *proved) {
    tw_status status = TW_OK;
    (void)claim;
    TW_TRY(enclose(a, proved));
    if (*proved == YES) TW_TRY(search_step(a, proved));
cleanup:
    return status;
}

/* ---- Claims ---- */

/* a AND *all so far; the first claim that fails is remembered. */
static void require(const attempt *a, answer one, const char *name, answer *so_far) {
    if (one == NO && a->found->refuted[0] == '\0') {
        a->found->refuted = name;
        a->found->reason = TW_CERTIFICATE_REFUTED;
    }
    *so_far = all(*so_far, one);
}

static tw_status check_once(const attempt *a, const tw_certificate *claim, answer *proved) {
    tw_status status = TW_OK;
    tw_certificate *c = a->found;
    tw_ball_fall fall;
    TW_TRY(enclose(a, proved));
    if (*proved == NO || c->kinks) goto cleanup;
    TW_TRY(tw_ball_line_fall(a->line, claim->step, a->bits, &fall));
    require(a, claim->rayleigh.upper < 0.0 ? YES : NO, "rayleigh", proved);
    require(a, within(c->rayleigh, claim->rayleigh), "rayleigh", proved);
    require(a, within(c->gradient, claim->gradient), "gradient", proved);
    require(a, claim->decrease > 0.0 ? YES : NO, "decrease", proved);
    require(a, within(fall.fall, (tw_enclosure){NAN, claim->decrease, INFINITY}), "decrease",
            proved);
    require(a, is_curved_fall(&fall), "step", proved);
    c->step = claim->step;
    c->decrease = fall.fall.lower;
cleanup:
    return status;
}

/* ---- More bits ---- */

static tw_status check_options(const tw_certificate_options *options) {
    if (options->bits < 64 || options->bits > options->max_bits || options->max_bits > 65536)
        return tw_fail(TW_ERR_ARGUMENT, "bits must be in [64, %zu], not %zu (at most 65536)",
                       options->max_bits, options->bits);
    if (options->max_steps == 0) return tw_fail(TW_ERR_ARGUMENT, "max_steps must be at least 1");
    return TW_OK;
}

static const tw_certificate nothing = {.rayleigh = {NAN, NAN, NAN},
                                       .gradient = {NAN, NAN, NAN},
                                       .refuted = "",
                                       .reason = TW_CERTIFICATE_NO_DIRECTION};

typedef tw_status (*attempt_fn)(const attempt *a, const tw_certificate *claim, answer *proved);

/* Attempts with more and more bits, until one has an answer. */
static tw_status decide(const tw_point *point, const double *v, const tw_certificate *claim,
                        attempt a, attempt_fn once) {
    tw_status status = TW_OK;
    answer proved = UNKNOWN;
    tw_certificate *c = a.found;
    TW_TRY(tw_ball_line_create(&point->model, point->theta, v, &a.watch, &a.line));
    for (a.bits = a.options->bits; a.bits <= a.options->max_bits; a.bits *= 2) {
        *c = nothing;
        TW_TRY(once(&a, claim, &proved));
        if (a.watch.stopped) break;
        if (proved != UNKNOWN) break;
    }
    if (a.watch.stopped) { /* whatever stands there */
        *c = nothing;
        c->reason = TW_CERTIFICATE_CANCELLED;
        goto cleanup;
    }
    c->proved = proved == YES;
    if (proved == YES) c->reason = TW_CERTIFICATE_PROVED;
cleanup:
    tw_ball_line_destroy(a.line);
    return status;
}

static tw_status start(const tw_point *point, const double *v, const tw_certificate *claim,
                       const tw_certificate_options *options, attempt_fn once,
                       tw_certificate *out) {
    tw_status status = TW_OK;
    const tw_certificate_options defaults = TW_CERTIFICATE_DEFAULTS;
    size_t n = tw_dufm_parameters(&point->model);
    tw_certificate made = nothing;
    attempt a = {.options = options ? options : &defaults, .found = &made};
    a.watch.monitor = a.options->monitor;
    TW_TRY(check_options(a.options));
    if (!tw_all_finite(n, v) || !tw_all_finite(n, point->theta))
        return tw_fail(TW_ERR_DATA, "the point or the direction has an entry that is not finite");
    double length = tw_norm(NULL, n, v);
    a.longest = fmax(1.0, tw_norm(NULL, n, point->theta)) / length;
    if (length > 0.0 && isfinite(a.longest)) TW_TRY(decide(point, v, claim, a, once));
    if (!made.proved && claim == NULL) made.step = made.decrease = 0.0;
    *out = made;
cleanup:
    return status;
}

tw_status tw_certificate_prove(const tw_point *point, const double *v,
                               const tw_certificate_options *options, tw_certificate *certificate) {
    return start(point, v, NULL, options, prove_once, certificate);
}

tw_status tw_certificate_check(const tw_point *point, const double *v, const tw_certificate *claim,
                               const tw_certificate_options *options, tw_certificate *verdict) {
    return start(point, v, claim, options, check_once, verdict);
}

/* Point, direction, moved point and what gradients take; series of three coefficients for two
 * layers, a trail of activations and slopes. */
void tw_certificate_cost(const tw_dufm *model, tw_cost *cost) {
    double units = 0.0;
    for (size_t l = 0; l <= model->layers; l++) units += (double)model->widths[l];
    *cost = (tw_cost){.bytes = 48.0 * (5.0 * (double)tw_dufm_parameters(model) +
                                       8.0 * units * (double)model->samples)};
}
