/* SPDX-License-Identifier: GPL-3.0-or-later */
/* For loops of our own that take time: compiled for the widest registers as well, and the best that
 * the processor has is called. Nothing is contracted (-std=c11), so all of them give the same bits.
 *
 * Which one runs is chosen while the program is loaded, before a thread sanitizer is ready. */
#ifndef TW_EVERY_PROCESSOR_PRIVATE_H
#define TW_EVERY_PROCESSOR_PRIVATE_H

#if defined(__x86_64__) && defined(__gnu_linux__) && !defined(__SANITIZE_THREAD__)
#define TW_FOR_EVERY_PROCESSOR __attribute__((target_clones("avx512f", "avx2", "default")))
#else
#define TW_FOR_EVERY_PROCESSOR
#endif

/* Before a loop whose vectors may be one, entry for entry, which the compiler cannot know to do no
 * harm. */
#ifdef __clang__
#define TW_ENTRY_BY_ENTRY _Pragma("clang loop vectorize(assume_safety)")
#else
#define TW_ENTRY_BY_ENTRY _Pragma("GCC ivdep")
#endif

#endif
