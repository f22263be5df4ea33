/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Signal-signal generators: solve J^T J S = X for skew S_l (r_l x r_l), where J takes S to the
 * cores S_l C_l - C_l S_{l-1}.
 *
 * In aligned coordinates at a balanced point the cores are diagonal and the equations fall apart
 * into one tridiagonal system a pair (i, j), coupling the spaces: diagonal (C_l C_l^T + C_{l+1}^T
 * C_{l+1})_ii + (same)_jj, off-diagonal -2 c_{l,i} c_{l,j} (docs/mathematics.md, (3.10)). When
 * these systems are further from singular than the true equations are from them, no rotation is a
 * stabiliser, and they precondition conjugate gradients that need two or three steps.
 *
 * Elsewhere J may have a kernel. Its singular values are computed where that is affordable, and the
 * equations are then solved by its pseudo-inverse; beyond that the kernel is found on the part of
 * the cores where it can live (stabilisers.c), and conjugate gradients solve the singular but
 * consistent equations. They stop relative to ||J|| times the norm of the projected vector: on a
 * vector orthogonal to the orbit the right-hand side is rounding noise, and a stop relative to it
 * would amplify that noise. */
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "dense/matrix_private.h"
#include "dense/vector_private.h"
#include "symmetry/core_chain_private.h"
#include "symmetry/symmetry_private.h"

#define MAX_STEPS 500
#define RESOLVED 1e-12 /* an eigenvalue relative to the largest that rounding does not make */

struct tw_signal_system {
    const tw_symmetry *symmetry;
    size_t spaces;
    size_t *start;  /* spaces + 1: where the matrix of each space begins */
    size_t entries; /* sum of r_l^2 */
    double *rhs, *solution, *residual, *direction, *image, *smoothed;
    double *cores;       /* J of a direction, one factor after the other */
    size_t *core_start;  /* factor_count + 1 */
    double *diagonal;    /* entries: pair (i, j) of space l at start[l] + i + r j */
    double *off;         /* entries: coupling of that pair to space l - 1; 0 in space 0 */
    double *elimination; /* spaces: scratch of the tridiagonal solve */
    double *inverse;     /* pairs x (pairs - count): its square is the pseudo-inverse; or NULL */
    double *coordinates; /* pairs, and as many again: scratch of the direct solve */
    tw_stabilisers stabilisers;
};

static size_t rank_of(const tw_signal_system *system, size_t l) {
    return system->symmetry->spaces[l].described.rank;
}

/* Coupled entries: the pair exists in both spaces. */
static bool coupled(const tw_signal_system *system, size_t l, size_t i, size_t j) {
    return l > 0 && i < rank_of(system, l - 1) && j < rank_of(system, l - 1);
}

/* (C_l C_l^T + C_{l+1}^T C_{l+1})_ii. */
static double square_of(const tw_chain_factor *below, const tw_chain_factor *above, size_t i) {
    double sum = 0.0;
    for (size_t m = 0; m < below->right_rank; m++)
        sum += below->core[i + below->left_rank * m] * below->core[i + below->left_rank * m];
    for (size_t m = 0; m < above->left_rank; m++)
        sum += above->core[m + above->left_rank * i] * above->core[m + above->left_rank * i];
    return sum;
}

static void pair_equations(tw_signal_system *system, size_t l) {
    const tw_chain_factor *below = &system->symmetry->factors[l];
    const tw_chain_factor *above = &system->symmetry->factors[l + 1];
    size_t r = rank_of(system, l);
    double *diagonal = system->diagonal + system->start[l], *off = system->off + system->start[l];
    for (size_t i = 0; i < r; i++) diagonal[i + r * i] = 2.0 * square_of(below, above, i);
    for (size_t j = 0; j < r; j++)
        for (size_t i = 0; i < r; i++) {
            if (i != j) diagonal[i + r * j] = 0.5 * (diagonal[i + r * i] + diagonal[j + r * j]);
            if (coupled(system, l, i, j))
                off[i + r * j] = -2.0 * below->core[i + r * i] * below->core[j + r * j];
        }
}

/* ---- Do the pairs decouple? ---- */

/* Lower bound 1/tr(T^-1) on the smallest eigenvalue of one pair's tridiagonal matrix T, by the
 * pivots from below and from above: (T^-1)_ll = 1/(below_l + above_l - T_ll). */
static double pair_bound(tw_signal_system *system, size_t i, size_t j, double *largest) {
    double pivot = 0.0, trace = 0.0, off = 0.0;
    for (size_t l = 0; l < system->spaces; l++) {
        size_t at = system->start[l] + i + rank_of(system, l) * j;
        if (j >= rank_of(system, l)) continue;
        off = system->off[at];
        pivot = system->diagonal[at] - (off != 0.0 ? off * off / pivot : 0.0);
        system->elimination[l] = pivot;
        *largest = fmax(*largest, system->diagonal[at]);
    }
    off = 0.0;
    for (size_t l = system->spaces; l-- > 0;) {
        size_t at = system->start[l] + i + rank_of(system, l) * j;
        if (j >= rank_of(system, l)) continue;
        pivot = system->diagonal[at] - (off != 0.0 ? off * off / pivot : 0.0);
        double inverse = 1.0 / (system->elimination[l] + pivot - system->diagonal[at]);
        if (!(inverse > 0.0)) return 0.0;
        trace += inverse;
        off = system->off[at];
    }
    return 1.0 / trace;
}

/* ||C - diag C||_F; *diagonal: the largest |c_ii|. */
static double off_diagonal(tw_factor C, double *diagonal) {
    double sum = 0.0;
    *diagonal = 0.0;
    for (size_t j = 0; j < C.cols; j++)
        for (size_t i = 0; i < C.rows; i++) {
            double entry = C.data[i + C.rows * j];
            if (i == j)
                *diagonal = fmax(*diagonal, fabs(entry));
            else
                sum += entry * entry;
        }
    return sqrt(sum);
}

/* Bound on what the pair equations of space l leave out: S -> K S + S K beside the diagonal of K,
 * and the couplings S -> 2 C S C^T beside the diagonal of C. */
static tw_status neglected(const tw_signal_system *system, size_t l, double *bound) {
    tw_status status = TW_OK;
    const tw_chain_factor *below = &system->symmetry->factors[l], *above = below + 1;
    size_t r = rank_of(system, l);
    double *K = NULL, diagonal;
    TW_TRY(TW_NEW(K, r * r));
    tw_multiply(1.0, tw_plain(below->core, r, below->right_rank),
                tw_transposed(below->core, r, below->right_rank), 0.0, tw_mat(K, r, r));
    tw_multiply(1.0, tw_transposed(above->core, above->left_rank, r),
                tw_plain(above->core, above->left_rank, r), 1.0, tw_mat(K, r, r));
    *bound = 2.0 * off_diagonal(tw_plain(K, r, r), &diagonal);
    for (size_t side = 0; side < 2; side++) {
        const tw_chain_factor *C = side ? above : below;
        if (l + side == 0 || l + side >= system->spaces) continue;
        double off = off_diagonal(tw_plain(C->core, C->left_rank, C->right_rank), &diagonal);
        *bound += 2.0 * off * (2.0 * diagonal + off);
    }
cleanup:
    free(K);
    return status;
}

static tw_status measure_decoupled(tw_signal_system *system, bool *decoupled) {
    tw_status status = TW_OK;
    double smallest = INFINITY, largest = 0.0, error = 0.0;
    size_t widest = 0;
    for (size_t l = 0; l < system->spaces; l++) {
        double bound = 0.0;
        TW_TRY(neglected(system, l, &bound));
        error = fmax(error, bound);
        if (rank_of(system, l) > widest) widest = rank_of(system, l);
    }
    for (size_t j = 1; j < widest; j++)
        for (size_t i = 0; i < j; i++)
            smallest = fmin(smallest, pair_bound(system, i, j, &largest));
    *decoupled = widest < 2 || (error <= 0.5 * smallest && smallest > RESOLVED * largest);
    system->stabilisers =
        (tw_stabilisers){.kept = largest > 0.0 ? sqrt(fmax(smallest - error, 0.0) / largest) : 1.0,
                         .method = "decoupled"};
cleanup:
    return status;
}

/* ---- How many move nothing ---- */

/* Those of a chain that is too large to write out. */
static tw_status measure_rest(const tw_core_chain *chain, tw_stabilisers *found) {
    tw_status status = TW_OK;
    tw_core_chain rest = {0};
    tw_stabilisers inner = {.kept = 1.0};
    double kept, dropped;
    TW_TRY(tw_core_chain_reduce(chain, &rest, &kept, &dropped));
    found->method = "staircase";
    size_t pairs = tw_core_chain_pairs(&rest);
    bool small = tw_core_chain_effort(&rest) <= TW_SIGNAL_EFFORT, decoupled = false;
    if (pairs > 0 && small) TW_TRY(tw_core_chain_decompose(&rest, &inner, NULL));
    if (pairs > 0 && !small) TW_TRY(tw_core_chain_decouple(&rest, &inner, &decoupled));
    if (pairs > 0 && !small && !decoupled) inner.kept = inner.dropped = NAN;
    found->count = inner.count;
    found->kept = isnan(inner.kept) ? inner.kept : fmin(kept, inner.kept);
    found->dropped = isnan(inner.kept) ? inner.kept : fmax(dropped, inner.dropped);
cleanup:
    tw_core_chain_clear(&rest);
    return status;
}

static tw_status measure_stabilisers(tw_signal_system *system) {
    tw_status status = TW_OK;
    tw_stabilisers *found = &system->stabilisers;
    tw_core_chain chain = {0};
    bool decoupled = false;
    TW_TRY(measure_decoupled(system, &decoupled));
    TW_TRY(tw_core_chain_of(system->symmetry, &chain));
    size_t pairs = tw_core_chain_pairs(&chain);
    if (!decoupled && tw_core_chain_effort(&chain) <= TW_SIGNAL_EFFORT) {
        found->method = "singular values";
        TW_TRY(tw_core_chain_decompose(&chain, found, &system->inverse));
        TW_TRY(TW_NEW(system->coordinates, 2 * pairs));
    } else if (!decoupled)
        TW_TRY(measure_rest(&chain, found));
    found->pairs = pairs;
cleanup:
    tw_core_chain_clear(&chain);
    return status;
}

static tw_status allocate(tw_signal_system *system) {
    tw_status status = TW_OK;
    const tw_symmetry *symmetry = system->symmetry;
    TW_TRY(TW_NEW(system->start, system->spaces + 1));
    TW_TRY(TW_NEW(system->core_start, symmetry->factor_count + 1));
    for (size_t l = 0; l < system->spaces; l++)
        system->start[l + 1] = system->start[l] + rank_of(system, l) * rank_of(system, l);
    for (size_t l = 0; l < symmetry->factor_count; l++)
        system->core_start[l + 1] = system->core_start[l] + symmetry->factors[l].left_rank *
                                                                symmetry->factors[l].right_rank;
    system->entries = system->start[system->spaces];
    double **arrays[] = {&system->rhs,   &system->solution, &system->residual, &system->direction,
                         &system->image, &system->smoothed, &system->diagonal, &system->off};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++)
        TW_TRY(TW_NEW(*arrays[i], system->entries));
    TW_TRY(TW_NEW(system->cores, system->core_start[symmetry->factor_count]));
    TW_TRY(TW_NEW(system->elimination, system->spaces));
cleanup:
    return status;
}

tw_status tw_signal_system_create(const tw_symmetry *symmetry, tw_signal_system **system) {
    tw_status status = TW_OK;
    tw_signal_system *created = NULL;
    TW_TRY(TW_NEW(created, 1));
    created->symmetry = symmetry;
    created->spaces = symmetry->space_count;
    TW_TRY(allocate(created));
    for (size_t l = 0; l < created->spaces; l++) pair_equations(created, l);
    TW_TRY(measure_stabilisers(created));
    *system = created;
    created = NULL;
cleanup:
    tw_signal_system_destroy(created);
    return status;
}

void tw_signal_system_destroy(tw_signal_system *system) {
    if (system == NULL) return;
    void *arrays[] = {system->start,    system->core_start, system->rhs,   system->solution,
                      system->residual, system->direction,  system->image, system->smoothed,
                      system->diagonal, system->off,        system->cores, system->elimination,
                      system->inverse,  system->coordinates};
    for (size_t i = 0; i < sizeof arrays / sizeof *arrays; i++) free(arrays[i]);
    free(system);
}

double *tw_signal_system_rhs(tw_signal_system *system, size_t space) {
    return system->rhs + system->start[space];
}

const double *tw_signal_system_solution(const tw_signal_system *system, size_t space) {
    return system->solution + system->start[space];
}

tw_stabilisers tw_signal_system_stabilisers(const tw_signal_system *system) {
    return system->stabilisers;
}

/* X (r x r) = (X - X^T)/2. */
static void make_skew(size_t r, double *X) {
    for (size_t j = 0; j < r; j++)
        for (size_t i = 0; i <= j; i++) {
            double half = 0.5 * (X[i + r * j] - X[j + r * i]);
            X[i + r * j] = half;
            X[j + r * i] = -half;
        }
}

/* cores = J S. */
static void apply_map(tw_signal_system *system, const double *S) {
    for (size_t l = 0; l < system->symmetry->factor_count; l++) {
        const tw_chain_factor *F = &system->symmetry->factors[l];
        tw_matrix out = tw_mat(system->cores + system->core_start[l], F->left_rank, F->right_rank);
        tw_factor C = tw_plain(F->core, F->left_rank, F->right_rank);
        memset(out.data, 0, out.rows * out.cols * sizeof *out.data);
        if (l < system->spaces)
            tw_multiply(1.0, tw_plain(S + system->start[l], out.rows, out.rows), C, 0.0, out);
        if (l > 0 && l - 1 < system->spaces)
            tw_multiply(-1.0, C, tw_plain(S + system->start[l - 1], out.cols, out.cols), 1.0, out);
    }
}

/* out = J^T cores: skew part of X_l C_l^T - C_{l+1}^T X_{l+1}. */
static void apply_adjoint(const tw_signal_system *system, double *out) {
    for (size_t l = 0; l < system->spaces; l++) {
        const tw_chain_factor *F = &system->symmetry->factors[l], *above = F + 1;
        size_t r = rank_of(system, l);
        tw_matrix image = tw_mat(out + system->start[l], r, r);
        tw_multiply(1.0, tw_plain(system->cores + system->core_start[l], r, F->right_rank),
                    tw_transposed(F->core, r, F->right_rank), 0.0, image);
        tw_multiply(-1.0, tw_transposed(above->core, above->left_rank, r),
                    tw_plain(system->cores + system->core_start[l + 1], above->left_rank, r), 1.0,
                    image);
        make_skew(r, image.data);
    }
}

/* smoothed = (pair equations)^-1 residual, one tridiagonal solve a pair. */
static void precondition(tw_signal_system *system) {
    size_t widest = 0, spaces = system->spaces;
    for (size_t l = 0; l < spaces; l++)
        if (rank_of(system, l) > widest) widest = rank_of(system, l);
    for (size_t j = 0; j < widest; j++)
        for (size_t i = 0; i < widest; i++) {
            double carried = 0.0, pivot = 1.0;
            for (size_t l = 0; l < spaces; l++) {
                size_t r = rank_of(system, l), at = system->start[l] + i + r * j;
                if (i >= r || j >= r) continue;
                double ratio = system->off[at] / pivot;
                pivot = system->diagonal[at] - ratio * system->off[at];
                carried = 2.0 * system->residual[at] - ratio * carried;
                system->elimination[l] = ratio;
                system->smoothed[at] = pivot > 0.0 ? carried / pivot : 0.0;
            }
            for (size_t l = spaces; l-- > 1;) {
                if (!coupled(system, l, i, j) || i >= rank_of(system, l) || j >= rank_of(system, l))
                    continue;
                size_t at = system->start[l] + i + rank_of(system, l) * j;
                size_t below = system->start[l - 1] + i + rank_of(system, l - 1) * j;
                system->smoothed[below] -= system->elimination[l] * system->smoothed[at];
            }
        }
}

/* Entries i < j of the skew matrices X to coordinates, or (back) coordinates to X. */
static void exchange_pairs(const tw_signal_system *system, bool back, double *coordinates,
                           double *X) {
    for (size_t l = 0; l < system->spaces; l++) {
        size_t r = rank_of(system, l);
        double *block = X + system->start[l];
        for (size_t j = 1; j < r; j++)
            for (size_t i = 0; i < j; i++, coordinates++) {
                if (back)
                    block[i + r * j] = *coordinates;
                else
                    *coordinates = 2.0 * block[i + r * j];
                if (back) block[j + r * i] = -*coordinates;
            }
    }
}

static void solve_directly(tw_signal_system *system) {
    size_t pairs = system->stabilisers.pairs, rank = pairs - system->stabilisers.count;
    double *x = system->coordinates, *inner = x + pairs;
    exchange_pairs(system, false, x, system->rhs);
    tw_multiply(1.0, tw_transposed(system->inverse, pairs, rank), tw_plain(x, pairs, 1), 0.0,
                tw_mat(inner, rank, 1));
    tw_multiply(1.0, tw_plain(system->inverse, pairs, rank), tw_plain(inner, rank, 1), 0.0,
                tw_mat(x, pairs, 1));
    exchange_pairs(system, true, x, system->solution);
}

static tw_status solve_by_iteration(tw_signal_system *system, double size) {
    size_t n = system->entries;
    double stop = DBL_EPSILON * 2.0 * system->symmetry->scale * size;
    memset(system->solution, 0, n * sizeof *system->solution);
    tw_copy(n, system->rhs, system->residual);
    precondition(system);
    tw_copy(n, system->smoothed, system->direction);
    double rz = tw_dot(NULL, n, system->residual, system->smoothed);
    for (int step = 0; step < MAX_STEPS && tw_norm(NULL, n, system->residual) > stop; step++) {
        if (tw_monitor_report(system->symmetry->monitor, "projecting", 0.0, 0.0))
            return tw_fail(TW_STOPPED, "a projection was ended after %d steps", step);
        apply_map(system, system->direction);
        apply_adjoint(system, system->image);
        double curvature = tw_dot(NULL, n, system->direction, system->image);
        if (!(curvature > 0.0)) break;
        tw_axpy(n, rz / curvature, system->direction, system->solution);
        tw_axpy(n, -rz / curvature, system->image, system->residual);
        precondition(system);
        double next = tw_dot(NULL, n, system->residual, system->smoothed);
        tw_scale(n, next / rz, system->direction);
        tw_axpy(n, 1.0, system->smoothed, system->direction);
        rz = next;
    }
    return TW_OK;
}

tw_status tw_signal_system_solve(tw_signal_system *system, double size) {
    for (size_t l = 0; l < system->spaces; l++)
        make_skew(rank_of(system, l), system->rhs + system->start[l]);
    if (system->inverse == NULL) return solve_by_iteration(system, size);
    solve_directly(system);
    return TW_OK;
}
