/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The complete Hessian spectrum of a linear DUFM at a balanced critical point with class-collapsed
 * features, exactly and at a cost that depends neither on widths nor on sample counts
 * (docs/mathematics.md, section 3). */
#ifndef THALWEG_SECTORS_H
#define THALWEG_SECTORS_H

#include <stdbool.h>
#include <thalweg/base/budget.h>
#include <thalweg/base/cost.h>
#include <thalweg/model/dufm.h>
#include <thalweg/optima/closed_form.h>
#include <thalweg/spectrum/density.h>
#include <thalweg/spectrum/levels.h>
#include <thalweg/spectrum/listing.h>
#include <thalweg/spectrum/trace.h>
#include <thalweg/spectrum/zero_rule.h>

/* What has to hold for the sectors to be the spectrum, each measured relative to its natural size.
 */
typedef struct tw_sector_evidence {
    double stationary; /* ||gradient by W_1 .. W_L and by the class means|| / (||H|| max(1,
                          ||theta||)); where that is refused before any spectrum was computed, as
                          much of it as a bound on ||H|| proves */
    double balanced;   /* as tw_shape.balance_defect, on the class means */
    double collapsed;  /* ||H - class means|| / ||H||, Frobenius */
    double confined;   /* largest part of a factor outside the signal spaces, over its norm */
    double kept;       /* smallest singular value of W_L counted as signal, over the largest */
    double dropped;    /* largest one counted as null, over the largest */
} tw_sector_evidence;

typedef struct tw_sector_options {
    double tolerance;      /* largest acceptable defect; default 1e-9 */
    double rank_tolerance; /* in (0, 1); default 1e-3 */
    bool blocks;           /* those of each parameter block too; default false */
    tw_budget budget;      /* dense_limit: largest signal sector, (L - 1) r^2 + 2 K r coordinates.
                              products and seed are not used. Past the deadline it is a refusal */
} tw_sector_options;

#define TW_SECTOR_DEFAULTS                                                                         \
    ((tw_sector_options){.tolerance = 1e-9, .rank_tolerance = 1e-3, .budget = TW_BUDGET_DEFAULTS})

typedef struct tw_sectors {
    bool applicable;   /* every precondition holds */
    bool ended;        /* by the monitor or the deadline: not applicable for that reason alone */
    char refusal[240]; /* which one fails, and by how much; "" when applicable */
    tw_sector_evidence evidence;
    size_t rank;
    /* The whole spectrum when applicable, empty otherwise. Labels:
     *     gauge         zeros by rotations of the hidden spaces
     *     imbalance     their partners: neighbouring factors change, their product does not
     *     null space    other pairs of a null space
     *     ridge         curvature of the regulariser alone
     *     class mean    signal sector: the class means and the weights between them
     *     flat          a zero in the signal sector that no rotation explains
     *     within class  features of a class spread */
    tw_levels levels;
    /* With options.blocks, when applicable: the spectra of the diagonal blocks of the Hessian, [0]
     * that of H, [l] that of W_l. Owned. */
    size_t block_count;
    tw_levels *blocks;
    double norm; /* ||H||_2; 0 when a cheap test refused the point beforehand */
    /* The rule of this route, with its counts. Its error is measured: what the rotations, which are
     * exact zeros, show, and the defects of the point where they are more than rounding. A zero
     * that no rotation explains has to look like them. */
    tw_zero_rule zero;
} tw_sectors;

/* theta: P doubles. Not applicable is an answer, not an error; what needs no spectrum to be refused
 * costs none. */
TW_API tw_status tw_sectors_of_point(const tw_dufm *model, const double *theta,
                                     const tw_sector_options *options, tw_sectors *sectors);

/* The same from the K x K class logits (column k: the logits of every sample of class k) of a
 * critical point of the balanced model: no point is ever formed. model: widths, class sizes, ridges
 * and loss; labels may be NULL, class_sizes (K) says how many samples each class has. */
typedef struct tw_class_logits {
    const double *Z;           /* K x K */
    const double *class_sizes; /* K, each >= 1 */
    size_t layers;             /* L */
    const size_t *widths;      /* L + 1: d_0 .. d_{L-1}, K */
    const double *lambda_W;    /* L, > 0 */
    double lambda_H;           /* > 0 */
    const tw_loss *loss;
} tw_class_logits;
TW_API tw_status tw_sectors_of_logits(const tw_class_logits *logits,
                                      const tw_sector_options *options, tw_sectors *sectors);

/* The same of an optimum in closed form. */
TW_API tw_status tw_sectors_of_form(const tw_closed_form *form, const tw_sector_options *options,
                                    tw_sectors *sectors);

/* Coordinates of the signal sector of a form, (L - 1) r^2 + 2 K r; 0 where a formula knows the
 * spectrum, and where there is no point. */
TW_API double tw_closed_form_sector_order(const tw_closed_form *form);

/* The spectrum of a form that exists, by formula or by sectors, as tw_listing_take: all, or its
 * ends. Sectors also settle the stability where no formula does (form, in/out). Above the dense
 * limit of the options the listing (out) is empty and not converged, its reason "dense limit". */
TW_API tw_status tw_closed_form_list(tw_closed_form *form, const tw_sector_options *options,
                                     uint64_t smallest, uint64_t largest, tw_listing *listing);

/* Of that list: nothing where a formula knows the spectrum, and where there is no point. */
TW_API void tw_closed_form_cost(const tw_closed_form *form, tw_cost *cost);

/* What tw_trace_estimate and tw_density_estimate say of a Hessian, from its sectors: exact, without
 * a product, method "sectors"; the residuals of atoms are NAN. options: of those functions, NULL
 * for the defaults; what is about probes and budgets does not matter. TW_ERR_ARGUMENT when the
 * sectors do not apply; TW_ERR_MEMORY. */
TW_API tw_status tw_sectors_trace(const tw_sectors *sectors, const tw_trace_options *options,
                                  tw_trace_result *result);
TW_API tw_status tw_sectors_density(const tw_sectors *sectors, const tw_density_options *options,
                                    tw_density_result *result);

TW_API void tw_sectors_clear(tw_sectors *sectors); /* idempotent, NULL-safe */

/* Of a model's points and closed forms, by the largest rank that the widths allow. Not applicable
 * is cheaper. */
TW_API void tw_sectors_cost(const tw_dufm *model, tw_cost *cost);

#endif
