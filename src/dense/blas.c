/* SPDX-License-Identifier: GPL-3.0-or-later */
/* OpenBLAS's own start-up picks the kernel; here it is made to do so once more, with the name of a
 * better one in its variable. */
#include <thalweg/dense/blas.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <thalweg/dense/threads.h>

#include "dense/kernels_private.h"
#include "dense/library_private.h"

/* The best kernel that the processor runs; NULL when nothing is known of either. */
static const tw_kernel *best_kernel(unsigned has) {
    if (tw_blas_linked()->take == NULL) return NULL;
    for (size_t i = 0; tw_kernel_at(i); i++) {
        const tw_kernel *kernel = tw_kernel_at(i);
        if (kernel->needs && (kernel->needs & ~has) == 0) return kernel;
    }
    return NULL;
}

tw_blas tw_blas_describe(void) {
    tw_blas blas = {.threads = (size_t)tw_threads()};
    const tw_kernel *best = best_kernel(tw_processor());
    snprintf(blas.name, sizeof blas.name, "%s", tw_blas_linked()->name);
    tw_blas_version(blas.version, sizeof blas.version);
    tw_blas_kernel(blas.kernel, sizeof blas.kernel);
    if (best) snprintf(blas.best, sizeof blas.best, "%s", best->name);
    return blas;
}

static void remark(tw_kernel_choice *choice, const char *kernel, const char *why,
                   const char *what) {
    size_t used = strlen(choice->remarks);
    snprintf(choice->remarks + used, sizeof choice->remarks - used, "%s%s %s%s", used ? "; " : "",
             kernel, why, what);
}

/* Whether the library computes with that kernel now, and computes right. */
static tw_status accept(const tw_kernel *kernel, tw_kernel_choice *choice, bool *accepted) {
    tw_blas_figures f = {0};
    char now[TW_BLAS_WORD];
    *accepted = false;
    tw_blas_kernel(now, sizeof now);
    if (strcasecmp(now, kernel->name) != 0) {
        remark(choice, kernel->name, "is not in this library", "");
        return TW_OK;
    }
    tw_status status = tw_blas_check(&f);
    if (status == TW_ERR_MEMORY) return status;
    *accepted =
        status == TW_OK && f.gemm <= 1.0 && f.syrk <= 1.0 && f.trsm <= 1.0 && f.syevd <= 1.0;
    if (!*accepted) remark(choice, kernel->name, "computes wrong results here", "");
    return TW_OK;
}

/* Take the best kernel above `level`; without one that is accepted, the library's own again. */
static tw_status climb(int level, tw_kernel_choice *choice, bool *climbed) {
    const tw_blas_row *library = tw_blas_linked();
    unsigned has = tw_processor();
    tw_status status = TW_OK;
    *climbed = false;
    for (size_t i = 0; status == TW_OK && !*climbed && tw_kernel_at(i); i++) {
        const tw_kernel *kernel = tw_kernel_at(i);
        if (kernel->level <= level || kernel->needs == 0) continue;
        if (kernel->needs & ~has) {
            remark(choice, kernel->name,
                   "needs what the processor lacks: ", tw_processor_lacks(has, kernel->needs));
            continue;
        }
        library->take(kernel->name);
        status = accept(kernel, choice, climbed);
    }
    if (!*climbed) library->take(NULL);
    return status;
}

tw_status tw_blas_choose(tw_kernel_choice *choice) {
    tw_status status = TW_OK;
    bool climbed = false;
    memset(choice, 0, sizeof *choice);
    tw_blas_kernel(choice->before, sizeof choice->before);
    const tw_kernel *now = tw_kernel_named(choice->before), *best = best_kernel(tw_processor());
    if (getenv("OPENBLAS_CORETYPE")) {
        choice->outcome = TW_KERNEL_ASKED;
    } else if (now == NULL || best == NULL) {
        choice->outcome = TW_KERNEL_UNKNOWN;
    } else if (best->level <= now->level) {
        choice->outcome = TW_KERNEL_FITS;
    } else {
        status = climb(now->level, choice, &climbed);
        choice->outcome = climbed ? TW_KERNEL_REPLACED : TW_KERNEL_BELOW;
    }
    tw_blas_kernel(choice->after, sizeof choice->after);
    return status;
}
