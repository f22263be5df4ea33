/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TW_CLASS_MEANS_PRIVATE_H
#define TW_CLASS_MEANS_PRIVATE_H

#include <thalweg/model/dufm.h>

/* means (d x K, out): column k is the mean of the columns of A (d x N) that belong to class k. */
tw_status tw_class_means(const tw_dufm *model, size_t d, const double *A, double *means);

#endif
