/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/draft_private.h"

#include <stdlib.h>

#include "base/alloc_private.h"
#include "dense/matrix_private.h"
#include "dense/vector_private.h"

#define LEAST_FLOPS 2e6 /* of the six products: below, calls of BLAS cost what flops would save */
#define PAYS 4.0        /* times fewer flops: thin products run that much slower at worst */

void tw_draft_clear(tw_draft *draft) {
    size_t layers = draft->model ? draft->model->layers : 0;
    for (size_t l = 0; draft->factors && l <= layers + 1; l++)
        tw_low_rank_clear(&draft->factors[l]);
    double **lists[] = {draft->J, draft->N, draft->E, draft->S};
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++) {
        for (size_t l = 0; lists[i] && l <= layers; l++) free(lists[i][l]);
        free(lists[i]);
    }
    double *blocks[] = {draft->left, draft->right, draft->pulled, draft->top, draft->small};
    for (size_t i = 0; i < sizeof blocks / sizeof *blocks; i++) free(blocks[i]);
    free(draft->factors);
    *draft = (tw_draft){0};
}

bool tw_draft_pays(double flops, double six) {
    return six >= LEAST_FLOPS && PAYS * flops <= six;
}

/* r_l; before the factors are known at most K, which is what optima with ridges have. */
static size_t rank_of(const tw_dufm *model, const tw_low_rank *factors, size_t l) {
    return factors ? factors[l].rank : tw_dufm_classes(model);
}

/* Is a product with these ranks so much cheaper than the six products? */
static bool pays(const tw_dufm *model, const tw_low_rank *factors) {
    double samples = (double)model->samples, flops = 0.0, six = 0.0;
    for (size_t l = 1; l <= model->layers; l++) {
        double entries = (double)model->widths[l] * (double)model->widths[l - 1];
        double below = (double)rank_of(model, factors, l - 1);
        double rank = (double)rank_of(model, factors, l);
        double above = (double)rank_of(model, factors, l + 1);
        flops += 4.0 * entries * (below + above);
        flops += samples * (4.0 * rank * (below + above) + 2.0 * below * above);
        if (l == 1) flops += 4.0 * samples * (double)model->widths[0] * (rank + above);
        six += 12.0 * samples * entries;
    }
    return tw_draft_pays(flops, six);
}

bool tw_draft_may_pay(const tw_dufm *model) {
    return model->activation->linear && pays(model, NULL);
}

/* H, W_1 .. W_L, and V_{L+1} = I; *found: all of low rank. */
static tw_status find_factors(tw_draft *draft, const tw_beside *at, bool *found) {
    tw_status status = TW_OK;
    const tw_dufm *model = draft->model;
    size_t layers = model->layers, classes = tw_dufm_classes(model);
    *found = true;
    for (size_t l = 0; l <= layers && *found; l++) {
        tw_block block = tw_dufm_factor(model, l);
        TW_TRY(tw_low_rank_find(block.rows, block.cols, at->x + block.offset, classes, at->distance,
                                found, &draft->factors[l]));
    }
    if (!*found) goto cleanup;
    tw_low_rank *last = &draft->factors[layers + 1];
    *last = (tw_low_rank){.cols = classes, .rank = classes};
    TW_TRY(TW_NEW(last->V, classes * classes));
    for (size_t k = 0; k < classes; k++) last->V[k + classes * k] = 1.0;
cleanup:
    return status;
}

static tw_status allocate(tw_draft *draft) {
    tw_status status = TW_OK;
    const tw_dufm *model = draft->model;
    size_t layers = model->layers, samples = model->samples, widest = 0, most = 0;
    for (size_t l = 0; l <= layers; l++)
        if (model->widths[l] > widest) widest = model->widths[l];
    for (size_t l = 0; l <= layers + 1; l++)
        if (draft->factors[l].rank > most) most = draft->factors[l].rank;
    for (size_t l = 1; l <= layers; l++) {
        size_t below = draft->factors[l].rank + draft->factors[l - 1].rank;
        size_t above = draft->factors[l].rank + draft->factors[l + 1].rank;
        TW_TRY(TW_NEW(draft->J[l], model->widths[l] * below));
        TW_TRY(TW_NEW(draft->N[l], below * samples));
        TW_TRY(TW_NEW(draft->E[l - 1], model->widths[l - 1] * above));
        TW_TRY(TW_NEW(draft->S[l - 1], above * samples));
    }
    TW_TRY(TW_NEW(draft->left, widest * 2 * most));
    TW_TRY(TW_NEW(draft->right, widest * 2 * most));
    TW_TRY(TW_NEW(draft->pulled, model->widths[0] * draft->factors[2].rank));
    TW_TRY(TW_NEW(draft->top, tw_dufm_classes(model) * samples));
    TW_TRY(TW_NEW(draft->small, 4 * most * most));
cleanup:
    return status;
}

/* The parts of J, N, E and S that do not depend on a direction. */
static void fill_constant(tw_draft *draft, const double *D_L) {
    const tw_dufm *model = draft->model;
    const tw_low_rank *f = draft->factors;
    size_t layers = model->layers, samples = model->samples;
    for (size_t l = 1; l <= layers; l++) {
        tw_copy(f[l].rows * f[l].rank, f[l].U, draft->J[l]);
        tw_copy(f[l].cols * f[l].rank, f[l].V, draft->E[l - 1]);
    }
    for (size_t i = 0; i < samples; i++) /* B_0 = V_0^T */
        for (size_t j = 0; j < f[0].rank; j++)
            draft->N[1][f[1].rank + j + (f[1].rank + f[0].rank) * i] = f[0].V[i + samples * j];
    for (size_t l = 1; l < layers; l++) { /* B_l = V_l^T U_{l-1} B_{l-1} */
        tw_multiply(1.0, tw_transposed(f[l].V, f[l].cols, f[l].rank),
                    tw_plain(f[l - 1].U, f[l].cols, f[l - 1].rank), 0.0,
                    tw_mat(draft->small, f[l].rank, f[l - 1].rank));
        tw_multiply(1.0, tw_plain(draft->small, f[l].rank, f[l - 1].rank),
                    tw_draft_activations(draft, l - 1), 0.0,
                    tw_draft_rows(draft->N[l + 1], f[l + 1].rank, f[l].rank, samples));
    }
    size_t classes = tw_dufm_classes(model);
    tw_matrix M = tw_draft_rows(draft->S[layers - 1], f[layers].rank, classes, samples);
    for (size_t i = 0; i < samples; i++) tw_copy(classes, D_L + classes * i, M.data + M.ld * i);
    for (size_t l = layers - 1; l >= 1; l--) { /* M_l = U_{l+1}^T V_{l+2} M_{l+1} */
        tw_multiply(1.0, tw_transposed(f[l + 1].U, f[l + 1].rows, f[l + 1].rank),
                    tw_plain(f[l + 2].V, f[l + 1].rows, f[l + 2].rank), 0.0,
                    tw_mat(draft->small, f[l + 1].rank, f[l + 2].rank));
        tw_multiply(1.0, tw_plain(draft->small, f[l + 1].rank, f[l + 2].rank),
                    tw_draft_signals(draft, l + 1), 0.0,
                    tw_draft_rows(draft->S[l - 1], f[l].rank, f[l + 1].rank, samples));
    }
}

tw_status tw_draft_make(const tw_dufm *model, const tw_beside *at, const double *D_L,
                        tw_draft *draft) {
    tw_status status = TW_OK;
    bool found = false;
    tw_draft_clear(draft);
    tw_draft made = {.model = model};
    double ***lists[] = {&made.J, &made.N, &made.E, &made.S};
    TW_TRY(TW_NEW(made.factors, model->layers + 2));
    TW_TRY(find_factors(&made, at, &found));
    if (!found || !pays(model, made.factors)) goto cleanup;
    for (size_t i = 0; i < sizeof lists / sizeof *lists; i++)
        TW_TRY(TW_NEW(*lists[i], model->layers + 1));
    TW_TRY(allocate(&made));
    fill_constant(&made, D_L);
    made.usable = true;
    *draft = made;
    made = (tw_draft){0};
cleanup:
    tw_draft_clear(&made);
    return status;
}

/* The factors and the arrays of `allocate`, with K for every rank. */
double tw_draft_bytes(const tw_dufm *model) {
    if (!tw_draft_may_pay(model)) return 0.0;
    double samples = (double)model->samples, most = (double)tw_dufm_classes(model), units = 0.0;
    for (size_t l = 0; l <= model->layers; l++) units += (double)model->widths[l];
    double layers = (double)model->layers;
    return 8.0 * most * (6.0 * units + samples * (4.0 * layers + 2.0));
}
