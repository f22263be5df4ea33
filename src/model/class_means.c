/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model/class_means_private.h"

#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "dense/vector_private.h"

tw_status tw_class_means(const tw_dufm *model, size_t d, const double *A, double *means) {
    tw_status status = TW_OK;
    size_t K = tw_dufm_classes(model), *sizes = NULL;
    TW_TRY(TW_NEW(sizes, K));
    tw_dufm_class_sizes(model, sizes);
    memset(means, 0, d * K * sizeof *means);
    for (size_t i = 0; i < model->samples; i++) {
        size_t k = (size_t)model->labels[i];
        tw_axpy(d, 1.0 / (double)sizes[k], A + d * i, means + d * k);
    }
cleanup:
    free(sizes);
    return status;
}
