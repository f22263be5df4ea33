/* SPDX-License-Identifier: GPL-3.0-or-later */
/* OpenBLAS's kernels for x86, and which of them a processor runs. */
#ifndef TW_KERNELS_PRIVATE_H
#define TW_KERNELS_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

/* Sets of instructions that the kernels are written in, and whose processor it is. */
enum {
    TW_CPU_SSE42 = 1 << 0,
    TW_CPU_AVX = 1 << 1,
    TW_CPU_AVX2_FMA = 1 << 2,
    TW_CPU_AVX512 = 1 << 3, /* F, DQ, BW and VL */
    TW_CPU_AVX512_BF16 = 1 << 4,
    TW_CPU_AMD = 1 << 5
};

typedef struct tw_kernel {
    const char *name; /* OPENBLAS_CORETYPE and openblas_get_corename, whatever their case */
    int level;        /* more is faster */
    unsigned needs;   /* a set of TW_CPU bits; 0: not to be taken by us, known as a choice alone */
} tw_kernel;

/* Best first; NULL past the last. */
const tw_kernel *tw_kernel_at(size_t index);
const tw_kernel *tw_kernel_named(const char *name); /* NULL: not known */

/* What this processor (and its operating system) has; 0 where nothing is known of it. */
unsigned tw_processor(void);

/* What is missing of `needs`, as text for people: "AVX-512 BF16". */
const char *tw_processor_lacks(unsigned has, unsigned needs);

#endif
