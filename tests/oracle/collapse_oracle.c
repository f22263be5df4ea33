/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "collapse_oracle.h"

#include <math.h>
#include <stdlib.h>

#include "dense_oracle.h"

/* M (d x K, out) = class means; -1 when a class is empty. */
static int class_means(const oracle_features *f, double *M) {
    size_t d = f->dimension;
    for (size_t k = 0; k < f->classes; k++) {
        size_t count = 0;
        for (size_t j = 0; j < d; j++) M[j + d * k] = 0;
        for (size_t i = 0; i < f->samples; i++) {
            if ((size_t)f->labels[i] != k) continue;
            count++;
            for (size_t j = 0; j < d; j++) M[j + d * k] += f->H[j + d * i];
        }
        if (count == 0) return -1;
        for (size_t j = 0; j < d; j++) M[j + d * k] /= (double)count;
    }
    return 0;
}

/* S (d x d) += weight * x x^T */
static void add_square(size_t d, double weight, const double *x, double *S) {
    for (size_t i = 0; i < d; i++)
        for (size_t j = 0; j < d; j++) S[i + d * j] += weight * x[i] * x[j];
}

static void within_covariance(const oracle_features *f, const double *M, double *S) {
    size_t d = f->dimension;
    double *x = oracle_alloc(d, sizeof *x);
    for (size_t i = 0; i < f->samples; i++) {
        for (size_t j = 0; j < d; j++) x[j] = f->H[j + d * i] - M[j + d * (size_t)f->labels[i]];
        add_square(d, 1 / (double)f->samples, x, S);
    }
    free(x);
}

/* Subtract from every class mean the mean of the class means. */
static void centre(const oracle_features *f, double *M) {
    size_t d = f->dimension, K = f->classes;
    for (size_t j = 0; j < d; j++) {
        double mean = 0;
        for (size_t k = 0; k < K; k++) mean += M[j + d * k] / (double)K;
        for (size_t k = 0; k < K; k++) M[j + d * k] -= mean;
    }
}

/* tr(Sigma_W Sigma_B^+) = sum over eigenpairs (t, v) of Sigma_B, t > cutoff, of v^T Sigma_W v / t.
 */
static double trace_ratio(size_t d, const double *within, const double *between, size_t *rank) {
    double *t = oracle_alloc(d, sizeof *t), *V = oracle_alloc(d * d, sizeof *V);
    double *image = oracle_alloc(d, sizeof *image), sum = 0;
    oracle_eigenpairs(d, between, t, V);
    *rank = 0;
    for (size_t i = 0; i < d; i++) {
        if (t[i] <= ORACLE_NC_CUTOFF * t[d - 1]) continue;
        oracle_multiply(d, d, within, V + d * i, image);
        sum += oracle_dot(d, V + d * i, image) / t[i];
        (*rank)++;
    }
    free(t);
    free(V);
    free(image);
    return sum;
}

/* | G/|G|_F - (I - 11^T/K)/sqrt(K-1) |_F for G = A B, A K x d, B d x K. */
static double simplex_distance(size_t K, size_t d, const double *A, const double *B) {
    double *G = oracle_alloc(K * K, sizeof *G), sum = 0;
    for (size_t i = 0; i < K; i++)
        for (size_t j = 0; j < K; j++)
            for (size_t t = 0; t < d; t++) G[i + K * j] += A[i + K * t] * B[t + d * j];
    double length = oracle_norm(K * K, G);
    for (size_t i = 0; i < K; i++) {
        for (size_t j = 0; j < K; j++) {
            double simplex = ((i == j) - 1 / (double)K) / sqrt((double)(K - 1));
            double miss = G[i + K * j] / length - simplex;
            sum += miss * miss;
        }
    }
    free(G);
    return sqrt(sum);
}

int oracle_nc(const oracle_features *features, const double *W, oracle_collapse *result) {
    size_t d = features->dimension, K = features->classes;
    double *M = oracle_alloc(d * K, sizeof *M), *WT = oracle_alloc(d * K, sizeof *WT);
    double *within = oracle_alloc(d * d, sizeof *within);
    double *between = oracle_alloc(d * d, sizeof *between);
    int failed = class_means(features, M);
    if (!failed) {
        within_covariance(features, M, within);
        centre(features, M);
        for (size_t k = 0; k < K; k++) add_square(d, 1 / (double)K, M + d * k, between);
        result->nc1 = trace_ratio(d, within, between, &result->between_rank) / (double)K;
        for (size_t k = 0; k < K; k++)
            for (size_t j = 0; j < d; j++) WT[j + d * k] = W[k + K * j];
        result->nc2 = simplex_distance(K, d, W, WT);
        result->nc3 = simplex_distance(K, d, W, M);
    }
    free(M);
    free(WT);
    free(within);
    free(between);
    return failed;
}
