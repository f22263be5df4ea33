/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A polynomial of a symmetric operator, given by its Chebyshev series. */
#ifndef THALWEG_POLYNOMIAL_H
#define THALWEG_POLYNOMIAL_H

#include <thalweg/base/monitor.h>
#include <thalweg/operator/linop.h>

/* p(t) = sum_j c_j T_j(x), x = (t - centre)/half_width, T_j the Chebyshev polynomials. Bounded by
 * sum |c_j| where |x| <= 1, and growing fast beyond. */
typedef struct tw_chebyshev {
    double centre, half_width; /* half_width > 0 */
    size_t degree;
    const double *coefficients; /* degree + 1; borrowed */
} tw_chebyshev;

TW_API double tw_chebyshev_eval(const tw_chebyshev *series, double t);

/* coefficients (degree + 1, out): the bump at x = 0, a point mass damped by Jackson's factors
 * (Weisse, Wellein, Alvermann, Fehske, Rev. Mod. Phys. 78, 2006) and scaled to p = 1 there. It is
 * even and positive on [-1, 1], falls monotonically up to where it is small, and has nearly the
 * shape exp(-x^2/(2 s^2)) with s = acos(-1)/(degree + 1). */
TW_API void tw_chebyshev_bump(size_t degree, double *coefficients);

typedef struct tw_polynomial {
    const tw_linop *A;   /* borrowed; multiplied by its drafts */
    tw_chebyshev series; /* with coefficients of its own */
    double *coefficients;
    double *work;              /* of one block of columns */
    size_t products;           /* single-vector products with A so far */
    const tw_monitor *monitor; /* asked before every block product; when it says yes, apply is
                                  TW_STOPPED. Borrowed; NULL after init */
} tw_polynomial;

/* Copies the coefficients. TW_ERR_ARGUMENT (half_width not positive or not finite),
 * TW_ERR_MEMORY. A vector costs `degree` products. */
TW_API tw_status tw_polynomial_init(tw_polynomial *polynomial, const tw_linop *A,
                                    tw_chebyshev series);
TW_API void tw_polynomial_clear(tw_polynomial *polynomial); /* idempotent */
TW_API tw_linop tw_polynomial_linop(tw_polynomial *polynomial);

#endif
