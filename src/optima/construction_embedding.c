/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Padding with zeros and turning are one step: with a frame E_l (D_l x d_l, orthonormal columns)
 * for every hidden space, E_L = I and E_{-1} = I,
 *
 *     F_l  ->  E_l F_l E_{l-1}^T
 *
 * leaves the logits as they are, and so do the ridges: a symmetry of the model composed with the
 * embedding. Where phi is not linear the frames of the spaces behind it select coordinates. */
#include <thalweg/optima/construction.h>

#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "dense/frames_private.h"
#include "dense/matrix_private.h"
#include "dense/vector_private.h"

static tw_status make_model(const tw_dufm *narrow, const size_t *widths, tw_dufm *model) {
    tw_status status = TW_OK;
    for (size_t l = 0; l < narrow->layers; l++)
        if (widths[l] < narrow->widths[l])
            return tw_fail(TW_ERR_ARGUMENT,
                           "space %zu of the point has width %zu, which %zu is too narrow for", l,
                           narrow->widths[l], widths[l]);
    TW_TRY(tw_dufm_copy(model, narrow));
    memcpy(model->widths, widths, narrow->layers * sizeof *widths);
    TW_TRY(tw_dufm_check(model));
cleanup:
    return status;
}

static tw_status make_frame(const tw_dufm *narrow, size_t l, size_t width, uint64_t seed,
                            double **frame) {
    bool turns = l == 0 || narrow->activation->linear;
    return (turns ? tw_random_frame : tw_random_placement)(seed, l, width, narrow->widths[l],
                                                           frame);
}

/* out = left F right^T; NULL for an identity. */
static tw_status map_factor(const double *left, tw_block from, const double *F, const double *right,
                            tw_matrix out) {
    tw_status status = TW_OK;
    double *image = NULL;
    const double *below = F;
    if (right) {
        TW_TRY(TW_NEW(image, from.rows * out.cols));
        tw_multiply(1.0, tw_plain(F, from.rows, from.cols),
                    tw_transposed(right, out.cols, from.cols), 0.0,
                    tw_mat(image, from.rows, out.cols));
        below = image;
    }
    if (left)
        tw_multiply(1.0, tw_plain(left, out.rows, from.rows), tw_plain(below, from.rows, out.cols),
                    0.0, out);
    else
        tw_copy(out.rows * out.cols, below, out.data);
cleanup:
    free(image);
    return status;
}

static tw_status map_factors(const tw_point *narrow, uint64_t seed, tw_point *wide) {
    tw_status status = TW_OK;
    const tw_dufm *from = &narrow->model, *to = &wide->model;
    size_t L = from->layers;
    double *below = NULL, *frame = NULL;
    for (size_t l = 0; l <= L; l++) {
        tw_block source = tw_dufm_factor(from, l), target = tw_dufm_factor(to, l);
        if (l < L) TW_TRY(make_frame(from, l, to->widths[l], seed, &frame));
        TW_TRY(map_factor(frame, source, narrow->theta + source.offset, below,
                          tw_mat(wide->theta + target.offset, target.rows, target.cols)));
        free(below);
        below = frame;
        frame = NULL;
    }
    if (from->bias) {
        tw_block source = tw_dufm_block(from, L + 1), target = tw_dufm_block(to, L + 1);
        tw_copy(source.rows, narrow->theta + source.offset, wide->theta + target.offset);
    }
cleanup:
    free(below);
    free(frame);
    return status;
}

tw_status tw_point_embed(const tw_point *narrow, const size_t *widths, uint64_t gauge_seed,
                         tw_point *wide) {
    tw_status status = TW_OK;
    tw_point made = {0};
    TW_TRY(make_model(&narrow->model, widths, &made.model));
    TW_TRY(TW_NEW(made.theta, tw_dufm_parameters(&made.model)));
    TW_TRY(map_factors(narrow, gauge_seed, &made));
    *wide = made;
    made = (tw_point){0};
cleanup:
    tw_point_clear(&made);
    return status;
}
