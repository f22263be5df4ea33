/* SPDX-License-Identifier: GPL-3.0-or-later */
/* First-order optimality where relu and leaky-relu have no derivative (docs/mathematics.md, section
 * 6.1). */
#ifndef THALWEG_KINKS_H
#define THALWEG_KINKS_H

#include <thalweg/base/monitor.h>
#include <thalweg/model/evaluator.h>

/* Why there is no Hessian at a point of this census (tw_evaluator_kinks with TW_KINK_TOLERANCE), so
 * that no count or verdict made of one branch of it stands: a sentence with the numbers. "" without
 * kinks. */
TW_API void tw_kinks_explain(const tw_kinks *kinks, char *text, size_t room);

/* Why counts cannot stand at a point, whatever its spectrum is computed to be: the loss falls for
 * ever from there (tw_evaluator_falls_forever), or the census. "" where they can. */
TW_API void tw_counts_refuse(const tw_kinks *kinks, bool falls, char *text, size_t room);

typedef enum tw_clarke_reason {
    TW_CLARKE_CONVERGED, /* no slopes nearby give a smaller element */
    TW_CLARKE_SWEEPS,    /* the limit of sweeps ended the search */
    TW_CLARKE_LARGE,     /* too many entries for the dense solves: the smallest element is NAN */
    TW_CLARKE_CANCELLED  /* the monitor ended the search: the smallest element met until then */
} tw_clarke_reason;

TW_API const char *tw_clarke_reason_name(tw_clarke_reason reason);

/* Entries of the dense matrix of one solve: parameters times entries on the kink. */
#define TW_CLARKE_ENTRIES ((size_t)1 << 24)

/* The gradient with slopes phi' = t chosen for every pre-activation on the kink between those from
 * the left and from the right runs through a set that contains the Clarke subdifferential (for a
 * composition of kinks it may be larger). It is linear in the slopes of one layer, so that layer by
 * layer the smallest element is a least-squares problem with bounds; over all layers it is
 * multilinear, and what the search finds may be a local minimum: the norm is an upper bound. */
typedef struct tw_clarke {
    size_t total, on_kink; /* as in tw_kinks */
    double one_sided;      /* norm of the gradient with the slopes from the left */
    double smallest;       /* norm of the smallest element found; one_sided without kinks */
    size_t sweeps;         /* over all layers */
    tw_clarke_reason reason;
} tw_clarke;

/* tolerance: of the kink census, as for tw_evaluator_kinks. monitor: asked after the first
 * tenth of a second, so that few kinks are searched whole; may be NULL. Afterwards the
 * slopes of the evaluator's linearisation are those of the smallest element. element: P, out; may
 * be NULL. */
TW_API tw_status tw_clarke_measure(tw_evaluator *evaluator, const double *theta, double tolerance,
                                   const tw_monitor *monitor, double *element, tw_clarke *clarke);

#endif
