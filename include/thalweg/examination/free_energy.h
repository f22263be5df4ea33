/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The parts of the free energy (laplace.h) of an optimum of a DUFM: at a point that was examined,
 * and in closed form at any width. */
#ifndef THALWEG_FREE_ENERGY_H
#define THALWEG_FREE_ENERGY_H

#include <thalweg/curvature/weights.h>
#include <thalweg/examination/examination.h>
#include <thalweg/optima/closed_form.h>

typedef struct tw_free_energy_options {
    double rank_tolerance;  /* in (0, 1); default 1e-3 */
    double copy_tolerance;  /* class logits within it times the largest one are the same; in (0,
                               1); default 1e-6 */
    tw_trace_options trace; /* of the log-determinant where neither all eigenvalues nor sectors
                               tell it; keep is set here */
} tw_free_energy_options;

#define TW_FREE_ENERGY_DEFAULTS                                                                    \
    ((tw_free_energy_options){                                                                     \
        .rank_tolerance = TW_RANK_TOLERANCE, .copy_tolerance = 1e-6, .trace = TW_TRACE_DEFAULTS})

/* theta: the point that `examination` is about, as it left it. A verdict other than minimum, a free
 * shift of the bias, and samples of a class that differ (whose copies are not counted) are refusals
 * in the answer, not errors. */
TW_API tw_status tw_free_energy_of_point(tw_evaluator *evaluator, const double *theta,
                                         const tw_examination *examination,
                                         const tw_free_energy_options *options,
                                         tw_laplace *laplace);

/* Exact at any width and sample number: spectrum by formula or sectors, copies by counting blocks.
 * A form that does not exist, or has a negative mode, is a refusal. */
TW_API tw_status tw_free_energy_of_form(const tw_closed_form *form, tw_laplace *laplace);

/* The closed forms of a list with / between them ("dnc/blocks:4,2") at each width, in place of
 * given->width; `listed` inverse temperatures. *weights (out, owned) is not compared yet. Errors:
 * of tw_closed_form_solve. */
TW_API tw_status tw_weights_of_forms(const tw_closed_case *given, const char *names, size_t scales,
                                     const size_t *widths, size_t listed, const double *betas,
                                     tw_weights *weights);

#endif
