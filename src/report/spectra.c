/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Eigenvalues as JSON: one entry a cluster. */
#include <stdlib.h>

#include "base/alloc_private.h"
#include "report/spectra_private.h"

/* Neighbours closer than this times ||H|| are one entry of an examination. */
#define CLUSTER_TOLERANCE 1e-9

tw_json *tw_clusters_json(const tw_spectrum_report *report) {
    tw_status status = TW_OK;
    tw_json *list = tw_json_array();
    if (list == NULL) return NULL;
    for (size_t i = 0; i < report->count; i++) {
        const tw_cluster *cluster = &report->clusters[i];
        double residual = report->norm > 0.0 ? cluster->residual / report->norm : 0.0;
        tw_json *row = tw_json_object();
        TW_TRY(tw_json_append(list, row));
        TW_TRY(tw_json_set(row, "value", tw_json_number(cluster->value)));
        TW_TRY(tw_json_set(row, "multiplicity", tw_json_integer((long long)cluster->multiplicity)));
        TW_TRY(tw_json_set(row, "residual", tw_json_number(residual)));
        if (report->cut[i]) TW_TRY(tw_json_set(row, "cut", tw_json_boolean(true)));
    }
    return list;
cleanup:
    tw_json_destroy(list);
    return NULL;
}

/* Clusters being collected, ascending. */
typedef struct collection {
    tw_cluster *clusters;
    bool *cut;
    size_t count;
    double tolerance;
} collection;

static void collect(collection *c, const tw_eigenpairs *pairs, size_t from, size_t to) {
    size_t added = 0;
    if (from >= to) return;
    tw_clusters_find(to - from, pairs->values + from, pairs->residuals + from, c->tolerance,
                     c->clusters + c->count, &added);
    c->count += added;
}

/* The tangent's modes, which no eigenvector stands for: value 0 by symmetry, the residual by random
 * tangent vectors. Found zero modes outside the tangent join them. */
static void collect_zero(collection *c, const tw_degeneracy_result *d) {
    if (d->zero_modes == 0) return;
    c->clusters[c->count++] = (tw_cluster){
        .low = -d->largest_zero,
        .high = d->largest_zero,
        .residual = d->largest_zero,
        .multiplicity = d->zero_modes,
    };
}

/* low: negative pairs, zero pairs, the first above; high. Both lists may overlap on a short
 * spectrum: of `high` only what lies above `low` is listed. */
static void collect_deflated(collection *c, const tw_degeneracy_result *d) {
    const tw_eigenpairs *low = &d->low, *high = &d->high;
    size_t zero_from = 0, zero_to = 0, above = 0;
    while (zero_from < low->count && low->values[zero_from] < -d->threshold) zero_from++;
    zero_to = zero_from;
    while (zero_to < low->count && low->values[zero_to] <= d->threshold) zero_to++;
    collect(c, low, 0, zero_from);
    collect_zero(c, d);
    collect(c, low, zero_to, low->count);
    if (low->count > zero_to) c->cut[c->count - 1] = d->low_cut;
    double top = low->count ? low->values[low->count - 1] + c->tolerance : d->threshold;
    while (above < high->count && high->values[above] <= top) above++;
    size_t first = c->count;
    collect(c, high, above, high->count);
    if (c->count > first) c->cut[first] = d->high_cut && above == 0;
}

tw_json *tw_degeneracy_clusters_json(const tw_degeneracy_result *d) {
    tw_status status = TW_OK;
    tw_json *list = NULL;
    collection c = {.tolerance = CLUSTER_TOLERANCE * d->norm};
    size_t room = d->all.count + d->low.count + d->high.count + 1;
    TW_TRY(TW_NEW(c.clusters, room));
    TW_TRY(TW_NEW(c.cut, room));
    if (d->all.count > 0)
        collect(&c, &d->all, 0, d->all.count);
    else
        collect_deflated(&c, d);
    list = tw_clusters_json(&(tw_spectrum_report){c.clusters, c.cut, c.count, d->norm});
cleanup:
    free(c.clusters);
    free(c.cut);
    return list;
}
