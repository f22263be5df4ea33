/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The verdict on a critical point with its evidence: counts, the null space held against the
 * symmetry, at L = 1 the test of global optimality, and for a strict saddle its certificate. */
#ifndef THALWEG_CERTIFICATION_H
#define THALWEG_CERTIFICATION_H

#include <thalweg/certificate/certificate.h>
#include <thalweg/examination/examination.h>

/* L = 1 (docs/mathematics.md, (3.12), (3.13)): a critical point is a global minimum if and only if
 * ||G||_2 <= sqrt(lambda_W lambda_H), G the gradient of the fit by the logits. Where it is not, and
 * a unit vector a with W a = 0, a^T H = 0 exists, there is a negative direction in closed form. */
typedef struct tw_global_test {
    bool applicable;  /* L = 1 and both ridges positive */
    double slope;     /* ||G||_2 */
    double bound;     /* sqrt(lambda_W lambda_H) */
    double curvature; /* of the closed-form direction, per unit length: negative when slope >
                         bound */
    bool room;        /* such an `a` exists */
} tw_global_test;

/* direction (P, out) unless NULL: that of (3.13), zero unless there is room. All of it is zero when
 * not applicable. */
TW_API tw_status tw_point_global_test(tw_evaluator *evaluator, const double *theta,
                                      double *direction, tw_global_test *test);

/* Computed null vectors against the tangent space of the symmetry orbit. */
typedef struct tw_null_match {
    bool matched;    /* by the dense route; false: the tangent was projected out before counting */
    size_t found;    /* eigenvalues within the threshold */
    size_t symmetry; /* dimension of the tangent */
    double angle;    /* largest principal angle between the tangent and the null space, in radians,
                        of as many as the tangent has dimensions; NAN when fewer were found */
    double residual; /* largest ||H v - t v|| over all computed eigenpairs */
} tw_null_match;

/* null: n x count, orthonormal columns. */
TW_API tw_status tw_null_space_match(const tw_tangent *tangent, size_t n, size_t count,
                                     const double *null, tw_null_match *match);

typedef struct tw_certification_options {
    tw_examination_options examination;
    tw_certificate_options certificate;
} tw_certification_options;

#define TW_CERTIFICATION_DEFAULTS                                                                  \
    ((tw_certification_options){.examination = TW_EXAMINATION_DEFAULTS,                            \
                                .certificate = TW_CERTIFICATE_DEFAULTS})

typedef struct tw_certification {
    tw_examination examination;
    tw_global_test global;
    tw_null_match null_match;
    size_t tries; /* directions tried */
    tw_certificate
        certificate;    /* of the last direction tried; not proved, with NANs, without one */
    double *direction;  /* P, owned: that direction, of length 1; NULL without one */
    const char *source; /* "closed form", "eigenvector"; "" without one; static */
} tw_certification;

/* theta (in/out): the polished point. Directions are tried when the counts leave room for a
 * negative mode: the closed form first, then the eigenvector of the smallest eigenvalue. */
TW_API tw_status tw_point_certify(tw_evaluator *evaluator, const tw_certification_options *options,
                                  double *theta, tw_certification *certification);
TW_API void tw_certification_clear(tw_certification *certification); /* idempotent, NULL-safe */

/* theta: as in tw_examination_cost. */
TW_API void tw_certification_cost(const tw_dufm *model, const double *theta,
                                  const tw_certification_options *options, tw_cost *cost);

/* A certificate as named arrays with the point (docs/formats/certificate.md). The claims are the
 * bounds, the step and the decrease. Reading: TW_ERR_DATA, TW_ERR_SHAPE with the array's name;
 * point, v (P, owned by the caller) and claim are untouched on failure. */
TW_API tw_status tw_certificate_to_bundle(const tw_point *point, const double *v,
                                          const tw_certificate *certificate, tw_bundle *bundle);
TW_API tw_status tw_certificate_from_bundle(tw_bundle *bundle, tw_point *point, double **v,
                                            tw_certificate *claim);

#endif
