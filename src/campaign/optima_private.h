/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The optima of a model that have a name. */
#ifndef TW_OPTIMA_PRIVATE_H
#define TW_OPTIMA_PRIVATE_H

#include <thalweg/campaign/match.h>
#include <thalweg/model/dufm.h>

/* Make every closed form that the model has known to the matcher; none when the model is not
 * linear, balanced and without bias, or K > 40 (too many partitions). */
tw_status tw_optima_name(const tw_dufm *model, tw_matcher *matcher);

#endif
