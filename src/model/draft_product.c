/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dense/vector_private.h"
#include "model/draft_private.h"

/* Entries of a panel of R_0: it is read twice, so it should stay in the second-level cache. */
#define PANEL_ENTRIES ((size_t)1 << 16)

static tw_factor part(double *data, size_t rows, size_t cols, size_t ld) {
    return (tw_factor){data, rows, cols, ld, false};
}

tw_factor tw_draft_activations(const tw_draft *draft, size_t l) {
    const tw_low_rank *f = draft->factors;
    return part(draft->N[l + 1] + f[l + 1].rank, f[l].rank, draft->model->samples,
                f[l + 1].rank + f[l].rank);
}

tw_factor tw_draft_signals(const tw_draft *draft, size_t l) {
    const tw_low_rank *f = draft->factors;
    return part(draft->S[l - 1] + f[l].rank, f[l + 1].rank, draft->model->samples,
                f[l].rank + f[l + 1].rank);
}

static tw_factor factor_U(const tw_low_rank *f) {
    return tw_plain(f->U, f->rows, f->rank);
}

static tw_factor factor_V(const tw_low_rank *f) {
    return tw_plain(f->V, f->cols, f->rank);
}

static size_t columns_J(const tw_draft *draft, size_t l) {
    return draft->factors[l].rank + draft->factors[l - 1].rank;
}

static size_t columns_E(const tw_draft *draft, size_t l) {
    return draft->factors[l + 1].rank + draft->factors[l + 2].rank;
}

static tw_factor whole_J(const tw_draft *draft, size_t l) {
    return tw_plain(draft->J[l], draft->model->widths[l], columns_J(draft, l));
}

static tw_factor whole_N(const tw_draft *draft, size_t l) {
    return tw_plain(draft->N[l], columns_J(draft, l), draft->model->samples);
}

static tw_factor whole_E(const tw_draft *draft, size_t l) {
    return tw_plain(draft->E[l], draft->model->widths[l], columns_E(draft, l));
}

static tw_factor whole_S(const tw_draft *draft, size_t l) {
    return tw_plain(draft->S[l], columns_E(draft, l), draft->model->samples);
}

static size_t panel_columns(const tw_block *H) {
    size_t columns = PANEL_ENTRIES / H->rows + 1;
    return columns < H->cols ? columns : H->cols;
}

/* T_1 = V_1^T R_0, and R_0 M_1^T. */
static void read_features(tw_draft *draft, const double *R_0) {
    const tw_low_rank *f = draft->factors;
    tw_block H = tw_dufm_factor(draft->model, 0);
    tw_factor M = tw_draft_signals(draft, 1);
    size_t width = panel_columns(&H), rows = columns_J(draft, 1);
    for (size_t i = 0; i < H.cols; i += width) {
        size_t count = H.cols - i < width ? H.cols - i : width;
        tw_factor R = tw_plain(R_0 + H.rows * i, H.rows, count);
        tw_factor M_panel = {M.data + M.ld * i, M.rows, count, M.ld, true};
        tw_multiply(1.0, tw_flipped(factor_V(&f[1])), R, 0.0,
                    (tw_matrix){draft->N[1] + rows * i, f[1].rank, count, rows});
        tw_multiply(1.0, R, M_panel, i > 0 ? 1.0 : 0.0, tw_mat(draft->pulled, H.rows, M.rows));
    }
}

/* out_0 = E_0 S_0 + lambda_H R_0. */
static void write_features(const tw_draft *draft, const double *R_0, double *out) {
    tw_block H = tw_dufm_factor(draft->model, 0);
    size_t width = panel_columns(&H), rows = columns_E(draft, 0);
    for (size_t i = 0; i < H.cols; i += width) {
        size_t count = H.cols - i < width ? H.cols - i : width;
        const double *R = R_0 + H.rows * i;
        double *panel = out + H.rows * i;
        for (size_t j = 0; j < H.rows * count; j++) panel[j] = H.lambda * R[j];
        tw_multiply(1.0, whole_E(draft, 0), tw_plain(draft->S[0] + rows * i, rows, count), 1.0,
                    tw_mat(panel, H.rows, count));
    }
}

/* What Q_l gives to J_l and E_{l-1}; then T_l, but for the first. */
static void forward_layer(tw_draft *draft, size_t l, const double *v) {
    const tw_low_rank *f = draft->factors;
    tw_block W = tw_dufm_factor(draft->model, l);
    tw_factor Q = tw_plain(v + W.offset, W.rows, W.cols);
    tw_multiply(1.0, Q, factor_U(&f[l - 1]), 0.0,
                tw_mat(draft->J[l] + W.rows * f[l].rank, W.rows, f[l - 1].rank));
    tw_multiply(1.0, tw_flipped(Q), factor_V(&f[l + 1]), 0.0,
                tw_mat(draft->E[l - 1] + W.cols * f[l].rank, W.cols, f[l + 1].rank));
    if (l == 1) return;
    size_t inner = columns_J(draft, l - 1);
    tw_multiply(1.0, tw_flipped(factor_V(&f[l])), whole_J(draft, l - 1), 0.0,
                tw_mat(draft->small, f[l].rank, inner));
    tw_multiply(1.0, tw_plain(draft->small, f[l].rank, inner), whole_N(draft, l - 1), 0.0,
                (tw_matrix){draft->N[l], f[l].rank, draft->model->samples, columns_J(draft, l)});
}

/* RD_L in the place of R_L; the bias joins and leaves here. */
static void through_loss(tw_draft *draft, const tw_logits *logits, const double *v, double *y) {
    const tw_dufm *model = draft->model;
    size_t layers = model->layers, classes = tw_dufm_classes(model);
    tw_block bias = model->bias ? tw_dufm_block(model, layers + 1) : (tw_block){0};
    tw_multiply(1.0, whole_J(draft, layers), whole_N(draft, layers), 0.0,
                tw_mat(draft->top, classes, model->samples));
    for (size_t i = 0; model->bias && i < model->samples; i++)
        tw_axpy(classes, 1.0, v + bias.offset, draft->top + classes * i);
    model->loss->product(logits, 1, draft->top, draft->top);
    for (size_t k = 0; k < bias.rows; k++) y[bias.offset + k] = bias.lambda * v[bias.offset + k];
    for (size_t i = 0; model->bias && i < model->samples; i++)
        tw_axpy(classes, 1.0, draft->top + classes * i, y + bias.offset);
}

/* F_{l-1} = U_l^T RD_l. */
static void signals_below(tw_draft *draft, size_t l) {
    const tw_low_rank *f = draft->factors;
    size_t layers = draft->model->layers, samples = draft->model->samples;
    const tw_matrix F = {draft->S[l - 1], f[l].rank, samples, columns_E(draft, l - 1)};
    if (l == layers) {
        tw_multiply(1.0, tw_flipped(factor_U(&f[l])), tw_plain(draft->top, f[l].rows, samples), 0.0,
                    F);
        return;
    }
    size_t inner = columns_E(draft, l);
    tw_multiply(1.0, tw_flipped(factor_U(&f[l])), whole_E(draft, l), 0.0,
                tw_mat(draft->small, f[l].rank, inner));
    tw_multiply(1.0, tw_plain(draft->small, f[l].rank, inner), whole_S(draft, l), 0.0, F);
}

/* left = [RD_l B_{l-1}^T, V_{l+1}]. */
static void fill_left(tw_draft *draft, size_t l) {
    const tw_low_rank *f = draft->factors;
    size_t rows = draft->model->widths[l], below = f[l - 1].rank;
    tw_factor Bt = tw_flipped(tw_draft_activations(draft, l - 1));
    tw_copy(rows * f[l + 1].rank, f[l + 1].V, draft->left + rows * below);
    if (l == draft->model->layers) {
        tw_multiply(1.0, tw_plain(draft->top, rows, draft->model->samples), Bt, 0.0,
                    tw_mat(draft->left, rows, below));
        return;
    }
    size_t inner = columns_E(draft, l);
    tw_multiply(1.0, whole_S(draft, l), Bt, 0.0, tw_mat(draft->small, inner, below));
    tw_multiply(1.0, whole_E(draft, l), tw_plain(draft->small, inner, below), 0.0,
                tw_mat(draft->left, rows, below));
}

/* right = [U_{l-1}, R_{l-1} M_l^T]. */
static void fill_right(tw_draft *draft, size_t l) {
    const tw_low_rank *f = draft->factors;
    size_t rows = draft->model->widths[l - 1], above = f[l + 1].rank;
    double *pulled = draft->right + rows * f[l - 1].rank;
    tw_copy(rows * f[l - 1].rank, f[l - 1].U, draft->right);
    if (l == 1) {
        tw_copy(rows * above, draft->pulled, pulled);
        return;
    }
    size_t inner = columns_J(draft, l - 1);
    tw_multiply(1.0, whole_N(draft, l - 1), tw_flipped(tw_draft_signals(draft, l)), 0.0,
                tw_mat(draft->small, inner, above));
    tw_multiply(1.0, whole_J(draft, l - 1), tw_plain(draft->small, inner, above), 0.0,
                tw_mat(pulled, rows, above));
}

static void write_weight(tw_draft *draft, size_t l, const double *v, double *y) {
    const tw_low_rank *f = draft->factors;
    tw_block W = tw_dufm_factor(draft->model, l);
    size_t inner = f[l - 1].rank + f[l + 1].rank;
    const double *Q = v + W.offset;
    double *out = y + W.offset;
    fill_left(draft, l);
    fill_right(draft, l);
    for (size_t i = 0; i < W.rows * W.cols; i++) out[i] = W.lambda * Q[i];
    tw_multiply(1.0, tw_plain(draft->left, W.rows, inner),
                tw_transposed(draft->right, W.cols, inner), 1.0, tw_mat(out, W.rows, W.cols));
}

void tw_draft_product(tw_draft *draft, const tw_logits *logits, const double *v, double *y) {
    const tw_dufm *model = draft->model;
    const double *R_0 = v + tw_dufm_factor(model, 0).offset;
    read_features(draft, R_0);
    for (size_t l = 1; l <= model->layers; l++) forward_layer(draft, l, v);
    through_loss(draft, logits, v, y);
    for (size_t l = model->layers; l >= 1; l--) {
        signals_below(draft, l);
        write_weight(draft, l, v, y);
    }
    write_features(draft, R_0, y + tw_dufm_factor(model, 0).offset);
}
