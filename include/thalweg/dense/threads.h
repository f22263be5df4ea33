/* SPDX-License-Identifier: GPL-3.0-or-later */
/* How many threads large matrix products may use. Process-wide: BLAS has one pool. */
#ifndef THALWEG_THREADS_H
#define THALWEG_THREADS_H

#include <thalweg/base/status.h>

/* count >= 1 (less counts as 1). Small products use one thread whatever is set here. */
TW_API void tw_threads_set(int count);
TW_API int tw_threads(void); /* default: the processors that BLAS sees */

/* "OpenBLAS 0.3.21 ..."; borrowed, static. */
TW_API const char *tw_blas_library(void);

#endif
