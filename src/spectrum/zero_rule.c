/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/spectrum/zero_rule.h>

#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/alloc_private.h"
#include "dense/vector_private.h"

#define SAFETY 10.0  /* between an error's usual size and the threshold it asks for */
#define RESOLVED 4.0 /* the same, and the gap above it, where the error was measured */
#define SUM 10.0     /* terms of rounding at any order */
#define POLISHED 1e4 /* times the rounding: more than polishing leaves of a gradient */
#define NEAR 1e-6    /* of ||H||: pairs whose residuals matter */

const char *tw_zero_origin_name(tw_zero_origin origin) {
    static const char *const names[] = {"rounding", "gradient", "tangent probes", "resolving route",
                                        "told"};
    return (size_t)origin < sizeof names / sizeof *names ? names[origin] : "unknown";
}

double tw_zero_rounding(size_t n, double norm, size_t count, const double *values,
                        const double *residuals) {
    double error = (sqrt((double)n) + SUM) * DBL_EPSILON * norm;
    for (size_t i = 0; i < count; i++)
        if (fabs(values[i]) <= NEAR * norm) error = fmax(error, residuals[i]);
    return error;
}

static tw_zero_rule rule_of(double error, double safety, double gap, tw_zero_origin origin) {
    return (tw_zero_rule){.threshold = safety * error,
                          .error = error,
                          .origin = origin,
                          .resolution = safety * error,
                          .gap = gap,
                          .smallest_nonzero = (double)NAN};
}

tw_zero_rule tw_zero_rule_make(const tw_zero_evidence *e, double gap) {
    const double errors[] = {e->rounding, e->gradient, e->tangent};
    size_t most = 0;
    for (size_t i = 1; i < sizeof errors / sizeof *errors; i++)
        if (isnan(errors[i]) || errors[i] > errors[most]) most = i; /* NAN is the largest */
    tw_zero_rule rule = rule_of(errors[most], SAFETY, gap, (tw_zero_origin)most);
    if (most == TW_ZERO_GRADIENT && rule.error > POLISHED * e->rounding)
        rule.resolution = SAFETY * e->rounding;
    if (e->told > 0.0) rule = rule_of(e->told, 1.0, gap, TW_ZERO_TOLD);
    rule.explained = e->explained;
    return rule;
}

tw_zero_rule tw_zero_rule_resolved(double error) {
    return rule_of(error, RESOLVED, RESOLVED, TW_ZERO_RESOLVED);
}

tw_zero_rule tw_zero_rule_uncounted(const tw_zero_rule *rule) {
    return (tw_zero_rule){.threshold = rule->threshold,
                          .error = rule->error,
                          .origin = rule->origin,
                          .resolution = rule->resolution,
                          .gap = rule->gap,
                          .explained = rule->explained,
                          .smallest_nonzero = (double)NAN};
}

int tw_zero_rule_sign(const tw_zero_rule *rule, double value) {
    if (fabs(value) <= rule->threshold) return 0;
    return value < 0.0 ? -1 : 1;
}

/* The bit of `octaves` for a zero of this size; none far below the error. */
static unsigned octave_of(double size, double error) {
    unsigned bit = 0;
    for (double edge = 0.5 * error; bit < 4 && size > edge; edge *= 2.0) bit++;
    return bit > 0 ? 1U << (bit - 1) : 0U;
}

/* No octave is empty between the error and the largest zero, at most 4 errors. */
static bool is_one_cluster(const tw_zero_rule *rule) {
    return rule->octaves == 3U || rule->octaves == 7U;
}

void tw_zero_rule_count(tw_zero_rule *rule, double value, uint64_t copies) {
    uint64_t *const counts[] = {&rule->negative, &rule->zero, &rule->positive};
    int sign = tw_zero_rule_sign(rule, value);
    if (copies == 0) return;
    *counts[1 + sign] += copies;
    if (sign == 0) rule->octaves |= octave_of(fabs(value), rule->error);
    if (sign == 0 && fabs(value) > rule->resolution) rule->unresolved += copies;
    if (sign == 0)
        rule->largest_zero = fmax(rule->largest_zero, fabs(value));
    else if (!(fabs(value) >= fabs(rule->smallest_nonzero)))
        rule->smallest_nonzero = value;
}

void tw_zero_rule_count_levels(tw_zero_rule *rule, const tw_levels *levels) {
    for (size_t i = 0; i < levels->count; i++)
        tw_zero_rule_count(rule, levels->rows[i].value, levels->rows[i].copies);
}

bool tw_zero_rule_saw(const tw_zero_rule *rule, uint64_t n) {
    return rule->negative + rule->zero + rule->positive == n;
}

double tw_zero_rule_below(const tw_zero_rule *rule) {
    return rule->largest_zero > 0.0 ? rule->threshold / rule->largest_zero : INFINITY;
}

double tw_zero_rule_above(const tw_zero_rule *rule) {
    if (isnan(rule->smallest_nonzero)) return INFINITY;
    return fabs(rule->smallest_nonzero) / rule->threshold;
}

tw_zero_doubt tw_zero_rule_doubt(const tw_zero_rule *rule) {
    /* Negated, so that a NAN threshold is a doubt. */
    if (!(tw_zero_rule_above(rule) >= rule->gap)) return TW_ZERO_ABOVE;
    bool near = rule->largest_zero <= rule->error || is_one_cluster(rule);
    if (rule->zero > rule->explained && (!near || rule->unresolved > 0)) return TW_ZERO_BELOW;
    return rule->open ? TW_ZERO_OPEN : TW_ZERO_CLEAR;
}

void tw_zero_rule_explain(const tw_zero_rule *rule, char *text, size_t room) {
    tw_zero_doubt doubt = tw_zero_rule_doubt(rule);
    const char *origin = tw_zero_origin_name(rule->origin);
    if (room > 0) text[0] = '\0';
    if (doubt == TW_ZERO_ABOVE)
        snprintf(text, room,
                 "eigenvalue %.3g lies within a factor %.3g of the zero threshold %.3g (%s), "
                 "%.3g is demanded",
                 rule->smallest_nonzero, tw_zero_rule_above(rule), rule->threshold, origin,
                 rule->gap);
    if (doubt == TW_ZERO_BELOW)
        snprintf(text, room,
                 "a value of size %.3g below the zero threshold %.3g (%s) is neither explained by "
                 "a symmetry nor by the error %.3g",
                 rule->largest_zero, rule->threshold, origin,
                 rule->unresolved > 0 ? rule->resolution : rule->error);
    if (doubt == TW_ZERO_OPEN) snprintf(text, room, "the counts are in doubt for another reason");
}

bool tw_zero_is_flat(const tw_zero_evidence *evidence, double norm, double size) {
    double most = SAFETY * fmax(evidence->gradient, evidence->tangent);
    return evidence->gradient <= TW_ZERO_STATIONARY * norm * fmax(1.0, size) &&
           most <= TW_ZERO_BLUR * norm;
}

tw_status tw_zero_probe_tangent(const tw_linop *A, const tw_tangent *tangent, unsigned probes,
                                const tw_budget *budget, const tw_space *space, double *largest) {
    tw_status status = TW_OK;
    double *v = NULL, *Av = NULL;
    *largest = 0.0;
    if (tangent == NULL || tangent->dimension == 0) return TW_OK;
    TW_TRY(TW_NEW(v, A->n));
    TW_TRY(TW_NEW(Av, A->n));
    for (unsigned i = 0; i < probes; i++) {
        tw_random stream;
        if (tw_space_told_to_end(space, budget, "tangent vectors", (double)i, (double)probes))
            TW_TRY(tw_fail(TW_STOPPED, "ended after %u of %u tangent vectors", i, probes));
        tw_random_init(&stream, budget->seed, TW_PURPOSE_TANGENT, i);
        TW_TRY(tangent->sample(tangent->self, &stream, v));
        TW_TRY(tw_linop_apply(A, 1, v, A->n, Av, A->n));
        *largest = fmax(*largest, tw_norm(space, A->n, Av));
    }
cleanup:
    free(v);
    free(Av);
    return status;
}
