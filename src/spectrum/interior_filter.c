/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The route for any spectrum: a polynomial filter turns what is wanted into the upper end.
 *
 *     p(t) = 1 + bump((t - c)/R),     R = max(top - c, c - bottom),
 *
 * with Jackson's bump, even about the centre c and falling on either side: p orders eigenvalues by
 * their distance from c, exactly. So `all within h` is `all with p >= p(h)`, `the k nearest` are
 * the k largest, and tw_spectrum_search finds either with its own evidence (fresh starts that find
 * nothing further out). The 1 gives p(A) a norm of at least 1 when nothing is near c: an empty
 * interval is then a search that sees one pair beyond p(h), not one that chases rounding.
 *
 * Why not the folded operator (A - c)^2, the same ordering at degree 2: a residual of tolerance
 * ||A||^2 there means tolerance ||A||^2/g in A for a gap g, and the relative gap (g/||A||)^2 asks
 * for ||A||/g Krylov vectors. The filter has gaps of order 1: residuals carry over, and the degree,
 * about pi R/g, replaces basis vectors. Why not shift and invert: an indefinite A needs MINRES, on
 * a system that is nearly singular where it matters, to the tolerance of the pairs; about as many
 * products a vector, and none of them shared by a block.
 *
 * Cost. To tell a value at distance g from the wanted ones, a Krylov space of p(A) with a bump of
 * width w needs a number of vectors in proportion to w/g, each of degree about pi R/w: the product
 * does not depend on w. Narrow bumps waste the search's fixed number of steps (its range, its
 * checks), wide ones need a large basis; GENTLE is between. Measured: about 13 R/g products a copy,
 * as many for each of the confirming rounds.
 *
 * p maps t to either side of c alike. Rayleigh-Ritz with A itself in the space found separates
 * them; and every pair is multiplied afresh by A. A value outside at nearly the distance of a
 * wanted one on the other side would be mixed with it: such a pair fails, and the next attempt
 * takes in a wider space. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <thalweg/operator/polynomial.h>

#include "base/alloc_private.h"
#include "dense/factor_private.h"
#include "dense/matrix_private.h"
#include "dense/vector_private.h"
#include "spectrum/interior_private.h"

#define OVERSHOOT 2.001 /* p above this: the spectrum reaches beyond the range */
#define GENTLE 3.0      /* the bump is wider than it has to be: see the essay */
#define LOBE 1.05       /* below it the bump may not be monotone */

enum { MIN_DEGREE = 8, MAX_ATTEMPTS = 5 };

typedef struct filter {
    tw_interior *in;
    tw_polynomial p;
    tw_monitor monitor; /* of the products within p: a vector takes hundreds */
    double half_width;  /* R */
    double width;       /* of the bump, in t */
    double cover;       /* distance from c that has to be covered; nearest: 0, as far as it takes,
                          unless the narrowest bump cannot tell the wanted ones from others */
    double wider;       /* factor of the space by the attempts */
    double tolerance;   /* relative to ||p(A)|| */
    double *X, *Y;      /* n x count: the space, then its Ritz vectors; products */
    double *values, *residuals;
    size_t count;
    bool complete; /* by the search */
    bool cut;      /* its innermost level has more pairs */
} filter;

/* ---- The polynomial ---- */

/* Distance of the nearest node of the plan that is farther than `reach`. */
static double gap_behind(const tw_interior *in, double reach) {
    double gap = INFINITY;
    for (size_t i = 0; i < in->krylov.count; i++) {
        double distance = fabs(in->krylov.node[i] - in->centre);
        if (distance > reach) gap = fmin(gap, distance);
    }
    return isinf(gap) ? reach : gap;
}

/* Radius about the target that holds the wanted pairs, by the weights of the plan. */
static double radius_by_plan(const tw_interior *in) {
    const tw_krylov *kr = &in->krylov;
    double radius = 0.0, held = 0.0;
    while (held < (double)in->wanted) {
        double next = gap_behind(in, radius);
        if (next == radius) break;
        radius = next;
        held = 0.0;
        for (size_t i = 0; i < kr->count; i++)
            if (fabs(kr->node[i] - in->centre) <= radius)
                held += kr->weight[i] * (double)in->dimension;
    }
    return radius;
}

/* Radius that holds the wanted pairs when they are spread evenly between the nodes on either side
 * of the target. */
static double radius_by_density(const tw_interior *in) {
    const tw_krylov *kr = &in->krylov;
    size_t right = 0;
    while (right < kr->count && kr->node[right] < in->centre) right++;
    if (right == 0 || right == kr->count) return 0.0;
    double share = 0.5 * (kr->weight[right - 1] + kr->weight[right]);
    double pairs = share * (double)in->dimension;
    double spacing = kr->node[right] - kr->node[right - 1];
    return pairs > 0.5 ? 0.5 * (double)in->wanted * spacing / pairs : spacing;
}

/* Nodes of the plan nearer than the narrowest bump: *edge, how far they reach. Is their weight
 * spread over several of them, so that they are no copies of one value? */
static bool is_cloud(const tw_interior *in, double narrowest, double *edge) {
    const tw_krylov *kr = &in->krylov;
    double share = 0.0, largest = 0.0;
    *edge = 0.0;
    for (size_t i = 0; i < kr->count; i++) {
        double distance = fabs(kr->node[i] - in->centre);
        if (distance > narrowest) continue;
        *edge = fmax(*edge, distance);
        share += kr->weight[i];
        largest = fmax(largest, kr->weight[i]);
    }
    return largest < 0.5 * share;
}

/* Cover everything within `reach`, up to the next node behind it. */
static void cover(filter *f, double reach) {
    f->cover = reach;
    f->width = fmax(reach, 0.4 * gap_behind(f->in, reach));
}

static void plan(filter *f) {
    tw_interior *in = f->in;
    double edge, slack = 4.0 * tw_interior_slack(in);
    f->half_width = fmax(fmax(in->top - in->centre, in->centre - in->bottom), in->norm * 1e-3);
    double narrowest = f->half_width / (double)in->options->max_degree;
    f->wider = 1.0;
    f->width = fmax(radius_by_plan(in), radius_by_density(in));
    if (in->wanted == 0)
        cover(f, in->reach + slack);
    else if (GENTLE * f->width < narrowest && is_cloud(in, narrowest, &edge))
        cover(f, edge + slack);
    f->width = fmax(GENTLE * f->width, narrowest);
}

static tw_status build(filter *f) {
    tw_status status = TW_OK;
    tw_interior *in = f->in;
    double *coefficients = NULL, terms = acos(-1.0) * f->half_width / f->width;
    size_t degree = in->options->max_degree;
    if (terms < (double)degree) degree = terms < MIN_DEGREE ? MIN_DEGREE : (size_t)terms;
    degree -= degree % 2; /* odd terms vanish */
    tw_polynomial_clear(&f->p);
    TW_TRY(TW_NEW(coefficients, degree + 1));
    tw_chebyshev_bump(degree, coefficients);
    coefficients[0] += 1.0;
    TW_TRY(tw_polynomial_init(&f->p, in->A,
                              (tw_chebyshev){in->centre, f->half_width, degree, coefficients}));
    f->p.monitor = &f->monitor;
    in->degree = degree;
    f->tolerance = fmax(0.1 * in->options->tolerance, 4.0 * (double)degree * DBL_EPSILON);
cleanup:
    free(coefficients);
    return status;
}

static double level_at(const filter *f, double distance) {
    return tw_chebyshev_eval(&f->p.series, f->in->centre + distance);
}

/* Rounding of p must not decide what is inside. */
static double level_to_reach(const filter *f, double distance) {
    return level_at(f, distance) - 100.0 * f->tolerance;
}

/* How far that level reaches in truth, p being flat at its top. */
static double reach_of_level(const filter *f, double distance) {
    double level = level_to_reach(f, distance), reach = distance;
    while (reach < f->half_width && level_at(f, 1.1 * reach) >= level) reach *= 1.1;
    return reach;
}

/* ---- The space ---- */

static void release(filter *f) {
    double *blocks[] = {f->X, f->Y, f->values, f->residuals};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) free(blocks[i]);
    f->X = f->Y = f->values = f->residuals = NULL;
    f->count = 0;
}

/* Of the pairs of p(A), ascending in p, those on or above the level become the space. */
static void take_space(filter *f, tw_eigenpairs *pairs, double level) {
    size_t below = 0, n = f->in->n;
    while (below < pairs->count && pairs->values[below] < level) below++;
    f->count = pairs->count - below;
    for (size_t j = 0; j < f->count; j++)
        tw_copy(n, pairs->vectors + (below + j) * n, pairs->vectors + j * n);
    f->X = pairs->vectors;
    f->values = pairs->values;
    f->residuals = pairs->residuals;
    *pairs = (tw_eigenpairs){0};
}

/* What a search by p found out. */
typedef enum outcome { OUTCOME_SPACE, OUTCOME_AGAIN, OUTCOME_ENDED } outcome;

/* How the search's answer is to be read; adapts the filter when it has to run again. */
static outcome judge(filter *f, const tw_search_result *found, double level) {
    tw_interior *in = f->in;
    double innermost = found->pairs.count ? found->pairs.values[0] : 0.0;
    f->cut = found->cluster_cut;
    f->complete = found->reason == TW_SEARCH_COMPLETE || found->reason == TW_SEARCH_ALL;
    if (found->norm > OVERSHOOT) {
        f->half_width *= 1.1;
        return OUTCOME_AGAIN;
    }
    if (in->gate.cancelled) {
        tw_interior_end(in, TW_INTERIOR_CANCELLED);
        return OUTCOME_ENDED;
    }
    if (in->wanted && f->complete && isnan(level) && innermost < LOBE &&
        found->reason != TW_SEARCH_ALL) {
        f->width *= 4.0;
        return OUTCOME_AGAIN;
    }
    return OUTCOME_SPACE;
}

/* Room for the products of Rayleigh-Ritz and verification. */
static size_t search_budget(const filter *f) {
    size_t left = tw_interior_left(f->in), reserve = 2 * (f->in->options->max_count + 1);
    if (reserve > left / 2) reserve = left / 2;
    return (left - reserve) / f->p.series.degree;
}

static tw_status find_space(filter *f, outcome *what) {
    tw_status status = TW_OK;
    tw_interior *in = f->in;
    tw_search_result found = {0};
    TW_TRY(build(f));
    tw_linop p = tw_polynomial_linop(&f->p);
    tw_search_options options = tw_interior_search_options(in);
    double level = f->cover > 0.0 ? level_to_reach(f, f->cover * f->wider) : (double)NAN;
    options.end = TW_END_LARGEST;
    options.count = isnan(level) ? in->wanted : tw_interior_expect(in, in->wanted ? f->cover : 0.0);
    options.beyond = level;
    options.tolerance = f->tolerance;
    options.budget.products = search_budget(f);
    in->gate.limited = false;
    in->gate.limit = 2 * in->options->max_count + 2;
    TW_TRY(tw_spectrum_search(&p, &options, &found));
    in->products += found.products * f->p.series.degree;
    in->rounds += found.rounds;
    *what = judge(f, &found, level);
    if (*what == OUTCOME_SPACE) take_space(f, &found.pairs, isnan(level) ? 0.0 : level);
    if (*what == OUTCOME_SPACE && !f->complete && !in->gate.limited)
        tw_interior_judge(in, found.reason);
cleanup:
    tw_search_result_clear(&found);
    return status;
}

/* ---- Pairs of A ---- */

static void residuals(filter *f) {
    size_t n = f->in->n;
    const tw_space *space = f->in->options->within.space;
    for (size_t j = 0; j < f->count; j++) {
        f->values[j] = tw_dot(space, n, f->X + j * n, f->Y + j * n);
        tw_axpy(n, -f->values[j], f->X + j * n, f->Y + j * n);
        f->residuals[j] = tw_norm(space, n, f->Y + j * n);
    }
}

/* Rayleigh-Ritz with A in the space, and a fresh product for every pair. */
static tw_status separate(filter *f) {
    tw_status status = TW_OK;
    size_t n = f->in->n, count = f->count;
    const tw_space *space = f->in->options->within.space;
    double *G = NULL;
    if (count == 0) return TW_OK;
    TW_TRY(TW_NEW(f->Y, n * count));
    TW_TRY(TW_NEW(G, count * count));
    TW_TRY(tw_interior_product(f->in, count, f->X, f->Y));
    tw_gram(space, n, (tw_columns){f->X, n, count}, (tw_columns){f->Y, n, count}, G);
    for (size_t j = 0; j < count; j++)
        for (size_t i = 0; i < j; i++)
            G[i + j * count] = G[j + i * count] = 0.5 * (G[i + j * count] + G[j + i * count]);
    TW_TRY(tw_symmetric_eigen(count, G, f->values));
    tw_multiply(1.0, tw_plain(f->X, n, count), tw_plain(G, count, count), 0.0,
                tw_mat(f->Y, n, count));
    double *kept = f->X;
    f->X = f->Y;
    f->Y = kept;
    TW_TRY(tw_interior_product(f->in, count, f->X, f->Y));
    residuals(f);
cleanup:
    free(G);
    return status;
}

/* Drop pairs that fail; false when one of them may be wanted. */
static bool keep_verified(filter *f) {
    tw_interior *in = f->in;
    double slack = tw_interior_slack(in);
    size_t kept = 0, n = in->n, first_bad = f->count;
    double nearest_bad = INFINITY;
    for (size_t j = 0; j < f->count; j++) {
        if (!(f->residuals[j] <= slack)) {
            double distance = tw_interior_distance(in, f->values[j]) - f->residuals[j];
            nearest_bad = fmin(nearest_bad, distance);
            if (first_bad == f->count) first_bad = j;
            continue;
        }
        f->values[kept] = f->values[j];
        f->residuals[kept] = f->residuals[j];
        if (kept != j) tw_copy(n, f->X + j * n, f->X + kept * n);
        kept++;
    }
    f->count = kept;
    return nearest_bad > tw_interior_bound(in, kept, f->values);
}

static void hand_over(filter *f) {
    f->in->cut = f->cut && f->cover == 0.0;
    f->in->pool = (tw_eigenpairs){f->in->n, f->count, f->values, f->X, f->residuals};
    f->X = f->values = f->residuals = NULL;
}

/* Distance from c that the space may reach. */
static double extent(const filter *f) {
    double farthest = 4.0 * tw_interior_slack(f->in);
    for (size_t j = 0; j < f->count; j++)
        farthest = fmax(farthest, fabs(f->values[j] - f->in->centre) + f->residuals[j]);
    return farthest;
}

/* The space was not enough to tell pairs apart: cover more. */
static void widen(filter *f, double farthest) {
    if (f->cover == 0.0)
        f->cover = farthest; /* nearest: whole levels of p */
    else
        f->wider *= 1.15;
}

/* Where p is flat, at its top, it orders by distance only up to its tolerance: could a pair nearer
 * than the wanted ones hide in the level that was cut? */
static bool may_hide(const filter *f) {
    double bound = tw_interior_bound(f->in, f->count, f->values);
    if (!f->cut || f->cover > 0.0 || !(bound > 0.0)) return false;
    double slack = 2.0 * tw_interior_slack(f->in);
    return level_at(f, bound) - level_at(f, bound + slack) < 8.0 * f->tolerance;
}

static void conclude(filter *f, bool last) {
    tw_interior *in = f->in;
    double farthest = extent(f);
    bool sound = keep_verified(f) && !may_hide(f);
    if (!in->done && in->gate.limited)
        tw_interior_end(in, TW_INTERIOR_COUNT);
    else if (!in->done && sound)
        tw_interior_end(in, TW_INTERIOR_COMPLETE);
    else if (!in->done && last)
        tw_interior_end(in, TW_INTERIOR_STALLED);
    else if (!in->done && f->cover == 0.0 && !in->krylov.closed)
        tw_interior_crowded(in, reach_of_level(f, farthest), 2.0 * (double)in->degree);
    if (in->done)
        hand_over(f);
    else
        widen(f, farthest);
}

static tw_status attempt(filter *f, bool last) {
    tw_status status = TW_OK;
    tw_interior *in = f->in;
    outcome what;
    TW_TRY(find_space(f, &what));
    if (what == OUTCOME_AGAIN && last) tw_interior_end(in, TW_INTERIOR_STALLED);
    if (what != OUTCOME_SPACE) goto cleanup;
    if (2 * f->count > tw_interior_left(in)) {
        tw_interior_end(in, TW_INTERIOR_PRODUCTS);
        goto cleanup;
    }
    TW_TRY(separate(f));
    conclude(f, last);
cleanup:
    release(f);
    return status;
}

tw_status tw_interior_by_filter(tw_interior *in) {
    tw_status status = TW_OK;
    filter f = {.in = in, .monitor = {tw_interior_told_to_end, in}};
    in->method = "filter";
    plan(&f);
    if (in->wanted && f.cover > 0.0)
        tw_interior_crowded(in, f.cover, 2.0 * acos(-1.0) * f.half_width / f.width);
    for (int i = 0; i < MAX_ATTEMPTS && !in->done; i++) TW_TRY(attempt(&f, i + 1 == MAX_ATTEMPTS));
cleanup:
    release(&f);
    tw_polynomial_clear(&f.p);
    in->gate.limited = false;
    in->gate.limit = SIZE_MAX;
    return status;
}
