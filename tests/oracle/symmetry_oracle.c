/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "symmetry_oracle.h"

#include <math.h>
#include <stdlib.h>

#include "dense_oracle.h"

/* Factor F_l of the chain: F_0 = H, F_l = W_l; column-major rows x columns. */
typedef struct factor {
    size_t offset, rows, columns;
} factor;

static factor chain(const oracle_model *model, size_t l) {
    if (l == 0)
        return (factor){oracle_offset(model, model->layers), model->widths[0], model->samples};
    return (factor){oracle_offset(model, l - 1), model->widths[l], model->widths[l - 1]};
}

static size_t rotating_spaces(const oracle_model *model) {
    return model->activation == ORACLE_LINEAR ? model->layers : 1;
}

/* C += sign * A B, all column-major, A m x k, B k x n. */
static void add_product(double sign, const size_t shape[3], const double *A, const double *B,
                        double *C) {
    size_t m = shape[0], k = shape[1], n = shape[2];
    for (size_t i = 0; i < m; i++)
        for (size_t j = 0; j < n; j++)
            for (size_t t = 0; t < k; t++) C[i + m * j] += sign * A[i + m * t] * B[t + k * j];
}

/* tangent (P, zero on entry) of the skew d x d matrix A acting on space l alone. */
static void act(const oracle_model *model, const double *theta, size_t l, const double *A,
                double *tangent) {
    factor left = chain(model, l), right = chain(model, l + 1);
    size_t d = left.rows;
    add_product(1, (size_t[]){d, d, left.columns}, A, theta + left.offset, tangent + left.offset);
    add_product(-1, (size_t[]){right.rows, d, d}, theta + right.offset, A, tangent + right.offset);
}

static void write_generators(const oracle_model *model, const double *theta, oracle_orbit *orbit) {
    double *tangent = orbit->tangents;
    for (size_t l = 0; l < rotating_spaces(model); l++) {
        size_t d = model->widths[l];
        double *A = oracle_alloc(d * d, sizeof *A);
        for (size_t i = 0; i < d; i++) {
            for (size_t j = i + 1; j < d; j++) {
                A[i + d * j] = 1;
                A[j + d * i] = -1;
                act(model, theta, l, A, tangent);
                A[i + d * j] = A[j + d * i] = 0;
                tangent += orbit->parameters;
            }
        }
        free(A);
    }
}

/* A copy of the tangents, each of length 1 unless it is zero. */
static double *scaled_tangents(const oracle_orbit *orbit) {
    size_t P = orbit->parameters;
    double *copy = oracle_alloc(P * orbit->generators, sizeof *copy);
    for (size_t i = 0; i < orbit->generators; i++) {
        double length = oracle_norm(P, orbit->tangents + i * P);
        for (size_t k = 0; k < P; k++)
            copy[k + i * P] = length > 0 ? orbit->tangents[k + i * P] / length : 0;
    }
    return copy;
}

void oracle_orbit_build(const oracle_model *model, const double *theta, double threshold,
                        oracle_orbit *orbit) {
    size_t P = oracle_parameters(model), M = 0;
    for (size_t l = 0; l < rotating_spaces(model); l++)
        M += model->widths[l] * (model->widths[l] - 1) / 2;
    size_t thin = P < M ? P : M;
    *orbit = (oracle_orbit){.parameters = P, .generators = M};
    orbit->tangents = oracle_alloc(P * M, sizeof(double));
    orbit->basis = oracle_alloc(P * thin, sizeof(double));
    orbit->singular_values = oracle_alloc(thin, sizeof(double));
    if (M == 0) return; /* spaces of width 1 do not rotate */
    write_generators(model, theta, orbit);
    double *VT = oracle_alloc(thin * M, sizeof *VT), *values = oracle_alloc(thin, sizeof *values);
    double *scaled = scaled_tangents(orbit);
    oracle_svd(P, M, orbit->tangents, orbit->singular_values, orbit->basis, VT);
    oracle_svd(P, M, scaled, values, orbit->basis, VT);
    for (size_t i = 0; i < thin; i++) orbit->rank += values[i] > threshold * values[0];
    orbit->kept = orbit->rank > 0 ? values[orbit->rank - 1] / values[0] : 1;
    orbit->dropped = orbit->rank > 0 && orbit->rank < thin ? values[orbit->rank] / values[0] : 0;
    free(VT);
    free(values);
    free(scaled);
}

void oracle_orbit_clear(oracle_orbit *orbit) {
    free(orbit->tangents);
    free(orbit->basis);
    free(orbit->singular_values);
    *orbit = (oracle_orbit){0};
}

double oracle_orbit_component(const oracle_orbit *orbit, const double *v) {
    double sum = 0;
    for (size_t i = 0; i < orbit->rank; i++) {
        double part = oracle_dot(orbit->parameters, orbit->basis + i * orbit->parameters, v);
        sum += part * part;
    }
    return sqrt(sum);
}

double oracle_log_orbit_volume(const oracle_model *model, const oracle_orbit *orbit, size_t r) {
    double sum = 0, log_pi = log(acos(-1.0));
    for (size_t i = 0; i < orbit->rank; i++) sum += log(orbit->singular_values[i]);
    for (size_t l = 0; l < rotating_spaces(model); l++) {
        for (size_t i = 0; i < r; i++) {
            double half = (double)(model->widths[l] - i) / 2;
            sum += log(2) + half * log_pi - lgamma(half); /* sphere of R^{d-i} */
        }
    }
    return sum;
}
