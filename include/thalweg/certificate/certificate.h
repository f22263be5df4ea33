/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A strict saddle, proved: negative curvature along a direction, and the fall that it gives.
 *
 * Everything is evaluated in ball arithmetic (Arb) from the doubles of the point and of the
 * direction, by formulas of its own: the truncated Taylor series of f along theta + t v. Nothing
 * here rests on the evaluator, on an eigensolver, or on an estimate of rounding. What is proved
 * (docs/mathematics.md, section 10):
 *
 *     lower <= v^T H v / v^T v <= upper < 0,     ||g|| <= gradient.upper,
 *     f(theta) - f(theta + t v) >= decrease > |t| ||v|| ||g||,
 *
 * and that the fall lies within a factor of two of the one the curvature promises, t^2 |v^T H v|/2.
 * A fall beyond |t| ||v|| ||g|| is none that the gradient gives: beside a minimum that rounding has
 * missed, where curvatures of -1e-18 are found and are real, there is no such step. */
#ifndef THALWEG_CERTIFICATE_H
#define THALWEG_CERTIFICATE_H

#include <thalweg/base/cost.h>
#include <thalweg/base/monitor.h>
#include <thalweg/certificate/certificate_ball.h>
#include <thalweg/model/point.h>

typedef struct tw_certificate_options {
    size_t bits;      /* of the mantissas at first, in [64, max_bits]; default 128 */
    size_t max_bits;  /* they are doubled up to this while something hangs on a ball's width, at
                         most 65536; default 1024 */
    size_t max_steps; /* lengths t tried, each half of the one before; default 80 */
    const tw_monitor *monitor; /* borrowed; default NULL */
} tw_certificate_options;

#define TW_CERTIFICATE_DEFAULTS                                                                    \
    ((tw_certificate_options){.bits = 128, .max_bits = 1024, .max_steps = 80})

typedef enum tw_certificate_reason {
    TW_CERTIFICATE_PROVED,
    TW_CERTIFICATE_NO_DIRECTION, /* v = 0 */
    TW_CERTIFICATE_KINKED,       /* a pre-activation cannot be told from a kink: no Hessian */
    TW_CERTIFICATE_NOT_NEGATIVE, /* v^T H v >= 0 is proved */
    TW_CERTIFICATE_UNDECIDED,    /* a ball is still too wide at max_bits */
    TW_CERTIFICATE_NO_FALL,      /* no step falls by more than the gradient could, as the curvature
                                    says */
    TW_CERTIFICATE_REFUTED,      /* check: a claimed figure is wrong */
    TW_CERTIFICATE_CANCELLED     /* the monitor ended it: no figure */
} tw_certificate_reason;

TW_API const char *tw_certificate_reason_name(tw_certificate_reason reason);

typedef struct tw_certificate {
    bool proved;
    tw_certificate_reason reason;
    tw_enclosure rayleigh; /* v^T H v / v^T v; NAN without a Hessian or a direction */
    tw_enclosure gradient; /* ||g||_2; NAN on a kink */
    double step;           /* t, of either sign; 0 unless proved */
    double decrease;       /* f(theta) - f(theta + t v) is at least this; 0 unless proved */
    const char *refuted;   /* check: the claim that fails ("rayleigh"); "" otherwise; static */
    size_t kinks;          /* pre-activations that cannot be told from a kink */
    size_t bits;           /* mantissas that decided it */
} tw_certificate;

/* v: P entries of any norm, borrowed. options: NULL for the defaults. Not proved is an answer.
 * TW_ERR_ARGUMENT for options out of range, TW_ERR_DATA for entries that are not finite,
 * TW_ERR_UNSUPPORTED for a loss or an activation that is in no table, TW_ERR_MEMORY. */
TW_API tw_status tw_certificate_prove(const tw_point *point, const double *v,
                                      const tw_certificate_options *options,
                                      tw_certificate *certificate);

/* Prove the claims of a certificate anew, from its rayleigh and gradient bounds, step and decrease
 * alone: each recomputed ball must lie within the bounds that are claimed. verdict (out): `proved`
 * with the recomputed figures, or the reason and which claim fails. */
TW_API tw_status tw_certificate_check(const tw_point *point, const double *v,
                                      const tw_certificate *claim,
                                      const tw_certificate_options *options,
                                      tw_certificate *verdict);

/* Memory of balls at a point: 48 bytes an entry. */
TW_API void tw_certificate_cost(const tw_dufm *model, tw_cost *cost);

#endif
