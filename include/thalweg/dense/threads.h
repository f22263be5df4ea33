/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Threads: how many large matrix products may use, and what a program with threads of its own may
 * do.
 *
 * Any number of threads may call the library at once, each on objects of its own: an evaluator, an
 * objective with what its `self` keeps, an operator, a bundle, a store, a descent. Results are then
 * the same to the last bit as one after the other. One object belongs to one thread at a time, also
 * where a function takes it as borrowed; that includes what it borrows itself (two operators on one
 * evaluator are one object). Constant descriptors (losses, activations, formats, engines) and
 * models, points and results that nobody changes may be read by all. The sentence of an error is
 * that of the calling thread.
 *
 * Four things take turns in a process:
 *   - matrix work that uses several threads: BLAS has one pool and one thread count. Work of that
 *     size waits for work of medium size in other threads to end, and makes it wait. With
 *     tw_threads_set(1) nobody waits, which is best for programs with as many threads as cores.
 *   - the engine "arpack", which keeps its state in static variables: one search at a time. After
 *     an invariant subspace its last bits may depend on earlier searches in the process; those of
 *     the engine "lanczos" do not.
 *   - the count of exchanges of classes (nauty).
 *   - reading and writing HDF5 files; a program that uses the HDF5 library beside thalweg must not
 *     do so in another thread at the same time.
 * The thread count of OpenBLAS belongs to thalweg: it is 1 between the calls. */
#ifndef THALWEG_THREADS_H
#define THALWEG_THREADS_H

#include <thalweg/base/status.h>

/* Of the process, for all calls from now on; count >= 1 (less counts as 1). Small products use one
 * thread whatever is set here. To be called before other threads compute: what they compute
 * meanwhile may use either count. */
TW_API void tw_threads_set(int count);
TW_API int tw_threads(void); /* default: BLAS's own, from OPENBLAS_NUM_THREADS or processors */

#endif
