/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Whether the arrays of a bundle chain, and the shapes that stand for the same labels and bias. */
#ifndef TW_SHAPES_PRIVATE_H
#define TW_SHAPES_PRIVATE_H

#include <thalweg/files/bundle.h>
#include <thalweg/model/dufm.h>

/* The widths of the chain H, W1 .. WL, whose arrays are there with two axes each. TW_ERR_SHAPE when
 * they do not chain, with the advice to transpose when that would make them. */
tw_status tw_shapes_widths(const tw_bundle *bundle, tw_dufm *model);

/* Labels of N entries out of N, N x 1 or 1 x N numbers, or one-hot N x K or K x N. */
tw_status tw_shapes_labels(const tw_bundle *bundle, size_t samples, size_t classes);

/* A bias of K entries out of K, K x 1 or 1 x K numbers. */
tw_status tw_shapes_bias(const tw_bundle *bundle, size_t classes);

#endif
