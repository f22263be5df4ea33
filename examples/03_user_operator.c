/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Eigenvalues of any symmetric operator: the second difference on a ring of N points, whose
 * eigenvalues 2 - 2 cos(2 pi j/N) come in pairs. A Krylov method sees one of each pair; the search
 * locks what it has verified and looks again until it has both. */
#include <math.h>
#include <stdio.h>
#include <thalweg/spectrum/spectrum.h>

enum { N = 500, WANTED = 7 };

static tw_status apply(void *self, size_t k, const double *X, size_t ldx, double *Y, size_t ldy) {
    (void)self;
    for (size_t j = 0; j < k; j++) {
        const double *x = X + j * ldx;
        double *y = Y + j * ldy;
        for (size_t i = 0; i < N; i++) y[i] = 2.0 * x[i] - x[(i + 1) % N] - x[(i + N - 1) % N];
    }
    return TW_OK;
}

int main(void) {
    const tw_linop ring = {.n = N, .apply = apply};
    tw_search_options options = TW_SEARCH_DEFAULTS;
    tw_search_result result;
    int wrong = 0;
    options.end = TW_END_LARGEST;
    options.count = WANTED;
    if (tw_spectrum_search(&ring, &options, &result) != TW_OK) {
        fprintf(stderr, "%s\n", tw_last_error());
        return 3;
    }
    for (size_t i = 0; i < result.pairs.count; i++) {
        size_t j = (result.pairs.count - i) / 2; /* pairs of equal values below the single top */
        double exact = 2.0 + 2.0 * cos(2.0 * acos(-1.0) * (double)j / N);
        printf("%.12f  exact %.12f  residual %.1e\n", result.pairs.values[i], exact,
               result.pairs.residuals[i]);
        wrong = wrong || fabs(result.pairs.values[i] - exact) > 1e-10;
    }
    printf("%s after %zu products\n", tw_search_reason_name(result.reason), result.products);
    tw_search_result_clear(&result);
    return wrong;
}
