/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Atoms: the places where all probes have a node.
 *
 * A random vector has a component in every eigenspace, so a probe whose Lanczos run has converged
 * at an eigenvalue has a node there, whatever its multiplicity; a node in the middle of a bulk that
 * the steps cannot resolve lies elsewhere in every probe. So: converged nodes of all probes are
 * grouped by value, and a group is an atom when every probe has a node within it and nearly all
 * (CONVERGED) of these have converged, that of the last probe among them, which is verified by a
 * fresh product. The weight of a probe there is the sum over its nodes within the group. What is
 * not in an atom is left to the curve; its mass is the rest. */
#include <math.h>
#include <stdlib.h>
#include <thalweg/spectrum/levels.h>

#include "base/alloc_private.h"
#include "spectrum/density_private.h"
#include "spectrum/estimate_private.h"
#include "spectrum/slq_private.h"

#define CONVERGED 0.9
#define NOTHING 1e-12 /* a share of the spectrum that no eigenvalue can have: rounding */

typedef struct finder {
    tw_node_pool *pool;
    tw_density_result *result;
    double slack;       /* tolerance ||A|| */
    double *values;     /* converged values, ascending */
    tw_level *clusters; /* of these */
    size_t *seen;       /* probes: 1 + the last cluster where the probe had a node */
    size_t *sure;       /* the same for a converged node */
} finder;

static int by_value(const void *a, const void *b) {
    double x = ((const tw_node *)a)->value, y = ((const tw_node *)b)->value;
    return (x > y) - (x < y);
}

void tw_node_pool_sort(tw_node_pool *pool) {
    qsort(pool->nodes, pool->count, sizeof *pool->nodes, by_value);
    pool->norm = 0.0;
    for (size_t i = 0; i < pool->count; i++) {
        pool->norm = fmax(pool->norm, fabs(pool->nodes[i].value));
        pool->nodes[i].atom = TW_NO_ATOM;
    }
}

static bool is_converged(const finder *f, const tw_node *node) {
    return node->weight > TW_NODE_DUST && node->residual <= f->slack;
}

static bool is_zero(const finder *f, const tw_level *cluster) {
    return tw_zero_rule_sign(&f->pool->zero, cluster->value) == 0;
}

/* Eigenvalues that the nodes first..end of a known spectrum stand for. */
static double copies(const tw_node_pool *pool, size_t first, size_t end) {
    double weight = 0.0;
    for (size_t i = first; i < end; i++) weight += pool->nodes[i].weight;
    return weight * (double)pool->n;
}

/* Is clusters[c], whose nodes are first..end of the pool, an atom? */
static bool is_atom(finder *f, size_t c, size_t first, size_t end) {
    size_t seen = 0, sure = 0;
    if (f->pool->exact)
        return f->pool->distinct > 0 || copies(f->pool, first, end) > 1.5 ||
               is_zero(f, &f->clusters[c]);
    for (size_t i = first; i < end; i++) {
        const tw_node *node = &f->pool->nodes[i];
        if (node->weight <= TW_NODE_DUST) continue;
        if (f->seen[node->probe] != c + 1) seen++;
        f->seen[node->probe] = c + 1;
        if (!is_converged(f, node)) continue;
        if (f->sure[node->probe] != c + 1) sure++;
        f->sure[node->probe] = c + 1;
    }
    bool verifiable = f->sure[f->pool->probes - 1] == c + 1;
    return verifiable && seen == f->pool->probes &&
           (double)sure >= CONVERGED * (double)f->pool->probes;
}

/* Append the atom; its mass is a share of `rank` dimensions until set_masses. */
static void add_atom(finder *f, const tw_level *cluster, size_t first, size_t end) {
    tw_density_result *r = f->result;
    tw_atom *atom = &r->atoms[r->atom_count];
    double weight = 0.0, sum = 0.0, residual = 0.0;
    for (size_t i = first; i < end; i++) {
        weight += f->pool->nodes[i].weight;
        sum += f->pool->nodes[i].weight * f->pool->nodes[i].value;
        residual = fmax(residual, f->pool->nodes[i].residual);
        f->pool->nodes[i].atom = r->atom_count;
    }
    double value = f->pool->exact ? sum / weight : cluster->value;
    *atom = (tw_atom){.value = is_zero(f, cluster) ? 0.0 : value,
                      .mass.value = weight / (double)f->pool->probes,
                      .residual = f->pool->exact ? residual : (double)NAN};
    r->atom_count++;
}

/* Does the rule for zero tell this node of a known spectrum from the cluster? */
static bool is_apart(const finder *f, const tw_level *cluster, size_t node) {
    const tw_zero_rule *zero = &f->pool->zero;
    return f->pool->exact && tw_zero_rule_sign(zero, f->pool->nodes[node].value) !=
                                 tw_zero_rule_sign(zero, cluster->value);
}

/* Walk clusters and nodes together, both ascending; half the slack on either side of a cluster
 * belongs to it, so that no two claim the same node. */
static void choose_atoms(finder *f, size_t clusters) {
    const tw_node_pool *pool = f->pool;
    const double *lowest = f->values;
    for (size_t c = 0, first = 0, end; c < clusters; c++, first = end) {
        const tw_level *cluster = &f->clusters[c];
        double low = lowest[0] - 0.5 * f->slack;
        double high = lowest[cluster->copies - 1] + 0.5 * f->slack;
        while (first < pool->count &&
               (pool->nodes[first].value < low || is_apart(f, cluster, first)))
            first++;
        for (end = first;
             end < pool->count && pool->nodes[end].value <= high && !is_apart(f, cluster, end);)
            end++;
        lowest += cluster->copies;
        if (is_atom(f, c, first, end)) add_atom(f, cluster, first, end);
    }
}

/* The known null space joins the zero atom, or becomes it. */
static void add_known_zeros(finder *f) {
    tw_density_result *r = f->result;
    const tw_node_pool *pool = f->pool;
    double known = (double)(pool->n - pool->rank) / (double)pool->n;
    size_t at = 0;
    if (pool->rank == pool->n) return;
    while (at < r->atom_count && r->atoms[at].value < 0.0) at++;
    if (at < r->atom_count && r->atoms[at].value == 0.0) {
        r->atoms[at].mass = tw_estimate_affine(known, 1.0, r->atoms[at].mass);
        return;
    }
    for (size_t i = r->atom_count++; i > at; i--) r->atoms[i] = r->atoms[i - 1];
    for (size_t i = 0; i < pool->count; i++)
        if (pool->nodes[i].atom != TW_NO_ATOM && pool->nodes[i].atom >= at) pool->nodes[i].atom++;
    r->atoms[at] = (tw_atom){.mass = tw_estimate_exact(known), .residual = (double)NAN};
}

/* Rounding goes to the largest estimated share, so that all sum to 1. */
static void close_sum(tw_density_result *r) {
    double sum = r->continuous.value;
    tw_estimate *largest = &r->continuous;
    for (size_t a = 0; a < r->atom_count; a++) {
        sum += r->atoms[a].mass.value;
        if (r->atoms[a].mass.value > largest->value) largest = &r->atoms[a].mass;
    }
    largest->value += 1.0 - sum;
}

static void set_masses(finder *f) {
    const tw_node_pool *pool = f->pool;
    tw_density_result *r = f->result;
    double scale = (double)pool->rank / (double)pool->n, rest = 1.0;
    for (size_t a = 0; a < r->atom_count; a++) rest -= r->atoms[a].mass.value;
    bool all = fabs(rest) <= NOTHING, alone = all && r->atom_count == 1;
    r->continuous = tw_estimate_exact(0.0);
    if (!all) {
        r->continuous = pool->exact ? tw_estimate_exact(rest)
                                    : tw_estimate_share(rest, pool->probes, pool->rank);
        r->continuous = tw_estimate_affine(0.0, scale, r->continuous);
    }
    for (size_t a = 0; a < r->atom_count; a++) {
        tw_estimate *mass = &r->atoms[a].mass;
        if (alone) mass->value = 1.0;
        *mass = alone || pool->exact ? tw_estimate_exact(mass->value)
                                     : tw_estimate_share(mass->value, pool->probes, pool->rank);
        *mass = tw_estimate_affine(0.0, scale, *mass);
    }
    add_known_zeros(f);
    close_sum(r);
}

tw_status tw_atoms_find(tw_node_pool *pool, double tolerance, tw_density_result *result) {
    tw_status status = TW_OK;
    finder f = {.pool = pool, .result = result, .slack = tolerance * pool->norm};
    size_t count = 0, clusters = 0;
    TW_TRY(TW_NEW(f.values, pool->count));
    TW_TRY(TW_NEW(f.clusters, pool->count));
    TW_TRY(TW_NEW(f.seen, pool->probes));
    TW_TRY(TW_NEW(f.sure, pool->probes));
    for (size_t i = 0; i < pool->count; i++)
        if (is_converged(&f, &pool->nodes[i])) f.values[count++] = pool->nodes[i].value;
    tw_clusters_find(count, f.values, NULL, f.slack, pool->exact ? &pool->zero : NULL, f.clusters,
                     &clusters);
    if (clusters > pool->distinct) pool->distinct = 0;
    TW_TRY(TW_NEW(result->atoms, clusters + 1));
    choose_atoms(&f, clusters);
    set_masses(&f);
cleanup:
    free(f.values);
    free(f.clusters);
    free(f.seen);
    free(f.sure);
    return status;
}
