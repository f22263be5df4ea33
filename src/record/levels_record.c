/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Eigenvalues as JSON: one entry a level. */
#include <stdlib.h>
#include <string.h>
#include <thalweg/spectrum/spectrum.h>

#include "base/alloc_private.h"
#include "record/fields_private.h"
#include "record/spectra_private.h"

/* Neighbours closer than this times ||H|| are one entry of an examination. */
#define CLUSTER_TOLERANCE 1e-9

/* ---- Tables ---- */

static bool is_exact(const void *record) {
    return ((const tw_level *)record)->exact;
}

static bool is_inexact(const void *record) {
    return !is_exact(record);
}

static bool is_cut(const void *record) {
    return ((const tw_level *)record)->cut;
}

static bool has_label(const void *record) {
    return ((const tw_level *)record)->label != NULL;
}

static const tw_field level_rows[] = {
    TW_NUMBER(tw_level, value, "value", .meaning = "mean of the members"),
    TW_COUNT(tw_level, copies, "multiplicity", .meaning = "members found"),
    TW_BOOLEAN(tw_level, exact, "exact", .known = is_exact, .optional = true,
               .meaning = "`true` for a value by formula or sectors; otherwise absent"),
    TW_NUMBER(tw_level, residual, "residual", .known = is_inexact, .optional = true,
              .meaning =
                  "largest \\|\\|H v - t v\\|\\| of the members over the norm, by fresh products; "
                  "absent when `exact`"),
    TW_BOOLEAN(tw_level, cut, "cut", .known = is_cut, .optional = true,
               .meaning = "`true` when the multiplicity is a lower bound: the list ends within the "
                          "cluster, or the search did not come to its end; otherwise absent"),
    TW_TEXT(tw_level, label, "label", .known = has_label, .optional = true,
            .meaning = "what moves along it (`gauge`, `ridge`, `symmetry orbit`, ..; "
                       "`include/thalweg/optima/closed_form.h` explains those of closed forms); "
                       "absent when nothing is known"),
};
TW_TABLE(tw_level_fields, "a cluster", tw_level, level_rows);

static const tw_field pair_rows[] = {
    TW_NUMBER(tw_level, value, "value", .meaning = "eigenvalue"),
    TW_NUMBER(tw_level, residual, "residual",
              .meaning = "\\|\\|H v - t v\\|\\| over \\|\\|H\\|\\|"),
};
TW_TABLE(tw_pair_fields, "a pair", tw_level, pair_rows);

/* ---- Lists ---- */

static tw_json *list_json(const tw_fields *fields, size_t count, const tw_level *levels,
                          double norm) {
    tw_json *list = tw_json_array();
    for (size_t i = 0; list && i < count; i++) {
        tw_level level = levels[i];
        level.residual = norm > 0.0 ? level.residual / norm : 0.0;
        if (tw_json_append(list, tw_fields_json(fields, &level)) == TW_OK) continue;
        tw_json_destroy(list);
        return NULL;
    }
    return list;
}

tw_json *tw_levels_json(const tw_levels *levels, double norm) {
    return list_json(&tw_level_fields, levels->count, levels->rows, norm);
}

tw_json *tw_pairs_json(const tw_eigenpairs *pairs, double norm) {
    tw_level *levels = tw_alloc(pairs->count, sizeof *levels);
    if (levels == NULL) return NULL;
    for (size_t i = 0; i < pairs->count; i++)
        levels[i] = (tw_level){.value = pairs->values[i], .residual = pairs->residuals[i]};
    tw_json *list = list_json(&tw_pair_fields, pairs->count, levels, norm);
    free(levels);
    return list;
}

/* ---- What an examination knows ---- */

/* Levels being collected, ascending. */
typedef struct collection {
    tw_level *rows;
    size_t count;
    double tolerance;
} collection;

static void collect(collection *c, const tw_eigenpairs *pairs, size_t from, size_t to) {
    size_t added = 0;
    if (from >= to) return;
    tw_clusters_find(to - from, pairs->values + from, pairs->residuals + from, c->tolerance,
                     c->rows + c->count, &added);
    c->count += added;
}

/* The tangent's modes, which no eigenvector stands for: value 0 by symmetry, the residual by random
 * tangent vectors. Found zero modes outside the tangent join them. */
static void collect_zero(collection *c, const tw_degeneracy_result *d) {
    if (d->zero_modes == 0) return;
    c->rows[c->count++] = (tw_level){.copies = d->zero_modes, .residual = d->largest_zero};
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
    if (low->count > zero_to) c->rows[c->count - 1].cut = d->low_cut;
    double top = low->count ? low->values[low->count - 1] + c->tolerance : d->threshold;
    while (above < high->count && high->values[above] <= top) above++;
    size_t first = c->count;
    collect(c, high, above, high->count);
    if (c->count > first) c->rows[first].cut = d->high_cut && above == 0;
}

tw_json *tw_degeneracy_levels_json(const tw_degeneracy_result *d) {
    tw_status status = TW_OK;
    tw_json *list = NULL;
    collection c = {.tolerance = CLUSTER_TOLERANCE * d->norm};
    size_t room = d->all.count + d->low.count + d->high.count + 1;
    TW_TRY(TW_NEW(c.rows, room));
    if (d->all.count > 0)
        collect(&c, &d->all, 0, d->all.count);
    else
        collect_deflated(&c, d);
    list = list_json(&tw_level_fields, c.count, c.rows, d->norm);
cleanup:
    free(c.rows);
    return list;
}
