/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Kinds of starts and methods take turns; numbers come from the stream (seed, TW_PURPOSE_OFFSET,
 * index), entries by the laws of initialisation.h. */
#include "campaign/critical_private.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <thalweg/base/random.h>
#include <thalweg/model/initialisation.h>
#include <thalweg/optima/construction.h>

#include "base/alloc_private.h"
#include "dense/vector_private.h"

enum { FOLLOW = 30 }; /* steps along eigenvectors before least squares take over */

static const char *const laws[] = {"normal-fanin:0.3", "normal-fanin:1", "normal-fanin:2",
                                   "normal-fanin:4"};
static const double offsets[] = {0.05, 0.2, 0.5, 1.0}; /* of max(1, ||theta||) */

typedef struct drawing {
    const tw_dufm *model;
    const tw_critical_result *found;
    uint64_t seed;
    size_t index, n;
    tw_random stream;
    double *theta, *work;
} drawing;

static size_t pick(tw_random *stream, size_t count) {
    size_t i = (size_t)(tw_random_uniform(stream) * (double)count);
    return i < count ? i : count - 1;
}

static tw_status initialise(const tw_dufm *model, drawing *d, double *theta) {
    tw_status status = TW_OK;
    tw_initialisation init = {0};
    TW_TRY(
        tw_initialisation_parse(model, laws[pick(&d->stream, sizeof laws / sizeof *laws)], &init));
    TW_TRY(tw_initialise(model, &init, d->seed, d->index, theta));
cleanup:
    tw_initialisation_clear(&init);
    return status;
}

static tw_status draw_random(drawing *d) {
    return initialise(d->model, d, d->theta);
}

/* Points whose factors lie in fewer dimensions are a space that no gradient leaves: critical points
 * of every rank are found in it. */
static tw_status draw_narrow(drawing *d) {
    tw_status status = TW_OK;
    tw_point narrow = {0}, wide = {0};
    size_t most = d->model->widths[0], rank;
    for (size_t l = 1; l <= d->model->layers; l++)
        if (d->model->widths[l] < most) most = d->model->widths[l];
    rank = 1 + pick(&d->stream, most);
    TW_TRY(tw_dufm_copy(&narrow.model, d->model));
    for (size_t l = 0; l < d->model->layers; l++) narrow.model.widths[l] = rank;
    TW_TRY(TW_NEW(narrow.theta, tw_dufm_parameters(&narrow.model)));
    TW_TRY(initialise(&narrow.model, d, narrow.theta));
    TW_TRY(tw_point_embed(&narrow, d->model->widths, d->seed + d->index, &wide));
    tw_copy(d->n, wide.theta, d->theta);
cleanup:
    tw_point_clear(&narrow);
    tw_point_clear(&wide);
    return status;
}

static const double *pick_found(drawing *d) {
    return d->found->points[pick(&d->stream, d->found->count)].theta;
}

static tw_status draw_perturbed(drawing *d) {
    if (d->found->count == 0) return draw_random(d);
    tw_copy(d->n, pick_found(d), d->theta);
    double length = offsets[pick(&d->stream, sizeof offsets / sizeof *offsets)];
    length *= fmax(1.0, tw_norm(NULL, d->n, d->theta));
    tw_random_fill_normal(&d->stream, d->n, d->work);
    tw_axpy(d->n, length / tw_norm(NULL, d->n, d->work), d->work, d->theta);
    return TW_OK;
}

static tw_status draw_between(drawing *d) {
    if (d->found->count == 0) return draw_random(d);
    const double *a = pick_found(d), *b = pick_found(d);
    double s = tw_random_uniform(&d->stream);
    for (size_t i = 0; i < d->n; i++) d->theta[i] = (1.0 - s) * a[i] + s * b[i];
    return TW_OK;
}

static const struct {
    const char *name;
    tw_status (*draw)(drawing *d);
} kinds[] = {{"random", draw_random},
             {"narrow", draw_narrow},
             {"perturbed", draw_perturbed},
             {"between", draw_between}};

enum { KINDS = sizeof kinds / sizeof *kinds, METHODS = 3 };

static void choose_method(drawing *d, tw_critical_start *start) {
    size_t most = 2 * tw_dufm_classes(d->model), climb = 0;
    if (most > d->n) most = d->n;
    start->follow = start->climb = 0;
    snprintf(start->method, sizeof start->method, "gradient");
    if (d->index / KINDS % METHODS == 0) return;
    start->follow = FOLLOW;
    snprintf(start->method, sizeof start->method, "descend");
    if (d->index / KINDS % METHODS == 1) return;
    climb = 1 + pick(&d->stream, most);
    start->climb = climb;
    snprintf(start->method, sizeof start->method, "climb:%zu", climb);
}

tw_status tw_critical_draw(const tw_dufm *model, const tw_critical_result *found, uint64_t seed,
                           size_t index, double *theta, double *work, tw_critical_start *start) {
    drawing d = {.model = model,
                 .found = found,
                 .seed = seed,
                 .index = index,
                 .n = tw_dufm_parameters(model),
                 .theta = theta,
                 .work = work};
    tw_random_init(&d.stream, seed, TW_PURPOSE_OFFSET, index);
    choose_method(&d, start);
    start->kind = kinds[index % KINDS].name;
    return kinds[index % KINDS].draw(&d);
}
