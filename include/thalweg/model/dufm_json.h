/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A model told in words: a JSON object, as plans of campaigns have it. Members:
 *     classes         K >= 2
 *     samples         of each class: one number, or a list of K
 *     depth           L; the length of `widths` when there is none
 *     width, widths   of the hidden spaces: one number; a list d_0 .. d_{L-1}
 *     lambda          ridge of weights and features
 *     lambda_W        of the weights, in place of lambda: one number, or a list of L
 *     lambda_H        of the features, in place of lambda
 *     bias, lambda_b  a bias of the last layer (false), its ridge (0)
 *     loss            a name of tw_loss_at ("ce")
 *     activation      a name of tw_activation_at ("linear")
 * Others are somebody else's. TW_ERR_DATA with a sentence that names the member. */
#ifndef THALWEG_DUFM_JSON_H
#define THALWEG_DUFM_JSON_H

#include <thalweg/files/json.h>
#include <thalweg/model/dufm.h>

/* Samples in the order of their classes: first those of class 0, then of class 1, ... The model
 * (out, owned) passed tw_dufm_check; untouched on failure. */
TW_API tw_status tw_dufm_from_json(const tw_json *json, tw_dufm *model);

/* What it needs, from its sizes alone: for those who bound the memory before it is taken. */
TW_API tw_status tw_dufm_size_from_json(const tw_json *json, tw_dufm_size *size);

/* Another model at the widths that `width` or `widths` say; nothing else is read. */
TW_API tw_status tw_dufm_widen(const tw_dufm *narrow, const tw_json *json, tw_dufm *wide);

#endif
