/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bounded_oracle.h"

#include <math.h>
#include <stdlib.h>

#include "dense_oracle.h"

enum { MOST = 8, AT_LOW = 0, AT_HIGH = 1, FREE = 2 };

typedef struct augmented {
    double entry[MOST][MOST + 1];
} augmented;

/* Gauss elimination with row pivoting; 0 when a pivot is small. The solution replaces the last
 * column. */
static int eliminate(size_t n, augmented *M) {
    for (size_t k = 0; k < n; k++) {
        size_t top = k;
        for (size_t i = k; i < n; i++)
            if (fabs(M->entry[i][k]) > fabs(M->entry[top][k])) top = i;
        if (fabs(M->entry[top][k]) < 1e-10) return 0;
        for (size_t j = 0; j <= n; j++) {
            double kept = M->entry[k][j];
            M->entry[k][j] = M->entry[top][j];
            M->entry[top][j] = kept;
        }
        for (size_t i = 0; i < n; i++) {
            double factor = M->entry[i][k] / M->entry[k][k];
            for (size_t j = k; i != k && j <= n; j++) M->entry[i][j] -= factor * M->entry[k][j];
        }
    }
    for (size_t i = 0; i < n; i++) M->entry[i][n] /= M->entry[i][i];
    return 1;
}

static double residual(size_t m, size_t n, const double *A, const double *b, const double *x) {
    double *y = oracle_alloc(m, sizeof *y);
    oracle_multiply(m, n, A, x, y);
    for (size_t i = 0; i < m; i++) y[i] -= b[i];
    double norm = oracle_norm(m, y);
    free(y);
    return norm;
}

/* Free variables from the normal equations of what the others leave of b; 0 when there is none. */
static int solve_free(size_t m, size_t n, const double *A, const double *b, const int *place,
                      double *x) {
    size_t columns[MOST], count = 0;
    augmented M;
    double *left = oracle_alloc(m, sizeof *left);
    for (size_t j = 0; j < n; j++)
        if (place[j] == FREE) {
            columns[count++] = j;
            x[j] = 0;
        }
    oracle_multiply(m, n, A, x, left);
    for (size_t i = 0; i < m; i++) left[i] = b[i] - left[i];
    for (size_t i = 0; i < count; i++) {
        for (size_t j = 0; j < count; j++)
            M.entry[i][j] = oracle_dot(m, A + m * columns[i], A + m * columns[j]);
        M.entry[i][count] = oracle_dot(m, A + m * columns[i], left);
    }
    free(left);
    if (!eliminate(count, &M)) return 0;
    for (size_t i = 0; i < count; i++) x[columns[i]] = M.entry[i][count];
    return 1;
}

double oracle_bounded(size_t m, size_t n, const double *A, const double *b, const double *low,
                      const double *high, double *x) {
    size_t ways = 1;
    double best = INFINITY;
    for (size_t j = 0; j < n; j++) ways *= 3;
    for (size_t way = 0; way < ways; way++) {
        int place[MOST], possible = 1;
        double y[MOST];
        size_t rest = way;
        for (size_t j = 0; j < n; j++, rest /= 3) {
            place[j] = (int)(rest % 3);
            y[j] = place[j] == AT_LOW ? low[j] : place[j] == AT_HIGH ? high[j] : 0;
            if (isinf(y[j])) possible = 0;
        }
        if (!possible || !solve_free(m, n, A, b, place, y)) continue;
        for (size_t j = 0; j < n; j++)
            if (y[j] < low[j] || y[j] > high[j]) possible = 0;
        if (!possible || residual(m, n, A, b, y) >= best) continue;
        best = residual(m, n, A, b, y);
        for (size_t j = 0; j < n; j++) x[j] = y[j];
    }
    return best;
}
