/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Extreme eigenpairs with their multiplicities, by rounds of a Krylov engine with locking.
 *
 * A Krylov space from one vector holds, in exact arithmetic, one vector of each eigenspace, so no
 * single solve can count copies; on spectra of a few values with multiplicities in the hundreds,
 * solvers drop copies and report success. Here a round only proposes. Each proposed pair is made
 * orthogonal to the pairs locked before, multiplied afresh by A, and locked when
 * ||A v - t v|| <= tolerance ||A||. The next round starts from a fresh random vector in the
 * complement of all locked pairs, where the missing copies are again the outermost ones.
 *
 * The list is complete when `confirmations` rounds in a row converge, each from its own start, to
 * an outermost value of the complement that is not further out than the innermost wanted value.
 * That value is kept as `next`: when it equals the innermost one (within CLUSTER tolerance ||A||,
 * as either is known to tolerance ||A||), the cluster is cut. A start vector misses an eigenvector
 * of the complement with probability zero, and numerically when its component is below rounding.
 *
 * Where A has drafts, all this is done with them: which pairs there are is a question of many
 * products. In the end every pair of the list is multiplied by A itself, which gives its value and
 * residual; one that does not pass shows that the drafts are those of another operator, and the
 * search starts anew without them.
 *
 * Engines converge to ACCURACY times the tolerance: the residuals of locked pairs enter those of
 * later ones through the projector, and must not add up to the tolerance. */
#include <math.h>
#include <stdlib.h>

#include "base/alloc_private.h"
#include "dense/vector_private.h"
#include "spectrum/search_private.h"

#define CLUSTER 2.0
#define ACCURACY 0.05
#define GRACE 0.25
#define ACCURACY_FLOOR 1e-14 /* relative to ||A||: what products in double can give */

enum { MAX_BARREN = 3 }; /* rounds in a row without a verified pair */

typedef struct search {
    const tw_search_options *options;
    size_t n;         /* entries of a vector held here */
    size_t dimension; /* of keep's range */
    tw_search_room room;
    tw_locked locked;
    tw_complement complement;
    const tw_engine *engine;
    void *state;    /* of the engine */
    double *values; /* room: Ritz values of a round */
    double norm;    /* of A */
    double scale;   /* of the shifted operator */
    double next;    /* key of the outermost pair met and not listed; INFINITY: none */
    size_t rounds;
    unsigned confirmed, barren;
    bool ended;
    tw_search_reason reason;
} search;

const char *tw_search_reason_name(tw_search_reason reason) {
    static const char *const names[] = {"complete", "all", "products", "stalled", "cancelled"};
    return (size_t)reason < sizeof names / sizeof names[0] ? names[reason] : "unknown";
}

static size_t smaller(size_t a, size_t b) {
    return a < b ? a : b;
}

/* ---- The list ---- */

/* Pairs the caller wants to see, as far as the locked ones tell; more than locked: go on. */
static size_t listed(const search *se) {
    const tw_locked *locked = &se->locked;
    size_t count = se->options->count;
    if (isnan(se->options->beyond)) return count;
    double bound = tw_locked_key(locked, se->options->beyond);
    size_t first = 0;
    while (first < locked->count && tw_locked_key(locked, locked->values[first]) <= bound) first++;
    return first + 1 > count ? first + 1 : count;
}

static double innermost(const search *se) {
    return tw_locked_key(&se->locked, se->locked.values[se->locked.count - 1]);
}

/* The zero operator has no size of its own. */
static double size_of_norm(const search *se) {
    return se->norm > 0.0 ? se->norm : 1.0;
}

static double cluster_tolerance(const search *se) {
    return CLUSTER * se->options->tolerance * se->norm;
}

/* Pairs that copies of the outermost value would push off the list. */
static size_t displaceable(const search *se) {
    const tw_locked *locked = &se->locked;
    size_t i = 0;
    while (i < locked->count &&
           fabs(locked->values[i] - locked->values[0]) <= cluster_tolerance(se))
        i++;
    return locked->count - i;
}

static void drop_surplus(search *se) {
    tw_locked *locked = &se->locked;
    while (locked->count > listed(se)) {
        se->next = fmin(se->next, innermost(se));
        locked->count--;
    }
}

/* ---- One round ---- */

/* What verification made of a round. */
typedef struct verdict {
    size_t passed; /* pairs verified */
    size_t locked; /* of them, news */
} verdict;

/* ||A x - value x|| with the Rayleigh quotient of x and its product, which is spoilt. */
static double measure_pair(const search *se, const double *x, double *product, double *value) {
    *value = tw_dot(se->locked.space, se->n, x, product);
    tw_axpy(se->n, -*value, x, product);
    return tw_norm(se->locked.space, se->n, product);
}

/* The pair at candidate place `index` with its fresh product. When no pair is missing, only one
 * further out than the list is news; another is evidence on what comes next. */
static void judge(search *se, size_t index, double *product, bool missing, verdict *found) {
    tw_locked *locked = &se->locked;
    const double *x = locked->vectors + index * se->n;
    double value, residual = measure_pair(se, x, product, &value);
    if (!(residual <= se->options->tolerance * se->norm)) return;
    double key = tw_locked_key(locked, value);
    se->norm = fmax(se->norm, fabs(value));
    found->passed++;
    if (!missing && key >= innermost(se) - cluster_tolerance(se)) {
        se->next = fmin(se->next, key);
        return;
    }
    found->locked++;
    tw_locked_insert(locked, index, value, residual);
}

/* Judge the `count` (at most a block) candidates standing at place `from`. */
static tw_status verify(search *se, size_t from, size_t count, bool missing, verdict *found) {
    tw_locked *locked = &se->locked;
    size_t n = se->n, first = locked->count, kept = 0;
    double *X = locked->vectors + first * n, *product = se->complement.input;
    for (size_t c = 0; from != first && c < count; c++)
        tw_copy(n, locked->vectors + (from + c) * n, X + c * n);
    tw_status status = tw_complement_project(&se->complement, count, X);
    if (status != TW_OK) return status;
    for (size_t c = 0; c < count; c++) {
        if (c != kept) tw_copy(n, X + c * n, X + kept * n);
        kept += tw_locked_orthonormalise(locked, first + kept);
    }
    status = tw_complement_product(&se->complement, tw_linop_draft, kept, X, product);
    for (size_t c = 0; c < kept && status == TW_OK; c++)
        judge(se, first + c, product + c * n, missing, found);
    return status;
}

static tw_status propose(search *se, size_t wanted, bool missing, tw_engine_round *round) {
    tw_complement *complement = &se->complement;
    tw_engine_task task = {
        .B = &complement->view,
        .space = se->options->within.space,
        .dimension = se->dimension - se->locked.count,
        .wanted = wanted,
        .bound = missing ? -INFINITY : complement->shift - innermost(se) + cluster_tolerance(se),
        .scale = se->scale,
        .accuracy = fmax(ACCURACY * se->options->tolerance, ACCURACY_FLOOR) * size_of_norm(se),
        .draw = tw_complement_draw,
        .allow = tw_complement_allow,
        .self = complement};
    tw_random_init(&complement->stream, se->options->budget.seed, TW_PURPOSE_START, ++se->rounds);
    complement->reserve = wanted + (complement->A->draft ? listed(se) : 0);
    round->vectors = se->locked.vectors + se->locked.count * se->n;
    return se->engine->round(se->state, &task, round);
}

/* The engine for what is left; the tiny rest of a space goes to the one that fills it. */
static tw_status choose_engine(search *se) {
    const tw_engine *chosen;
    tw_status status = tw_engine_find(se->options->engine, &chosen);
    if (status != TW_OK) return status;
    if (se->dimension - se->locked.count < chosen->dimension) chosen = &tw_engine_lanczos;
    if (chosen == se->engine) return TW_OK;
    if (se->engine) se->engine->destroy(se->state);
    se->engine = chosen;
    se->state = NULL;
    return chosen->create(se->n, smaller(se->room.basis, chosen->room), &se->state);
}

/* ---- The search ---- */

static void end(search *se, tw_search_reason reason) {
    se->ended = true;
    se->reason = reason;
}

/* What a round means for the search. */
static void conclude(search *se, const tw_engine_round *round, const verdict *found, bool missing) {
    bool sound = round->top && found->passed == round->count;
    se->barren = found->locked > 0 || sound ? 0 : se->barren + 1;
    if (found->locked > 0)
        se->confirmed = 0;
    else if (!missing && sound)
        se->confirmed += round->exhausted ? se->options->confirmations : 1;
    bool empty = round->exhausted && round->count == 0;
    if (empty || se->locked.count >= se->dimension)
        end(se, TW_SEARCH_ALL);
    else if (!missing && se->confirmed >= se->options->confirmations)
        end(se, TW_SEARCH_COMPLETE);
    else if (se->complement.cancelled)
        end(se, TW_SEARCH_CANCELLED);
    else if (se->complement.refused)
        end(se, TW_SEARCH_PRODUCTS);
    else if (se->barren >= MAX_BARREN)
        end(se, TW_SEARCH_STALLED);
}

/* "All" hangs on the dimension that the caller told: a fresh random vector must have nothing left
 * in the complement of what was found. */
static tw_status check_all(search *se) {
    bool found = false;
    if (se->options->within.removed == 0) return TW_OK;
    double *x = se->complement.input + (se->complement.block - 1) * se->n;
    tw_status status = tw_complement_draw(&se->complement, x, &found);
    if (status != TW_OK || !found) return status;
    return tw_fail(TW_ERR_DATA,
                   "the projector keeps more than the %zu of %zu dimensions that it is said to",
                   se->dimension, tw_space_dimension(se->options->within.space, se->n));
}

static tw_status next_round(search *se) {
    tw_status status = TW_OK;
    tw_engine_round round = {.values = se->values};
    verdict found = {0};
    size_t want = listed(se), count = se->locked.count;
    bool missing = want > count;
    size_t wanted = se->barren ? 1 : missing ? want - count : displaceable(se) + 1;
    wanted = smaller(smaller(wanted, se->room.candidates), se->dimension - count);
    TW_TRY(choose_engine(se));
    TW_TRY(tw_locked_reserve(&se->locked, count + wanted));
    TW_TRY(propose(se, wanted, missing, &round));
    for (size_t i = 0; i < round.count; i += se->complement.block)
        TW_TRY(
            verify(se, count + i, smaller(round.count - i, se->complement.block), missing, &found));
    conclude(se, &round, &found, missing);
    if (se->ended && se->reason == TW_SEARCH_ALL) TW_TRY(check_all(se));
    drop_surplus(se);
cleanup:
    return status;
}

/* Norm and shift from both ends of A itself. */
static tw_status measure_range(search *se) {
    tw_complement *complement = &se->complement;
    tw_range range;
    tw_engine_task task = {.B = &complement->view,
                           .space = se->options->within.space,
                           .dimension = se->dimension,
                           .draw = tw_complement_draw,
                           .allow = tw_complement_allow,
                           .self = complement};
    double sign = complement->sign;
    tw_random_init(&complement->stream, se->options->budget.seed, TW_PURPOSE_START, 0);
    complement->sign = -1.0; /* with no shift yet: B is A */
    tw_status status =
        tw_lanczos_range(&task, smaller(TW_SEARCH_RANGE_STEPS, se->dimension), &range);
    if (status != TW_OK) return status;
    complement->sign = sign;
    se->norm = fmax(fabs(range.low), fabs(range.high));
    double lift = size_of_norm(se); /* of the far end above the deflated zeros */
    double near = sign > 0.0 ? range.low : -range.high;
    double far = sign > 0.0 ? range.high : -range.low;
    complement->shift = far + range.margin + lift;
    se->scale = complement->shift - near;
    return TW_OK;
}

static tw_status run(search *se) {
    tw_status status = TW_OK;
    if (se->dimension == 0) {
        end(se, TW_SEARCH_ALL);
        return TW_OK;
    }
    se->room = tw_search_room_of(se->n, se->options);
    TW_TRY(TW_NEW(se->values, se->room.basis));
    TW_TRY(measure_range(se));
    while (!se->ended) TW_TRY(next_round(se));
cleanup:
    if (status != TW_STOPPED) return status;
    end(se, TW_SEARCH_CANCELLED); /* within a projection; what is locked stands */
    return TW_OK;
}

static void report(search *se, tw_search_result *result) {
    tw_locked *locked = &se->locked;
    double next = se->next;
    size_t count = listed(se);
    bool full = locked->count >= count && locked->count > 0;
    *result =
        (tw_search_result){.cluster_cut = full && next - innermost(se) <= cluster_tolerance(se),
                           .next = isinf(next) ? NAN : tw_locked_key(locked, next),
                           .norm = se->norm,
                           .products = se->complement.products,
                           .rounds = se->rounds,
                           .reason = se->reason};
    tw_locked_take(locked, count, &result->pairs);
}

/* The list by products of A itself; *sound = false at a pair that does not pass. Once told to end
 * it goes on for GRACE seconds: what is not judged by then is no part of the list. */
static tw_status judge_list(search *se, bool *sound) {
    tw_status status = TW_OK;
    tw_locked *locked = &se->locked;
    size_t n = se->n, count = locked->count, block = se->complement.block;
    double *product = se->complement.input, since = tw_clock_seconds();
    *sound = true;
    if (se->complement.A->draft == NULL) return TW_OK;
    locked->count = 0;
    for (size_t i = 0; i < count; i += block) {
        if (se->complement.cancelled && tw_clock_seconds() - since > GRACE) break;
        size_t k = smaller(count - i, block);
        const double *X = locked->vectors + i * n;
        TW_TRY(tw_complement_product(&se->complement, tw_linop_apply, k, X, product));
        for (size_t c = 0; c < k && *sound; c++) {
            double value, residual = measure_pair(se, X + c * n, product + c * n, &value);
            *sound = residual <= se->options->tolerance * se->norm;
            tw_locked_insert(locked, i + c, value, residual);
        }
        if (!*sound) return TW_OK;
    }
    if (locked->count < count) end(se, TW_SEARCH_CANCELLED);
cleanup:
    return status;
}

static tw_status search_by(const tw_linop *A, const tw_search_options *options,
                           tw_search_result *result, bool *sound) {
    tw_status status = TW_OK;
    search se = {.options = options, .n = A->n, .next = INFINITY};
    se.dimension = tw_subspace_rank(&options->within, A->n);
    TW_TRY(tw_locked_init(&se.locked, A->n, options->end, options->within.space));
    TW_TRY(tw_complement_init(&se.complement, A, options, &se.locked));
    TW_TRY(run(&se));
    TW_TRY(judge_list(&se, sound));
    report(&se, result);
cleanup:
    if (se.engine) se.engine->destroy(se.state);
    free(se.values);
    tw_locked_clear(&se.locked);
    tw_complement_clear(&se.complement);
    return status;
}

tw_status tw_spectrum_search(const tw_linop *A, const tw_search_options *options,
                             tw_search_result *result) {
    tw_status status = TW_OK;
    bool sound = true;
    *result = (tw_search_result){0};
    tw_search_options defaults = TW_SEARCH_DEFAULTS;
    if (options == NULL) options = &defaults;
    TW_TRY(tw_search_check(A, options));
    TW_TRY(search_by(A, options, result, &sound));
    if (sound) return TW_OK;
    size_t spent = result->products;
    tw_search_result_clear(result);
    tw_linop plain = *A;
    tw_search_options rest = *options;
    plain.draft = NULL;
    rest.budget = tw_budget_after(options->budget, spent);
    TW_TRY(search_by(&plain, &rest, result, &sound));
    result->products += spent;
cleanup:
    return status;
}

void tw_search_result_clear(tw_search_result *result) {
    if (result == NULL) return;
    tw_eigenpairs_clear(&result->pairs);
    *result = (tw_search_result){0};
}
