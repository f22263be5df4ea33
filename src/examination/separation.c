/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Margins of a point, and its direction as a candidate for the limit of gradient flow.
 *
 * Without ridges cross entropy has no minimiser: norms grow without end, and the direction of theta
 * tends to a stationary direction of min ||theta||^2/2 subject to margins >= 1 (Lyu, Li, ICLR
 * 2020; Ji, Telgarsky, NeurIPS 2020), for logits that are homogeneous in theta. All rows of J are
 * pulled back one by one, each through the layers of its own sample. */
#include <thalweg/examination/separation.h>

#include <math.h>
#include <stdlib.h>
#include <thalweg/examination/collapse.h>
#include <thalweg/symmetry/symmetry.h>

#include "base/alloc_private.h"
#include "dense/bounded_private.h"
#include "dense/vector_private.h"

const char *tw_separation_reason_text(tw_separation_reason reason) {
    static const char *const texts[] = {
#define TEXT(name, text) text,
        TW_SEPARATION_LIST(TEXT)
#undef TEXT
    };
    return (size_t)reason < sizeof texts / sizeof *texts ? texts[reason] : "unknown";
}

/* Margin j belongs to a sample and a wrong class. */
typedef struct margin {
    size_t sample, other;
} margin;

static margin margin_at(const tw_dufm *model, size_t j) {
    size_t wrong = tw_dufm_classes(model) - 1, sample = j / wrong, k = j % wrong;
    return (margin){sample, k < (size_t)model->labels[sample] ? k : k + 1};
}

static void fill_margins(const tw_evaluator *evaluator, size_t count, double *margins) {
    const tw_dufm *model = tw_evaluator_model(evaluator);
    const double *Z = tw_evaluator_logits(evaluator);
    size_t K = tw_dufm_classes(model);
    for (size_t j = 0; j < count; j++) {
        margin m = margin_at(model, j);
        margins[j] = Z[(size_t)model->labels[m.sample] + K * m.sample] - Z[m.other + K * m.sample];
    }
}

static void summarise(size_t count, const double *margins, tw_separation *s) {
    s->smallest = INFINITY;
    s->largest = -INFINITY;
    for (size_t j = 0; j < count; j++) {
        s->smallest = fmin(s->smallest, margins[j]);
        s->largest = fmax(s->largest, margins[j]);
        s->mean += margins[j] / (double)count;
    }
    double squares = 0.0;
    for (size_t j = 0; j < count; j++)
        squares += (margins[j] - s->mean) * (margins[j] - s->mean) / (double)count;
    s->spread = s->mean > 0.0 ? (s->largest - s->smallest) / s->mean : (double)NAN;
    s->deviation = s->mean > 0.0 ? sqrt(squares) / s->mean : (double)NAN;
}

/* ---- Reference values ---- */

/* phi acts on hidden pre-activations, and L = 1 has none. */
static bool is_linear(const tw_dufm *model) {
    return model->activation->linear || model->layers == 1;
}

static bool is_balanced(const tw_dufm *model) {
    size_t K = tw_dufm_classes(model);
    for (size_t k = 0; k < K; k++) {
        size_t count = 0;
        for (size_t i = 0; i < model->samples; i++) count += (size_t)model->labels[i] == k;
        if (count * K != model->samples) return false;
    }
    return true;
}

/* Balanced classes, linear, and room for K - 1 dimensions in every hidden space. */
static bool has_simplex(const tw_dufm *model) {
    for (size_t l = 0; l < model->layers; l++)
        if (model->widths[l] + 1 < tw_dufm_classes(model)) return false;
    return is_linear(model) && !model->bias && is_balanced(model);
}

static void set_references(const tw_dufm *model, tw_separation *s) {
    double K = (double)tw_dufm_classes(model), root = sqrt((double)model->samples / K);
    double factors = (double)model->layers + 1.0;
    s->simplex = s->bound = s->maximum = NAN;
    if (!has_simplex(model)) return;
    s->simplex = pow(factors * (K - 1.0), -0.5 * factors) / root;
    s->bound = pow(factors, -0.5 * factors) / ((K - 1.0) * root);
    if (model->layers == 1 || K == 2.0) s->maximum = s->simplex;
}

/* ---- Stationarity ---- */

/* The dense problem for the multipliers. */
typedef struct kkt_system {
    size_t parameters, count; /* P, margins */
    double *A;                /* (P + count) x count: J^T over diag(slack) */
    double *b;                /* P + count: theta over zeros */
    double *low, *high, *mu;  /* count */
} kkt_system;

static void system_clear(kkt_system *system) {
    free(system->A);
    free(system->b);
    free(system->low);
    free(system->high);
    free(system->mu);
}

static tw_status system_init(kkt_system *system, size_t parameters, size_t count) {
    tw_status status = TW_OK;
    size_t rows = parameters + count;
    *system = (kkt_system){.parameters = parameters, .count = count};
    TW_TRY(TW_NEW(system->A, rows * count));
    TW_TRY(TW_NEW(system->b, rows));
    TW_TRY(TW_NEW(system->low, count));
    TW_TRY(TW_NEW(system->high, count));
    TW_TRY(TW_NEW(system->mu, count));
    for (size_t j = 0; j < count; j++) system->high[j] = INFINITY;
cleanup:
    return status;
}

/* At scale * theta: a margin grows with the power L + 1 of the scale, its gradient with L. */
static tw_status system_fill(kkt_system *system, tw_evaluator *evaluator, const double *theta,
                             double scale, const double *margins) {
    tw_status status = TW_OK;
    const tw_dufm *model = tw_evaluator_model(evaluator);
    size_t rows = system->parameters + system->count;
    double slope = pow(scale, (double)model->layers), growth = slope * scale, *g = NULL;
    TW_TRY(TW_NEW(g, tw_dufm_classes(model)));
    for (size_t j = 0; j < system->count; j++) {
        margin m = margin_at(model, j);
        size_t label = (size_t)model->labels[m.sample];
        double *column = system->A + j * rows;
        g[label] = slope;
        g[m.other] = -slope;
        tw_evaluator_pull_back(evaluator, model->layers, m.sample, g, column);
        g[label] = g[m.other] = 0.0;
        column[system->parameters + j] = fmax(growth * margins[j] - 1.0, 0.0);
    }
    tw_axpy(system->parameters, scale, theta, system->b);
cleanup:
    free(g);
    return status;
}

static tw_status measure_kkt(tw_evaluator *evaluator, const double *theta, const double *margins,
                             const tw_monitor *monitor, tw_separation *s) {
    tw_status status = TW_OK;
    const tw_dufm *model = tw_evaluator_model(evaluator);
    size_t rows = tw_dufm_parameters(model) + s->margins;
    double scale = pow(s->smallest, -1.0 / ((double)model->layers + 1.0)), residual;
    kkt_system system = {0};
    TW_TRY(system_init(&system, tw_dufm_parameters(model), s->margins));
    TW_TRY(system_fill(&system, evaluator, theta, scale, margins));
    const tw_bounded given = {rows,       s->margins,  system.A, system.b,
                              system.low, system.high, monitor};
    TW_TRY(tw_bounded_least_squares(&given, system.mu, &residual));
    s->kkt_distance = residual / (scale * s->norm);
    for (size_t j = 0; j < s->margins; j++) s->multipliers += system.mu[j] > 0.0;
cleanup:
    system_clear(&system);
    return status;
}

/* ---- The whole ---- */

static tw_separation_reason judge(const tw_dufm *model, const tw_separation *s) {
    size_t rows = tw_dufm_parameters(model) + s->margins;
    if (model->bias) return TW_SEPARATION_BIAS;
    if (!is_linear(model) && !model->activation->homogeneous) return TW_SEPARATION_ACTIVATION;
    if (!model->loss->separates) return TW_SEPARATION_LOSS;
    if (!(s->smallest > 0.0)) return TW_SEPARATION_MISSED;
    if (s->margins > TW_SEPARATION_MARGINS || rows > TW_SEPARATION_ENTRIES / s->margins)
        return TW_SEPARATION_LARGE;
    return TW_SEPARATION_MEASURED;
}

static tw_status measure_collapse(tw_evaluator *evaluator, const double *theta,
                                  const tw_monitor *monitor, tw_separation *s) {
    tw_shape shape = {0};
    tw_status status = tw_shape_measure(evaluator, theta, TW_RANK_TOLERANCE, monitor, &shape);
    if (status != TW_OK) return status;
    s->nc1 = shape.collapse[0].nc1;
    s->nc2 = shape.collapse[0].nc2;
    s->nc3 = shape.collapse[0].nc3;
    tw_shape_clear(&shape);
    return TW_OK;
}

tw_status tw_separation_measure(tw_evaluator *evaluator, const double *theta,
                                const tw_monitor *monitor, tw_separation *separation) {
    tw_status status = TW_OK;
    const tw_dufm *model = tw_evaluator_model(evaluator);
    tw_separation s = {.margins = model->samples * (tw_dufm_classes(model) - 1),
                       .norm = tw_norm(NULL, tw_dufm_parameters(model), theta),
                       .normalised = NAN,
                       .kkt_distance = NAN};
    double *margins = NULL;
    TW_TRY(tw_evaluator_linearise(evaluator, theta));
    TW_TRY(TW_NEW(margins, s.margins));
    fill_margins(evaluator, s.margins, margins);
    summarise(s.margins, margins, &s);
    set_references(model, &s);
    TW_TRY(measure_collapse(evaluator, theta, monitor, &s));
    s.reason = judge(model, &s);
    bool homogeneous = s.reason != TW_SEPARATION_BIAS && s.reason != TW_SEPARATION_ACTIVATION;
    if (homogeneous) s.normalised = s.smallest / pow(s.norm, (double)model->layers + 1.0);
    if (s.reason == TW_SEPARATION_MEASURED)
        status = measure_kkt(evaluator, theta, margins, monitor, &s);
    if (status == TW_STOPPED) s.reason = TW_SEPARATION_ENDED;
    TW_TRY(status == TW_STOPPED ? TW_OK : status);
    *separation = s;
cleanup:
    free(margins);
    return status;
}
