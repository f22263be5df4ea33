/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Eigenvalues as JSON: one entry a cluster. */
#include <stdlib.h>

#include "base/alloc_private.h"
#include "record/members_private.h"
#include "record/spectra_private.h"

/* Neighbours closer than this times ||H|| are one entry of an examination. */
#define CLUSTER_TOLERANCE 1e-9

static tw_status append_entry(tw_json *list, const tw_entry *entry, double norm) {
    tw_status status = TW_OK;
    tw_json *row = tw_json_object();
    TW_TRY(tw_json_append(list, row));
    TW_TRY(tw_set_number(row, "value", entry->value));
    TW_TRY(tw_json_set(row, "multiplicity", tw_json_integer((long long)entry->multiplicity)));
    if (entry->exact)
        TW_TRY(tw_json_set(row, "exact", tw_json_boolean(true)));
    else
        TW_TRY(tw_set_number(row, "residual", norm > 0.0 ? entry->residual / norm : 0.0));
    if (entry->cut) TW_TRY(tw_json_set(row, "cut", tw_json_boolean(true)));
    if (entry->label) TW_TRY(tw_set_text(row, "label", entry->label));
cleanup:
    return status;
}

tw_json *tw_entries_json(size_t count, const tw_entry *entries, double norm) {
    tw_json *list = tw_json_array();
    for (size_t i = 0; list && i < count; i++)
        if (append_entry(list, &entries[i], norm) != TW_OK) {
            tw_json_destroy(list);
            return NULL;
        }
    return list;
}

/* Entries being collected, ascending. */
typedef struct collection {
    tw_cluster *scratch;
    tw_entry *entries;
    size_t count;
    double tolerance;
} collection;

static void collect(collection *c, const tw_eigenpairs *pairs, size_t from, size_t to) {
    size_t added = 0;
    if (from >= to) return;
    tw_clusters_find(to - from, pairs->values + from, pairs->residuals + from, c->tolerance,
                     c->scratch, &added);
    for (size_t i = 0; i < added; i++)
        c->entries[c->count++] = (tw_entry){.value = c->scratch[i].value,
                                            .multiplicity = c->scratch[i].multiplicity,
                                            .residual = c->scratch[i].residual};
}

/* The tangent's modes, which no eigenvector stands for: value 0 by symmetry, the residual by random
 * tangent vectors. Found zero modes outside the tangent join them. */
static void collect_zero(collection *c, const tw_degeneracy_result *d) {
    bool resolved =
        d->zero.origin == TW_ZERO_RESOLVED; /* by another route: the tangent's is known */
    double residual = resolved ? d->tangent_residual : d->zero.largest_zero;
    if (d->zero_modes == 0) return;
    c->entries[c->count++] = (tw_entry){.multiplicity = d->zero_modes, .residual = residual};
}

/* low: negative pairs, zero pairs, the first above; high. Both lists may overlap on a short
 * spectrum: of `high` only what lies above `low` is listed. */
static void collect_deflated(collection *c, const tw_degeneracy_result *d) {
    const tw_eigenpairs *low = &d->low, *high = &d->high;
    size_t zero_from = 0, zero_to = 0, above = 0;
    while (zero_from < low->count && tw_zero_rule_sign(&d->zero, low->values[zero_from]) < 0)
        zero_from++;
    zero_to = zero_from;
    while (zero_to < low->count && tw_zero_rule_sign(&d->zero, low->values[zero_to]) <= 0)
        zero_to++;
    collect(c, low, 0, zero_from);
    collect_zero(c, d);
    collect(c, low, zero_to, low->count);
    if (low->count > zero_to) c->entries[c->count - 1].cut = d->low_cut;
    double top = low->count ? low->values[low->count - 1] + c->tolerance : d->zero.threshold;
    while (above < high->count && high->values[above] <= top) above++;
    size_t first = c->count;
    collect(c, high, above, high->count);
    if (c->count > first) c->entries[first].cut = d->high_cut && above == 0;
}

tw_json *tw_degeneracy_entries_json(const tw_degeneracy_result *d) {
    tw_status status = TW_OK;
    tw_json *list = NULL;
    collection c = {.tolerance = CLUSTER_TOLERANCE * d->norm};
    size_t room = d->all.count + d->low.count + d->high.count + 1;
    TW_TRY(TW_NEW(c.scratch, room));
    TW_TRY(TW_NEW(c.entries, room));
    if (d->all.count > 0)
        collect(&c, &d->all, 0, d->all.count);
    else
        collect_deflated(&c, d);
    list = tw_entries_json(c.count, c.entries, d->norm);
cleanup:
    free(c.scratch);
    free(c.entries);
    return list;
}
