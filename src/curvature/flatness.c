/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The figures of one subspace after the other: its eigenvalues, then the ascents, which start from
 * its top eigenvectors, and the noise, whose second order is known where the trace is.
 *
 * Off the orbit means P H P with the projector P beside the tangent space. At a critical point that
 * is H without the zeros of the orbit. Elsewhere it is another operator, the Hessian on the space
 * of orbits (docs/mathematics.md, section 7.3), and its part is named for what it is. */
#include <math.h>
#include <stdlib.h>

#include "base/alloc_private.h"
#include "curvature/flatness_private.h"
#include "dense/vector_private.h"
#include "spectrum/estimate_private.h"

/* P H P. */
typedef struct projected {
    const tw_linop *H, *P;
    double *X, *Y; /* n x TW_FLAT_BLOCK each */
} projected;

/* ---- Operators ---- */

static tw_status project_product(const projected *p, tw_linop_product product, size_t k,
                                 const double *X, size_t ldx, double *Y, size_t ldy) {
    tw_status status = TW_OK;
    size_t n = p->H->n;
    for (size_t j = 0; j < k; j += TW_FLAT_BLOCK) {
        size_t count = k - j < TW_FLAT_BLOCK ? k - j : TW_FLAT_BLOCK;
        TW_TRY(tw_linop_apply(p->P, count, X + j * ldx, ldx, p->X, n));
        TW_TRY(product(p->H, count, p->X, n, p->Y, n));
        TW_TRY(tw_linop_apply(p->P, count, p->Y, n, Y + j * ldy, ldy));
    }
cleanup:
    return status;
}

static tw_status apply_projected(void *self, size_t k, const double *X, size_t ldx, double *Y,
                                 size_t ldy) {
    return project_product(self, tw_linop_apply, k, X, ldx, Y, ldy);
}

static tw_status draft_projected(void *self, size_t k, const double *X, size_t ldx, double *Y,
                                 size_t ldy) {
    return project_product(self, tw_linop_draft, k, X, ldx, Y, ldy);
}

typedef struct mask {
    size_t n;
    tw_slice slice;
} mask;

static tw_status apply_mask(void *self, size_t k, const double *X, size_t ldx, double *Y,
                            size_t ldy) {
    const mask *m = self;
    size_t start = m->slice.start, end = start + m->slice.length;
    for (size_t j = 0; j < k; j++)
        for (size_t i = 0; i < m->n; i++)
            Y[i + j * ldy] = i >= start && i < end ? X[i + j * ldx] : 0.0;
    return TW_OK;
}

/* ---- Perturbations ---- */

static tw_status measure_worst(tw_flat_measurement *m, const tw_flat_space *s, tw_flat_part *part) {
    tw_sharpness_options options = m->options->sharpness;
    options.vector_count = m->top_count;
    options.vectors = m->top;
    options.within = (tw_subspace){.keep = s->project, .space = m->options->space};
    options.budget = tw_flat_budget(m);
    tw_status status = tw_sharpness_search(m->objective, m->x, &options, part->sharpness);
    for (size_t i = 0; i < options.radius_count; i++) {
        double radius = options.radii[i];
        part->sharpness[i].quadratic = radius * m->result->gradient_norm +
                                       0.5 * radius * radius * fmax(part->largest.value, 0.0);
    }
    return status;
}

static tw_status measure_noise(tw_flat_measurement *m, const tw_flat_space *s, tw_flat_part *part) {
    tw_rise_options options = m->options->rise;
    options.trace = part->trace.exact ? part->trace.value : (double)NAN;
    options.within = (tw_subspace){.keep = s->project, .space = m->options->space};
    options.budget = tw_flat_budget(m);
    return tw_rise_estimate(m->objective, m->x, &options, part->rises);
}

/* ---- Parts ---- */

/* What is not measured later stays unknown. */
static tw_status part_init(const tw_flatness_options *options, const char *name, size_t dimension,
                           tw_flat_part *part) {
    tw_status status = TW_OK;
    tw_estimate unknown = tw_estimate_unknown();
    *part = (tw_flat_part){.name = name,
                           .dimension = dimension,
                           .method = "none",
                           .radius_count = options->sharpness.radius_count,
                           .deviation_count = options->rise.deviation_count};
    part->largest = part->smallest = part->condition = unknown;
    part->trace = part->frobenius = part->log_det = part->zero_modes = unknown;
    TW_TRY(TW_NEW(part->sharpness, part->radius_count));
    TW_TRY(TW_NEW(part->rises, part->deviation_count));
    for (size_t i = 0; i < part->radius_count; i++) {
        part->sharpness[i].epsilon = options->sharpness.radii[i];
        part->sharpness[i].rise = part->sharpness[i].quadratic = (double)NAN;
    }
    for (size_t i = 0; i < part->deviation_count; i++) {
        part->rises[i].sigma = options->rise.deviations[i];
        part->rises[i].quadratic = (double)NAN;
        part->rises[i].rise = unknown;
    }
cleanup:
    return status;
}

static tw_status measure_part(tw_flat_measurement *m, const tw_flat_space *s, tw_flat_part *part) {
    tw_status status = TW_OK;
    m->top_count = 0;
    if (m->result->reason == TW_ESTIMATE_CANCELLED ||
        tw_space_dimension(m->options->space, s->A.n) == 0)
        goto cleanup;
    TW_TRY(tw_flat_eigenvalues(m, s, part));
    if (m->result->reason == TW_ESTIMATE_CANCELLED) goto cleanup;
    if (part->radius_count > 0) TW_TRY(measure_worst(m, s, part));
    if (part->deviation_count > 0) TW_TRY(measure_noise(m, s, part));
cleanup:
    if (status != TW_STOPPED) return status;
    m->result->reason = TW_ESTIMATE_CANCELLED; /* within a projection */
    return TW_OK;
}

static tw_status measure_whole(tw_flat_measurement *m) {
    const tw_tangent *tangent = m->options->tangent;
    tw_flat_space s = {.A = m->H, .sectors = m->options->sectors};
    const tw_subspace whole = {.space = m->options->space};
    if (m->flat && !s.sectors &&
        (tw_subspace_is_spread(&whole) || m->H.n > m->options->budget.dense_limit)) {
        s.keep = &tangent->complement;
        s.known = s.known_zeros = tangent->dimension;
    }
    return measure_part(m, &s, &m->result->whole);
}

static tw_status measure_off_orbit(tw_flat_measurement *m) {
    tw_status status = TW_OK;
    const tw_tangent *tangent = m->options->tangent;
    size_t n = m->H.n;
    projected p = {.H = &m->H, .P = tangent ? &tangent->complement : NULL};
    tw_flat_space s = {.A = m->H, .project = p.P, .sectors = m->options->sectors};
    if (tangent && tangent->dimension > 0) {
        TW_TRY(TW_NEW(p.X, n * TW_FLAT_BLOCK));
        TW_TRY(TW_NEW(p.Y, n * TW_FLAT_BLOCK));
        s.A = (tw_linop){.n = n, .apply = apply_projected, .self = &p, .draft = draft_projected};
        s.keep = p.P;
        s.known = tangent->dimension;
    }
    TW_TRY(measure_part(m, &s, &m->result->off_orbit));
cleanup:
    free(p.X);
    free(p.Y);
    return status;
}

static tw_status measure_block(tw_flat_measurement *m, size_t i) {
    tw_status status = TW_OK;
    const tw_flat_block *block = &m->options->blocks[i];
    tw_restricted restricted = {0};
    mask in_block = {.n = m->H.n, .slice = block->slice};
    tw_linop project = {.n = m->H.n, .apply = apply_mask, .self = &in_block};
    TW_TRY(tw_restricted_init(&restricted, &m->H, 1, &block->slice));
    tw_flat_space s = {.A = tw_restricted_linop(&restricted),
                       .start = block->slice.start,
                       .project = &project,
                       .sectors = block->sectors,
                       .alone = true};
    TW_TRY(measure_part(m, &s, &m->result->blocks[i]));
cleanup:
    tw_restricted_clear(&restricted);
    return status;
}

/* The ball of a part lies in that of the whole: what was found there is a lower bound here. It need
 * not be stationary among all directions. */
static void raise_worst(const tw_flat_part *part, tw_flat_part *whole) {
    for (size_t i = 0; i < whole->radius_count; i++) {
        tw_sharpness *worst = &whole->sharpness[i];
        if (!(part->sharpness[i].rise > worst->rise)) continue;
        worst->rise = part->sharpness[i].rise;
        worst->converged = false;
    }
}

/* ---- The whole ---- */

/* What zero means at x, and whether the tangent may be set aside as null. */
static tw_status measure_zero(tw_flat_measurement *m) {
    const tw_flatness_options *options = m->options;
    const tw_tangent *tangent = options->tangent;
    double norm = m->result->norm, size = tw_norm(options->space, m->H.n, m->x), residual = 0.0;
    tw_status status = tw_zero_probe_tangent(&m->H, tangent, TW_ZERO_PROBES, &options->budget,
                                             options->space, &residual);
    m->zero = options->trace.zero;
    if (status == TW_STOPPED) {
        m->result->reason = TW_ESTIMATE_CANCELLED;
        return TW_OK;
    }
    m->zero.gradient = m->result->gradient_norm;
    m->zero.tangent = residual;
    m->zero.explained = tangent ? tangent->dimension : 0;
    bool any = tangent && tangent->dimension > 0;
    m->result->tangent_residual = any ? (norm > 0.0 ? residual / norm : 0.0) : (double)NAN;
    bool stationary = tw_zero_is_flat(&m->zero, norm, size);
    m->flat = any && stationary;
    if (any && !stationary) m->result->off_orbit.name = "projected";
    if (!stationary) m->zero = options->trace.zero; /* nothing has to be zero there */
    return status;
}

static tw_status result_init(tw_flat_measurement *m) {
    tw_status status = TW_OK;
    const tw_flatness_options *options = m->options;
    const tw_tangent *tangent = options->tangent;
    tw_flatness *r = m->result;
    size_t n = m->objective->n, whole = tw_space_dimension(options->space, n);
    *r = (tw_flatness){.parameters = whole};
    TW_TRY(part_init(options, "whole", whole, &r->whole));
    TW_TRY(
        part_init(options, "off orbit", whole - (tangent ? tangent->dimension : 0), &r->off_orbit));
    TW_TRY(TW_NEW(r->blocks, options->block_count));
    r->block_count = options->block_count; /* the zeros of the rest can be cleared */
    for (size_t i = 0; i < r->block_count; i++) {
        const tw_flat_block *block = &options->blocks[i];
        TW_TRY(part_init(options, block->name, block->slice.length, &r->blocks[i]));
    }
    TW_TRY(TW_NEW(m->gradient, n));
    TW_TRY(TW_NEW(m->top, n * TW_FLAT_TOP));
cleanup:
    return status;
}

tw_status tw_flatness_measure(const tw_objective *objective, const double *x,
                              const tw_flatness_options *options, tw_flatness *result) {
    tw_status status = TW_OK;
    tw_flatness_options defaults = TW_FLATNESS_DEFAULTS;
    if (options == NULL) options = &defaults;
    tw_flat_measurement m = {.objective = objective, .x = x, .options = options, .result = result};
    *result = (tw_flatness){0};
    TW_TRY(tw_budget_check(&options->budget));
    TW_TRY(tw_space_check(options->space, objective->n));
    if (options->block_count > 0 && tw_space_is_spread(options->space))
        return tw_fail(TW_ERR_UNSUPPORTED, "blocks of coordinates of vectors that are spread");
    TW_TRY(result_init(&m));
    TW_TRY(objective->eval(objective->self, x, &result->value, m.gradient));
    m.hessian = tw_hessian_at(objective, x);
    m.H = tw_hessian_linop(&m.hessian);
    result->gradient_norm = tw_norm(options->space, objective->n, m.gradient);
    TW_TRY(tw_flat_norm(&m));
    TW_TRY(measure_zero(&m));
    TW_TRY(measure_whole(&m));
    if (result->whole.largest.value > result->norm) result->norm = result->whole.largest.value;
    TW_TRY(measure_off_orbit(&m));
    for (size_t i = 0; i < options->block_count; i++) TW_TRY(measure_block(&m, i));
    raise_worst(&result->off_orbit, &result->whole);
    for (size_t i = 0; i < options->block_count; i++)
        raise_worst(&result->blocks[i], &result->whole);
    result->products = m.hessian.products;
cleanup:
    free(m.gradient);
    free(m.top);
    if (status != TW_OK) tw_flatness_clear(result);
    return status;
}

static void part_clear(tw_flat_part *part) {
    free(part->sharpness);
    free(part->rises);
}

void tw_flatness_clear(tw_flatness *flatness) {
    if (flatness == NULL) return;
    part_clear(&flatness->whole);
    part_clear(&flatness->off_orbit);
    for (size_t i = 0; i < flatness->block_count; i++) part_clear(&flatness->blocks[i]);
    free(flatness->blocks);
    *flatness = (tw_flatness){0};
}
