/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The critical points of a model that many starts find, each once: of any index, merged up to
 * symmetry, classified, and with a proof where the Hessian has a negative eigenvalue
 * (docs/mathematics.md, section 12).
 *
 * Start i of a seed is one of four kinds (random at several scales; narrow: random in fewer
 * dimensions, padded with zeros; perturbed: a point found before, disturbed; between: on the line
 * of two of them) and goes on by one of three methods (gradient: least squares on the gradient;
 * descend: along the Hessian's eigenvectors downhill; climb: uphill along some of the lowest). It
 * depends on nothing but the seed and what starts before it found. */
#ifndef THALWEG_CRITICAL_H
#define THALWEG_CRITICAL_H

#include <thalweg/base/monitor.h>
#include <thalweg/campaign/match.h>
#include <thalweg/campaign/store_findings.h>
#include <thalweg/model/dufm.h>

typedef struct tw_critical_options {
    size_t starts;             /* in all, those of earlier runs included; default 100 */
    uint64_t seed;             /* default 1 */
    size_t max_iterations;     /* spectra a start; default 300 */
    double rank_tolerance;     /* in (0, 1); default 1e-6 */
    tw_match_options match;    /* which points are the same; default 1e-9 */
    const tw_monitor *monitor; /* counts starts; default NULL */
} tw_critical_options;

#define TW_CRITICAL_DEFAULTS                                                                       \
    ((tw_critical_options){.starts = 100,                                                          \
                           .seed = 1,                                                              \
                           .max_iterations = 300,                                                  \
                           .rank_tolerance = 1e-6,                                                 \
                           .match = {.tolerance = 1e-9}})

typedef struct tw_critical_result {
    size_t count;
    tw_finding *points; /* lowest loss first; owned */
    size_t starts;      /* finished */
    size_t converged;   /* of them, at a critical point */
    bool cancelled;     /* the monitor ended it */
} tw_critical_result;

/* model: checked; at most TW_CRITICAL_PARAMETERS parameters, else TW_ERR_UNSUPPORTED. findings:
 * where points and starts are kept as they come; what is there already is gone on with; NULL: only
 * in memory. */
TW_API tw_status tw_critical_search(const tw_dufm *model, const tw_critical_options *options,
                                    tw_findings *findings, tw_critical_result *result);
TW_API void tw_critical_result_clear(tw_critical_result *result); /* idempotent, NULL-safe */

#define TW_CRITICAL_PARAMETERS 2000

#endif
