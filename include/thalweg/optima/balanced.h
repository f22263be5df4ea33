/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Points of a linear DUFM made from their logits. */
#ifndef THALWEG_BALANCED_H
#define THALWEG_BALANCED_H

#include <stdint.h>
#include <thalweg/model/point.h>
#include <thalweg/optima/sectors.h>

/* The balanced, class-collapsed point with the given class logits (docs/mathematics.md, section 3),
 * turned at random in every hidden space: frame l comes from the stream (gauge_seed,
 * TW_PURPOSE_GAUGE, l). Labels ascend: first class 0, then class 1, ... Class sizes are whole
 * numbers. It is critical when the logits are those of a critical point. *point is untouched on
 * failure. */
TW_API tw_status tw_balanced_point(const tw_class_logits *logits, uint64_t gauge_seed,
                                   tw_point *point);

#endif
