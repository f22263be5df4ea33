/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A loss that is no feature model: f(X) = |X X^T - M|^2/4 for X of N rows and R columns.
 * X Q gives the same f for every rotation Q, so a minimum has R (R - 1)/2 flat directions. thalweg
 * does not know that symmetry: it finds the zero modes and reports them as unexplained. */
#include <stdio.h>
#include <string.h>
#include <thalweg/curvature/degeneracy.h>
#include <thalweg/training/newton.h>

enum { N = 6, R = 3 };

/* The target: diagonal 5, 3, 2, then zeros. */
static double target(int i, int j) {
    static const double diagonal[N] = {5.0, 3.0, 2.0};
    return i == j ? diagonal[i] : 0.0;
}

/* (A B^T)_ij for two N x R matrices, column-major. */
static double entry(const double *A, const double *B, int i, int j) {
    double sum = 0.0;
    for (int r = 0; r < R; r++) sum += A[i + N * r] * B[j + N * r];
    return sum;
}

static tw_status eval(void *self, const double *X, double *value, double *gradient) {
    (void)self;
    *value = 0.0;
    if (gradient) memset(gradient, 0, N * R * sizeof *gradient);
    for (int i = 0; i < N; i++)
        for (int j = 0; j < N; j++) {
            double error = entry(X, X, i, j) - target(i, j);
            *value += 0.25 * error * error;
            for (int r = 0; gradient && r < R; r++) gradient[i + N * r] += error * X[j + N * r];
        }
    return TW_OK;
}

/* (V X^T + X V^T) X + (X X^T - M) V for each of the k directions V. */
static tw_status hessian(void *self, const double *X, size_t k, const double *V, size_t ldv,
                         double *Y, size_t ldy) {
    (void)self;
    for (size_t column = 0; column < k; column++) {
        const double *v = V + column * ldv;
        double *out = Y + column * ldy;
        memset(out, 0, N * R * sizeof *out);
        for (int i = 0; i < N; i++)
            for (int j = 0; j < N; j++) {
                double change = entry(v, X, i, j) + entry(X, v, i, j);
                double error = entry(X, X, i, j) - target(i, j);
                for (int r = 0; r < R; r++)
                    out[i + N * r] += change * X[j + N * r] + error * v[j + N * r];
            }
    }
    return TW_OK;
}

int main(void) {
    tw_objective objective = {.n = N * R, .eval = eval, .hessian = hessian};
    tw_newton_options polishing = TW_NEWTON_DEFAULTS;
    tw_degeneracy_options counting = TW_DEGENERACY_DEFAULTS;
    tw_newton_result newton;
    tw_degeneracy_result modes;
    double X[N * R];
    for (int i = 0; i < N * R; i++) X[i] = 1.0 / (1 + (i * 7) % 5); /* any start will do */
    if (tw_newton(&objective, &polishing, X, &newton) != TW_OK ||
        tw_degeneracy_analyse(&objective, X, &counting, &modes) != TW_OK) {
        fprintf(stderr, "%s\n", tw_last_error());
        return 3;
    }
    printf("f = %.2e, %zu zero modes (expected %d), %zu negative, verdict: %s\n", modes.value,
           modes.zero_modes, R * (R - 1) / 2, modes.negative_modes, tw_verdict_name(modes.verdict));
    int wrong = modes.zero_modes != R * (R - 1) / 2 || modes.verdict != TW_VERDICT_DEGENERATE;
    tw_degeneracy_result_clear(&modes);
    return wrong;
}
