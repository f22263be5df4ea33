/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dense/kernels_private.h"

#include <strings.h>

#define AVX512 (TW_CPU_AVX | TW_CPU_AVX2_FMA | TW_CPU_AVX512)
#define AVX2 (TW_CPU_AVX | TW_CPU_AVX2_FMA)

/* The names of OpenBLAS's DYNAMIC_ARCH builds. Levels by their products of doubles: those of one
 * level differ by the sizes of caches. What needs more than a list of instructions (the tiles of
 * Sapphire Rapids must be asked of the kernel) is left to the library's own choice. */
static const tw_kernel kernels[] = {
    {"SapphireRapids", 5, 0},
    {"Cooperlake", 5, AVX512 | TW_CPU_AVX512_BF16},
    {"SkylakeX", 5, AVX512},
    {"Zen", 4, AVX2 | TW_CPU_AMD},
    {"Haswell", 4, AVX2},
    {"Excavator", 3, 0},
    {"Steamroller", 3, 0},
    {"Piledriver", 3, 0},
    {"Bulldozer", 3, 0},
    {"Sandybridge", 3, TW_CPU_AVX},
    {"Nehalem", 2, TW_CPU_SSE42},
    {"Barcelona", 1, 0},
    {"Bobcat", 1, 0},
    {"Dunnington", 1, 0},
    {"Penryn", 1, 0},
    {"Core2", 1, 0},
    {"Atom", 1, 0},
    {"Nano", 1, 0},
    {"Opteron_SSE3", 1, 0},
    {"Opteron", 1, 0},
    {"Prescott", 1, 0},
};

const tw_kernel *tw_kernel_at(size_t index) {
    return index < sizeof kernels / sizeof *kernels ? &kernels[index] : NULL;
}

const tw_kernel *tw_kernel_named(const char *name) {
    for (size_t i = 0; tw_kernel_at(i); i++)
        if (strcasecmp(tw_kernel_at(i)->name, name) == 0) return tw_kernel_at(i);
    return NULL;
}

#if defined(__x86_64__) || defined(__i386__)

/* The compiler's run-time library asks cpuid, and xgetbv for what the system saves. */
unsigned tw_processor(void) {
    unsigned has = 0;
    __builtin_cpu_init();
    if (__builtin_cpu_supports("sse4.2")) has |= TW_CPU_SSE42;
    if (__builtin_cpu_supports("avx")) has |= TW_CPU_AVX;
    if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) has |= TW_CPU_AVX2_FMA;
    if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl"))
        has |= TW_CPU_AVX512;
    if (__builtin_cpu_supports("avx512bf16")) has |= TW_CPU_AVX512_BF16;
    if (__builtin_cpu_is("amd")) has |= TW_CPU_AMD;
    return has;
}

#else

unsigned tw_processor(void) {
    return 0;
}

#endif

const char *tw_processor_lacks(unsigned has, unsigned needs) {
    static const struct {
        unsigned bit;
        const char *name;
    } names[] = {{TW_CPU_AMD, "a processor by AMD"},
                 {TW_CPU_SSE42, "SSE 4.2"},
                 {TW_CPU_AVX, "AVX"},
                 {TW_CPU_AVX2_FMA, "AVX2 and FMA"},
                 {TW_CPU_AVX512, "AVX-512 F, DQ, BW and VL"},
                 {TW_CPU_AVX512_BF16, "AVX-512 BF16"}};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (needs & ~has & names[i].bit) return names[i].name;
    return "";
}
