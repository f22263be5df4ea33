/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Eigenvalues as JSON: one entry a level. */
#include <stdio.h>
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

/* "3", ">= 3" */
static void copies_cell(const tw_json *object, char *text, size_t room) {
    snprintf(text, room, "%s%.0f", tw_json_get(object, "cut") ? ">= " : "",
             tw_cell_number(object, "multiplicity"));
}

static void residual_cell(const tw_json *object, char *text, size_t room) {
    snprintf(text, room, tw_json_get(object, "exact") ? "exact" : "%.1e",
             tw_cell_number(object, "residual"));
}

static void level_cell(const tw_json *object, char *text, size_t room) {
    char copies[40];
    copies_cell(object, copies, sizeof copies);
    snprintf(text, room, "%.10g x %s", tw_cell_number(object, "value"), copies);
}

static const tw_field level_rows[] = {
    TW_NUMBER(tw_level, value, "value", .title = "eigenvalue", .digits = 15,
              .meaning = "mean of the members"),
    TW_COUNT(tw_level, copies, "multiplicity", .title = "multiplicity", .cell = copies_cell,
             .meaning = "members found"),
    TW_BOOLEAN(tw_level, exact, "exact", .known = is_exact, .optional = true,
               .meaning = "`true` for a value by formula or sectors; otherwise absent"),
    TW_NUMBER(tw_level, residual, "residual", .title = "residual/norm", .cell = residual_cell,
              .known = is_inexact, .optional = true,
              .meaning =
                  "largest \\|\\|H v - t v\\|\\| of the members over the norm, by fresh products; "
                  "absent when `exact`"),
    TW_BOOLEAN(tw_level, cut, "cut", .known = is_cut, .optional = true,
               .meaning = "`true` when the multiplicity is a lower bound: the list ends within the "
                          "cluster, or the search did not come to its end; otherwise absent"),
    TW_TEXT(tw_level, label, "label", .title = "what moves", .known = has_label, .optional = true,
            .meaning = "what moves along it (`gauge`, `ridge`, `symmetry orbit`, ..; "
                       "`include/thalweg/optima/closed_form.h` explains those of closed forms); "
                       "absent when nothing is known"),
};
TW_CELL_TABLE(tw_level_fields, "a cluster", tw_level, level_rows, level_cell, NULL);

static const tw_field pair_rows[] = {
    TW_NUMBER(tw_level, value, "value", .meaning = "eigenvalue"),
    TW_NUMBER(tw_level, residual, "residual",
              .meaning = "\\|\\|H v - t v\\|\\| over \\|\\|H\\|\\|"),
};
TW_TABLE(tw_pair_fields, "a pair", tw_level, pair_rows);

/* ---- Lists ---- */

/* Levels on their way into a list. */
typedef struct listed {
    const tw_fields *fields;
    const tw_level *levels;
    double norm; /* of which residuals are told in units */
} listed;

static tw_json *level_item(const void *from, size_t index) {
    const listed *l = from;
    tw_level level = l->levels[index];
    level.residual = l->norm > 0.0 ? level.residual / l->norm : 0.0;
    return tw_fields_json(l->fields, &level);
}

tw_json *tw_levels_json(const tw_levels *levels, double norm) {
    const listed from = {&tw_level_fields, levels->rows, norm};
    return tw_list_json(levels->count, level_item, &from);
}

/* Pairs on their way into a list. */
typedef struct listed_pairs {
    const tw_eigenpairs *pairs;
    double norm;
} listed_pairs;

static tw_json *pair_item(const void *from, size_t index) {
    const listed_pairs *l = from;
    const tw_level pair = {.value = l->pairs->values[index],
                           .residual = l->pairs->residuals[index]};
    const listed one = {&tw_pair_fields, &pair, l->norm};
    return level_item(&one, 0);
}

tw_json *tw_pairs_json(const tw_eigenpairs *pairs, double norm) {
    const listed_pairs from = {pairs, norm};
    return tw_list_json(pairs->count, pair_item, &from);
}

/* ---- What an examination knows ---- */

/* Levels being collected, ascending. */
typedef struct collection {
    tw_level *rows;
    size_t count;
    double tolerance;
    const tw_zero_rule *zero;
} collection;

static void collect(collection *c, const tw_eigenpairs *pairs, size_t from, size_t to) {
    size_t added = 0;
    if (from >= to) return;
    tw_clusters_find(to - from, pairs->values + from, pairs->residuals + from, c->tolerance,
                     c->zero, c->rows + c->count, &added);
    c->count += added;
}

/* The tangent's modes, which no eigenvector stands for: value 0 by symmetry, the residual by random
 * tangent vectors. Found zero modes outside the tangent join them. */
static void collect_zero(collection *c, const tw_degeneracy_result *d) {
    bool resolved =
        d->zero.origin == TW_ZERO_RESOLVED; /* by another route: the tangent's is known */
    if (d->zero_modes == 0) return;
    c->rows[c->count++] = (tw_level){
        .copies = d->zero_modes, .residual = resolved ? d->tangent_residual : d->zero.largest_zero};
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
    if (low->count > zero_to) c->rows[c->count - 1].cut = d->low_cut;
    double top = low->count ? low->values[low->count - 1] + c->tolerance : d->zero.threshold;
    while (above < high->count && high->values[above] <= top) above++;
    size_t first = c->count;
    collect(c, high, above, high->count);
    if (c->count > first) c->rows[first].cut = d->high_cut && above == 0;
}

tw_json *tw_degeneracy_levels_json(const tw_degeneracy_result *d) {
    tw_status status = TW_OK;
    tw_json *list = NULL;
    collection c = {.tolerance = CLUSTER_TOLERANCE * d->norm,
                    .zero = d->all.count > 0 ? &d->route : &d->zero};
    size_t room = d->all.count + d->low.count + d->high.count + 1;
    TW_TRY(TW_NEW(c.rows, room));
    if (d->all.count > 0)
        collect(&c, &d->all, 0, d->all.count);
    else
        collect_deflated(&c, d);
    list = tw_levels_json(&(tw_levels){.rows = c.rows, .count = c.count}, d->norm);
cleanup:
    free(c.rows);
    return list;
}
