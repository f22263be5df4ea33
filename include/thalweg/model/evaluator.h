/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Value, gradient and Hessian product of a DUFM (docs/mathematics.md, section 2). */
#ifndef THALWEG_EVALUATOR_H
#define THALWEG_EVALUATOR_H

#include <thalweg/base/cost.h>
#include <thalweg/model/dufm.h>
#include <thalweg/model/objective.h>

typedef struct tw_evaluator tw_evaluator; /* opaque: a model with all workspace */

/* Copies the model. All memory that evaluations and products need is taken here. */
TW_API tw_status tw_evaluator_create(const tw_dufm *model, tw_evaluator **evaluator);
TW_API void tw_evaluator_destroy(tw_evaluator *evaluator); /* NULL-safe */

TW_API const tw_dufm *tw_evaluator_model(const tw_evaluator *evaluator); /* borrowed */

/* The view for optimisers and eigensolvers; borrows the evaluator. n = P. Its eval, and Hessian
 * products at a point that was not evaluated, fail with TW_ERR_NUMERIC when the value is not
 * finite. */
TW_API tw_objective tw_evaluator_objective(tw_evaluator *evaluator);

/* An evaluator keeps one linearisation: activations, slopes and signals at one point. It is that of
 * the last evaluation with gradient, of the last Hessian product, or of the last call of this,
 * whichever came last. Values alone are computed beside it. This makes it the one at theta, which
 * costs two passes, or one comparison when it is that already. TW_ERR_NUMERIC: the value there is
 * not finite; then there is no linearisation. */
TW_API tw_status tw_evaluator_linearise(tw_evaluator *evaluator, const double *theta);

/* Parts of the Hessian: f = fit + ridge, and the fit's Hessian splits into J^T (loss Hessian) J,
 * with J the Jacobian of the logits, and what the gradient by the logits adds through their
 * curvature. */
typedef enum tw_hessian_part {
    TW_PART_ALL,          /* Gauss-Newton + residual + ridge */
    TW_PART_DATA,         /* Gauss-Newton + residual: the Hessian of the fit */
    TW_PART_GAUSS_NEWTON, /* J^T (loss Hessian) J: positive semidefinite for ce and mse */
    TW_PART_RESIDUAL      /* sum over samples and classes of dloss/dz times the Hessian of z */
} tw_hessian_part;

/* Name for options and results ("gauss-newton"); NULL past the last. */
TW_API const char *tw_hessian_part_name(size_t index);

typedef struct tw_part_product {
    tw_evaluator *evaluator; /* borrowed */
    const double *theta;     /* borrowed: the point */
    tw_hessian_part part;
} tw_part_product;

/* A tw_linop_apply_fn for n = P; self: a tw_part_product. */
TW_API tw_status tw_evaluator_part_apply(void *self, size_t k, const double *V, size_t ldv,
                                         double *Y, size_t ldy);

/* The same by drafts (the objective's, at a distance of TW_BESIDE_ROUNDING): where the factors have
 * low rank but for so much of their norms, and of a phi that bends the activations and signals as
 * well, the product at the nearest point of exactly such ranks (docs/mathematics.md, section 2.1);
 * elsewhere, and for the parts, the product itself. */
TW_API tw_status tw_evaluator_part_draft(void *self, size_t k, const double *V, size_t ldv,
                                         double *Y, size_t ldy);

/* Parts of the last value that the objective's eval gave. */
TW_API double tw_evaluator_fit(const tw_evaluator *evaluator);     /* mean loss */
TW_API double tw_evaluator_penalty(const tw_evaluator *evaluator); /* all ridges */

/* Logits of the linearisation (K x N, column-major) and the gradient of the fit by them;
 * borrowed. */
TW_API const double *tw_evaluator_logits(const tw_evaluator *evaluator);
TW_API const double *tw_evaluator_logit_gradient(const tw_evaluator *evaluator);

/* Backward signals D_l (d_l x N), l = 1 .. L, of the linearisation or tw_evaluator_regrade: the
 * gradient of the fit by S_l; borrowed. */
TW_API const double *tw_evaluator_signals(const tw_evaluator *evaluator, size_t l);

/* A pre-activation S_l[unit, sample] that is held at zero by an augmented Lagrangian. */
typedef struct tw_held {
    size_t layer, unit, sample; /* layer 1 .. L - 1 */
    double multiplier;
    double value; /* S there at the last point evaluated or linearised; out */
} tw_held;

/* From now on phi of the held entries is the constant 0, and the value gains
 * sum (multiplier s + (weight/2) s^2) over them; gradient and Hessian products follow. At s = 0 and
 * a stationary point the multipliers are backward signals: t times W_{l+1}^T D_{l+1} with t the
 * slope that phi would need there. held: count, borrowed until the next call, which has to come
 * after every change of the multipliers too; count 0 ends it. Ends the linearisation.
 * TW_ERR_ARGUMENT for entries out of range, and for a linear phi. */
TW_API tw_status tw_evaluator_hold(tw_evaluator *evaluator, size_t count, tw_held *held,
                                   double weight);

/* Hidden activations A_l, l = 1 .. L - 1, of the linearisation (d_l x N); borrowed. */
TW_API const double *tw_evaluator_activations(const tw_evaluator *evaluator, size_t l);

/* out (P) = sum over i of g_i times the gradient of pre-activation (i, sample) of layer l by the
 * parameters, at the point of the linearisation; g: d_l. Layer L gives logits. No ridges; with the
 * slopes below. */
TW_API void tw_evaluator_pull_back(tw_evaluator *evaluator, size_t l, size_t sample,
                                   const double *g, double *out);

/* Slopes phi'(S_l) (d_l x N), l = 1 .. L - 1, of the linearisation, at a kink those from the left;
 * NULL for linear phi. They may be changed: tw_evaluator_pull_back and tw_evaluator_regrade use
 * them as they stand, until the next linearisation (also that of a Hessian product), which makes
 * its own. */
TW_API double *tw_evaluator_slopes(tw_evaluator *evaluator, size_t l);

/* The gradient (P, out) at the point of the linearisation with these slopes. */
TW_API void tw_evaluator_regrade(tw_evaluator *evaluator, double *gradient);

/* Count the pre-activations at theta that sit on a kink of phi. */
TW_API tw_kinks tw_evaluator_kinks(tw_evaluator *evaluator, const double *theta, double tolerance);

/* What an evaluator holds, and in `flops` those of one Hessian product: six matrix products a
 * layer. products stay 0. */
TW_API void tw_evaluator_cost(const tw_dufm *model, tw_cost *cost);

#endif
