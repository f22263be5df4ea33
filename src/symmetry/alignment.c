/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rotating space l by Q takes F_l to Q F_l and F_{l+1} to F_{l+1} Q^T. With T the factors of the
 * target, ||T_l - Q F_l||^2 + ||T_{l+1} - F_{l+1} Q^T||^2 is smallest for Q = U V^T, where U S V^T
 * is the singular value decomposition of
 *     M = T_l F_l^T + T_{l+1}^T F_{l+1}
 * (orthogonal Procrustes, Schoenemann 1966). Spaces take turns; each turn brings theta nearer.
 *
 * Turns alone can end far away when all spaces are turned at once: each sees neighbours that are
 * turned differently. The logits and the samples do not turn, so a first pass that uses the factor
 * towards them alone, space by space, undoes a rotation wherever that factor has full rank. All of
 * it happens in what the two points span (thin_private.h): a width alone makes no matrix large. */
#include <thalweg/symmetry/alignment.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "dense/factor_private.h"
#include "dense/matrix_private.h"
#include "dense/vector_private.h"
#include "symmetry/thin_private.h"

/* The factors of M that count. */
enum { BELOW = 1, ABOVE = 2, BOTH = BELOW | ABOVE };

typedef struct alignment {
    const tw_dufm *model;
    const tw_alignment_options *options;
    const double *target;
    size_t n, spaces;
    double *x, *best, *start;    /* P */
    double *M, *U, *Vt, *values; /* d x d; d */
    double *turned;              /* P: a factor, a difference */
} alignment;

static tw_status alignment_init(alignment *a) {
    tw_status status = TW_OK;
    size_t d = 0;
    a->n = tw_dufm_parameters(a->model);
    a->spaces = a->model->activation->linear ? a->model->layers : 1;
    for (size_t l = 0; l < a->spaces; l++)
        if (a->model->widths[l] > d) d = a->model->widths[l];
    double **vectors[] = {&a->x, &a->best, &a->start, &a->turned};
    double **squares[] = {&a->M, &a->U, &a->Vt};
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors; i++) TW_TRY(TW_NEW(*vectors[i], a->n));
    for (size_t i = 0; i < sizeof squares / sizeof *squares; i++)
        TW_TRY(TW_NEW(*squares[i], d * d));
    TW_TRY(TW_NEW(a->values, d));
cleanup:
    return status;
}

static void alignment_clear(alignment *a) {
    double *buffers[] = {a->x, a->best, a->start, a->turned, a->M, a->U, a->Vt, a->values};
    for (size_t i = 0; i < sizeof buffers / sizeof *buffers; i++) free(buffers[i]);
}

static double squared_distance(const alignment *a, const double *x) {
    tw_copy(a->n, x, a->turned);
    tw_axpy(a->n, -1.0, a->target, a->turned);
    return tw_dot(NULL, a->n, a->turned, a->turned);
}

/* M of space l, of order d. */
static void overlap(alignment *a, size_t l, unsigned sides) {
    size_t d = a->model->widths[l];
    tw_block F = tw_dufm_factor(a->model, l), G = tw_dufm_factor(a->model, l + 1);
    tw_matrix M = tw_mat(a->M, d, d);
    if (sides & BELOW)
        tw_multiply(1.0, tw_plain(a->target + F.offset, F.rows, F.cols),
                    tw_transposed(a->x + F.offset, F.rows, F.cols), 0.0, M);
    if (sides & ABOVE)
        tw_multiply(1.0, tw_transposed(a->target + G.offset, G.rows, G.cols),
                    tw_plain(a->x + G.offset, G.rows, G.cols), sides & BELOW ? 1.0 : 0.0, M);
}

/* Turn space l of x as its neighbours on these sides wish. */
static tw_status turn(alignment *a, size_t l, unsigned sides) {
    size_t d = a->model->widths[l];
    tw_block F = tw_dufm_factor(a->model, l), G = tw_dufm_factor(a->model, l + 1);
    overlap(a, l, sides);
    tw_status status = tw_singular_values(d, d, a->M, a->values, a->U, a->Vt);
    if (status != TW_OK) return status;
    tw_multiply(1.0, tw_plain(a->U, d, d), tw_plain(a->Vt, d, d), 0.0, tw_mat(a->M, d, d));
    tw_multiply(1.0, tw_plain(a->M, d, d), tw_plain(a->x + F.offset, F.rows, F.cols), 0.0,
                tw_mat(a->turned, F.rows, F.cols));
    tw_copy(F.rows * F.cols, a->turned, a->x + F.offset);
    tw_multiply(1.0, tw_plain(a->x + G.offset, G.rows, G.cols), tw_transposed(a->M, d, d), 0.0,
                tw_mat(a->turned, G.rows, G.cols));
    tw_copy(G.rows * G.cols, a->turned, a->x + G.offset);
    return TW_OK;
}

static tw_status sweeps(alignment *a, tw_alignment_result *result) {
    double scale = pow(tw_norm(NULL, a->n, a->x), 2) + pow(tw_norm(NULL, a->n, a->target), 2);
    double before = squared_distance(a, a->x);
    result->converged = false;
    result->sweeps = 0;
    while (result->sweeps < a->options->max_sweeps && !result->converged) {
        for (size_t l = 0; l < a->spaces; l++) {
            tw_status status = turn(a, l, BOTH);
            if (status != TW_OK) return status;
        }
        double after = squared_distance(a, a->x);
        result->converged = before - after <= a->options->tolerance * scale;
        result->sweeps++;
        before = after;
    }
    result->distance = sqrt(before);
    return TW_OK;
}

/* The first pass: none, down from the logits, up from the features. */
static tw_status begin(alignment *a, int beginning) {
    tw_status status = TW_OK;
    for (size_t i = 0; i < a->spaces && beginning > 0; i++) {
        bool down = beginning == 1;
        TW_TRY(turn(a, down ? a->spaces - 1 - i : i, down ? ABOVE : BELOW));
    }
cleanup:
    return status;
}

/* ---- Classes ---- */

/* Exchange classes j and k of x: rows of W_L (and b), and the features of their samples. */
static void exchange(const alignment *a, size_t j, size_t k, double *x) {
    const tw_dufm *model = a->model;
    tw_block W = tw_dufm_factor(model, model->layers), H = tw_dufm_factor(model, 0);
    for (size_t c = 0; c < W.cols; c++) {
        double *column = x + W.offset + c * W.rows, kept = column[j];
        column[j] = column[k];
        column[k] = kept;
    }
    if (model->bias) {
        double *b = x + tw_dufm_block(model, model->layers + 1).offset, kept = b[j];
        b[j] = b[k];
        b[k] = kept;
    }
    for (size_t i = 0, other = 0; i < model->samples; i++) {
        if (model->labels[i] != (int)j) continue;
        while (model->labels[other] != (int)k) other++;
        double *p = x + H.offset + i * H.rows, *q = x + H.offset + other++ * H.rows;
        for (size_t c = 0; c < H.rows; c++) {
            double kept = p[c];
            p[c] = q[c];
            q[c] = kept;
        }
    }
}

/* Distance after turning from all three beginnings; the nearest end is left in a->best. */
static tw_status nearest(alignment *a, const double *from, tw_alignment_result *best) {
    tw_status status = TW_OK;
    tw_alignment_result end = *best;
    best->distance = INFINITY;
    for (int beginning = 0; beginning < 3; beginning++) {
        tw_copy(a->n, from, a->x);
        TW_TRY(begin(a, beginning));
        TW_TRY(sweeps(a, &end));
        if (!(end.distance < best->distance)) continue;
        best->distance = end.distance;
        best->sweeps = end.sweeps;
        best->converged = end.converged;
        tw_copy(a->n, a->x, a->best);
    }
cleanup:
    return status;
}

/* The exchange that brings theta nearest, if one does. */
static tw_status try_exchanges(alignment *a, double *theta, tw_alignment_result *result,
                               bool *gained) {
    tw_status status = TW_OK;
    size_t K = tw_dufm_classes(a->model);
    size_t *sizes = NULL;
    tw_alignment_result trial;
    *gained = false;
    TW_TRY(TW_NEW(sizes, K));
    tw_dufm_class_sizes(a->model, sizes);
    for (size_t j = 0; j < K; j++)
        for (size_t k = j + 1; k < K; k++) {
            if (sizes[j] != sizes[k]) continue;
            tw_copy(a->n, theta, a->start);
            exchange(a, j, k, a->start);
            trial = *result;
            TW_TRY(nearest(a, a->start, &trial));
            if (!(trial.distance < result->distance * (1.0 - 1e-9))) continue;
            trial.exchanged = result->exchanged + 1;
            *result = trial;
            tw_copy(a->n, a->best, theta);
            *gained = true;
        }
cleanup:
    free(sizes);
    return status;
}

/* On the thin pair: theta of it is replaced by the nearer point. */
static tw_status align_thin(tw_thin_pair *pair, const tw_alignment_options *options,
                            tw_alignment_result *result) {
    tw_status status = TW_OK;
    alignment a = {.model = &pair->model, .options = options, .target = pair->target};
    TW_TRY(alignment_init(&a));
    result->distance_before = sqrt(squared_distance(&a, pair->theta));
    TW_TRY(nearest(&a, pair->theta, result));
    tw_copy(a.n, a.best, pair->theta);
    for (bool gained = a.options->permute; gained;)
        TW_TRY(try_exchanges(&a, pair->theta, result, &gained));
cleanup:
    alignment_clear(&a);
    return status;
}

tw_status tw_align(const tw_dufm *model, const double *target, const tw_alignment_options *options,
                   double *theta, tw_alignment_result *result) {
    tw_status status = TW_OK;
    const tw_alignment_options defaults = TW_ALIGNMENT_DEFAULTS;
    tw_alignment_result made = {0};
    tw_thin_pair pair = {0};
    TW_TRY(tw_thin_pair_init(&pair, model, target, theta));
    TW_TRY(align_thin(&pair, options ? options : &defaults, &made));
    if (made.distance < made.distance_before)
        TW_TRY(tw_thin_pair_lift(&pair, theta));
    else
        made.distance = made.distance_before;
    *result = made;
cleanup:
    tw_thin_pair_clear(&pair);
    return status;
}
