/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The table of claims. A new one is a function, its prototype in claims_private.h, and a row here:
 * the row's constants reach the function in their order as run->constants. */
#include "claims/claims_private.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* A row with what stays inside. */
typedef struct row {
    tw_claim claim;
    tw_claim_fn evaluate;
} row;

static const row rows[] = {
    {{"a",
      "published for the unconstrained feature model (L = 1) with cross entropy and ridges; index: "
      "docs/mathematics.md (3.12), direction: (3.13)",
      "Every critical point that is no global minimum is a strict saddle when d > r. It has #{i : "
      "sigma_i(G) > sqrt(lambda_W lambda_H)} (d - r) negative eigenvalues, G the gradient by the "
      "logits, besides those it has at width r, and the direction (3.13) has v^T H v = -2 (||G||_2 "
      "- sqrt(lambda_W lambda_H)).",
      TW_CLAIM_HOLDS,
      {{"bound", 1.0, "the bound on sigma_i(G), over sqrt(lambda_W lambda_H)"}}},
     tw_claim_saddles_ce},
    {{"b",
      "published for the unconstrained feature model (L = 1) with squared error and ridges; index: "
      "docs/mathematics.md (3.12)",
      "The same for squared error: every critical point that is no global minimum is a strict "
      "saddle when d > r, with the index (3.12) besides that at width r (one for each learned "
      "direction and a stronger one that is not).",
      TW_CLAIM_HOLDS,
      {{"bound", 1.0, "the bound on sigma_i(G), over sqrt(lambda_W lambda_H)"}}},
     tw_claim_saddles_mse},
    {{"c",
      "published for the unregularised layer-peeled model (L = 1, cross entropy, no ridge); "
      "docs/mathematics.md (8.1) to (8.4)",
      "The direction of gradient flow tends to that of the simplex frame, of margin 1/(2 (K-1) "
      "sqrt "
      "n) over ||theta||^2. When d > r, every critical point has a direction of negative "
      "curvature, and so has, on the sphere, every stationary direction (KKT point of (8.1)) that "
      "is not the simplex: ||G||_2 ||theta||^2 > -2 <G, Z>, G the gradient by the logits.",
      TW_CLAIM_HOLDS,
      {{"factor", 2.0, "the margin tends to 1/(factor (K-1) sqrt n)"},
       {"ratio", 1.0, "||G||_2 ||theta||^2 / -2 <G, Z> exceeds it"}}},
     tw_claim_flow},
    {{"d",
      "published for deep linear unconstrained features, as a counterexample to (a); "
      "docs/mathematics.md, section 3 (L >= 2)",
      "From depth L = 2 on, zero and minima of narrow models padded with zeros are local minima of "
      "the wide model, with a loss above the best one: the strict-saddle property is false.",
      TW_CLAIM_HOLDS,
      {{"depth", 2.0, "the least L from which it is said"}}},
     tw_claim_spurious},
    {{"e",
      "published for deep linear unconstrained features with cross entropy (low-rank bias); "
      "docs/mathematics.md, section 4",
      "Deep neural collapse is not globally optimal for any lambda at which it exists, when K >= 4 "
      "and L >= 3, or K >= 6 and L = 2.",
      TW_CLAIM_HOLDS,
      {{"K-deep", 4.0, "the least K for L >= 3"}, {"K-two", 6.0, "the least K for L = 2"}}},
     tw_claim_low_rank},
    {{"f",
      "stability of deep neural collapse with cross entropy; docs/mathematics.md (4.3), (4.4)",
      "For K >= 4 deep neural collapse is a local minimum iff a >= K (L-1)/(L+1). Just below, it "
      "is "
      "a strict saddle of index K (K-3)/2; further down to the fold its index is that of (4.3).",
      TW_CLAIM_HOLDS,
      {{"threshold", 1.0, "the threshold of a, over K (L-1)/(L+1)"},
       {"divisor", 2.0, "the index just below is K (K-3)/divisor"}}},
     tw_claim_stability},
    {{"g",
      "published for deep linear unconstrained features: dimension of the set of collapsed "
      "solutions, r (d - r) for each hidden space; docs/mathematics.md (3.4) says otherwise",
      "The zero modes of the Hessian at deep neural collapse (and at the cross-polytope) number "
      "L r (d - r), so that below d = r_1 + r_2 the low-rank set is the larger one.",
      TW_CLAIM_FAILS,
      {{"rotations", 0.0, "copies of r (r-1)/2 that are added for each hidden space"}}},
     tw_claim_dimension},
    {{"h",
      "published for deep linear unconstrained features with cross entropy: norms of the Hessian "
      "at "
      "collapse and at low-rank optima; docs/mathematics.md (4.3), (4.5)",
      "As lambda -> 0 the ratios of spectral norm, Frobenius norm and trace of the Hessian at deep "
      "neural collapse to those at the cross-polytope tend to constants (the first to 1): flatness "
      "does not tell them apart, while collapse has more zero modes at every lambda.",
      TW_CLAIM_HOLDS,
      {{"power", 1.0, "the power of the cross-polytope's norm that collapse is divided by"},
       {"spectral", 1.0, "the limit of the ratio of spectral norms"}}},
     tw_claim_norms},
    {{"i",
      "published for deep linear unconstrained features with squared error: layer-wise Hessians at "
      "collapse; docs/mathematics.md (5.1), (11.4)",
      "At deep neural collapse the block of W_l in the Hessian of the fit has K^2 equal outliers "
      "lambda q/(1-q) and zeros. Its Gauss-Newton split has the ranks 0 (within classes), K (K-1) "
      "(cross-class) and K (class means).",
      TW_CLAIM_HOLDS,
      {{"outlier", 1.0, "the outliers, over lambda q/(1-q)"},
       {"exponent", 2.0, "the outliers are K^exponent"},
       {"cross", 1.0, "the cross-class rank is K (K - cross)"}}},
     tw_claim_blocks},
    {{"j",
      "published for deep linear unconstrained features with cross entropy: rank of deep optima; "
      "docs/mathematics.md (11.1) to (11.3)",
      "When L -> infinity and lambda -> 0 with lambda = o(1/L), at most two singular values of the "
      "logits of a global minimum do not vanish (K >= 3). At a fixed depth it is not so: K = 10, "
      "L = 2 has rank 5.",
      TW_CLAIM_HOLDS,
      {{"survivors", 2.0, "singular values that do not vanish, at most"}}},
     tw_claim_survivors},
    {{"k",
      "published for deep unconstrained features with squared error: linear layers, and relu; "
      "docs/mathematics.md (5.2), (6.3), (11.5)",
      "Linear: where its loss is at most that of zero, deep neural collapse is a global minimum. "
      "Relu, K = 10, L = 4, lambda = 0.004, n = 1: a point of lower rank has a lower loss.",
      TW_CLAIM_HOLDS,
      {{"linear", 1.0, "f is at least this times the loss of collapse"},
       {"relu", 1.0, "the relu point is below this times the loss of collapse"}}},
     tw_claim_squared_error},
    {{"l",
      "published for unconstrained features in a ball (L = 1, cross entropy); docs/mathematics.md "
      "(11.6)",
      "The minimum of (1/N) sum_i ce(W h_i, y_i) over ||W||_op <= 1 and ||h_i|| <= R is log(1 + "
      "(K-1) exp(-R sqrt(K/(K-1)))), at the simplex frame (balanced classes, d >= K-1).",
      TW_CLAIM_HOLDS,
      {{"exponent", 0.5, "of K/(K-1)"}}},
     tw_claim_ball},
};

enum { ROWS = sizeof rows / sizeof *rows };

const tw_claim *tw_claim_at(size_t index) {
    return index < ROWS ? &rows[index].claim : NULL;
}

static const row *row_of(const char *id) {
    for (size_t i = 0; i < ROWS; i++)
        if (strcmp(rows[i].claim.id, id) == 0) return &rows[i];
    return NULL;
}

const tw_claim *tw_claim_find(const char *id) {
    const row *found = row_of(id);
    return found ? &found->claim : NULL;
}

size_t tw_claim_constants(const tw_claim *claim) {
    size_t count = 0;
    while (count < TW_CLAIM_CONSTANTS && claim->constants[count].name) count++;
    return count;
}

const char *tw_claim_answer_name(tw_claim_answer answer) {
    static const char *const names[] = {"fails", "holds", "undecided"};
    return (size_t)answer < sizeof names / sizeof *names ? names[answer] : "unknown";
}

static bool compare(const tw_claim_test *t) {
    double x = t->value, y = t->reference;
    switch (t->relation[0]) {
    case '\0':
        return true;
    case '=':
        return fabs(x - y) <= t->tolerance;
    case '<':
        return t->relation[1] ? x <= y : x < y;
    default:
        return t->relation[1] ? x >= y : x > y;
    }
}

void tw_claim_add(tw_claim_run *run, tw_claim_test test, const char *format, ...) {
    tw_claim_result *result = run->result;
    va_list arguments;
    if (result->figure_count == TW_CLAIM_FIGURES) {
        tw_claim_doubt(run, "there are more figures than the list has room for");
        return;
    }
    tw_claim_figure *figure = &result->figures[result->figure_count++];
    va_start(arguments, format);
    vsnprintf(figure->name, sizeof figure->name, format, arguments);
    va_end(arguments);
    figure->value = test.value;
    figure->relation = test.relation;
    figure->reference = test.relation[0] ? test.reference : NAN;
    figure->tolerance = test.tolerance;
    figure->holds = compare(&test);
}

void tw_claim_computed(tw_claim_run *run, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(run->result->computed, sizeof run->result->computed, format, arguments);
    va_end(arguments);
}

void tw_claim_doubt(tw_claim_run *run, const char *format, ...) {
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(run->result->doubt, sizeof run->result->doubt, format, arguments);
    va_end(arguments);
}

bool tw_claim_stop(tw_claim_run *run, double done, double total) {
    char stage[16];
    snprintf(stage, sizeof stage, "claim %s", run->id);
    if (tw_monitor_report(run->monitor, stage, done, total)) run->cancelled = true;
    return run->cancelled;
}

/* A comparison that fails settles the claim, whatever is in doubt beside it. */
static tw_claim_answer settle(const tw_claim_result *result) {
    for (size_t i = 0; i < result->figure_count; i++)
        if (!result->figures[i].holds) return TW_CLAIM_FAILS;
    return result->doubt[0] || result->figure_count == 0 ? TW_CLAIM_UNDECIDED : TW_CLAIM_HOLDS;
}

static tw_status take_constants(const tw_claim *claim, const tw_claim_options *options,
                                double *constants) {
    for (size_t i = 0; i < tw_claim_constants(claim); i++) {
        constants[i] = options->constants ? options->constants[i] : claim->constants[i].value;
        if (!(fabs(constants[i]) <= 1e6))
            return tw_fail(TW_ERR_ARGUMENT, "claim %s: %s = %g is outside -1e6 .. 1e6", claim->id,
                           claim->constants[i].name, constants[i]);
    }
    return TW_OK;
}

tw_status tw_claim_evaluate(const tw_claim *claim, const tw_claim_options *options,
                            tw_claim_result *result) {
    tw_status status = TW_OK;
    const tw_claim_options defaults = TW_CLAIM_DEFAULTS;
    if (options == NULL) options = &defaults;
    double constants[TW_CLAIM_CONSTANTS] = {0};
    const row *found = row_of(claim->id);
    tw_claim_run run = {.constants = constants,
                        .quick = options->quick,
                        .seed = options->seed,
                        .monitor = options->monitor,
                        .id = claim->id,
                        .result = result};
    *result = (tw_claim_result){0};
    if (found == NULL) return tw_fail(TW_ERR_ARGUMENT, "there is no claim '%s'", claim->id);
    TW_TRY(take_constants(claim, options, constants));
    TW_TRY(found->evaluate(&run));
    if (run.cancelled) tw_claim_doubt(&run, "it was ended before all cases were computed");
    result->answer = settle(result);
    result->cancelled = run.cancelled;
    if (run.cancelled) result->answer = TW_CLAIM_UNDECIDED;
cleanup:
    return status;
}
