/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rows.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* The end of a path, where names differ. */
static const char *file_name(const char *path) {
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* "64", or "64,32" where hidden spaces differ. */
static void print_widths(const tw_dufm *model, char *text, size_t room) {
    bool equal = true;
    size_t used = 0;
    for (size_t l = 1; l < model->layers; l++)
        equal = equal && model->widths[l] == model->widths[0];
    for (size_t l = 0; l < (equal ? 1 : model->layers) && used < room; l++)
        used += (size_t)snprintf(text + used, room - used, l ? ",%zu" : "%zu", model->widths[l]);
    if (used >= room) snprintf(text + room - 4, 4, "...");
}

void rows_of_inputs(cli_table *table, const cli_subject *subjects, size_t count) {
    table_row(table, "");
    for (size_t i = 0; i < count; i++) table_cell(table, "%s", file_name(subjects[i].path));
    table_row(table, "model");
    for (size_t i = 0; i < count; i++) {
        const tw_dufm *model = &subjects[i].point.model;
        char widths[32];
        print_widths(model, widths, sizeof widths);
        table_cell(table, "%s %s, L=%zu K=%zu N=%zu d=%s", model->activation->name,
                   model->loss->name, model->layers, tw_dufm_classes(model), model->samples,
                   widths);
    }
    table_row(table, "parameters");
    for (size_t i = 0; i < count; i++)
        table_cell(table, "%zu", tw_dufm_parameters(&subjects[i].point.model));
}

/* One number of a description a column. */
#define DESCRIPTION_ROW(label, format, ...)                                                        \
    do {                                                                                           \
        table_row(table, label);                                                                   \
        for (size_t i = 0; i < count; i++) {                                                       \
            const tw_description *d = at(self, i);                                                 \
            table_cell(table, format, __VA_ARGS__);                                                \
        }                                                                                          \
    } while (0)

static void rows_of_singular_values(cli_table *table, description_at at, const void *self,
                                    size_t count) {
    static const char *const labels[] = {"logit singular values", "", "", ""};
    enum { PER_ROW = 4, MAX_LINES = 4 };
    for (size_t line = 0; line < MAX_LINES; line++) {
        bool any = false;
        for (size_t i = 0; i < count; i++)
            any = any || at(self, i)->shape.logit_count > line * PER_ROW;
        if (!any) return;
        table_row(table, labels[line]);
        for (size_t i = 0; i < count; i++) {
            const tw_shape *shape = &at(self, i)->shape;
            char text[64] = "";
            for (size_t j = line * PER_ROW; j < shape->logit_count && j < (line + 1) * PER_ROW;
                 j++) {
                size_t used = strlen(text);
                snprintf(text + used, sizeof text - used, "%s%.5g", used ? " " : "",
                         shape->logit_singular_values[j]);
            }
            table_cell(table, "%s", text);
        }
    }
}

static void rows_of_collapse(cli_table *table, description_at at, const void *self, size_t count) {
    size_t spaces = 0;
    for (size_t i = 0; i < count; i++)
        if (at(self, i)->shape.space_count > spaces) spaces = at(self, i)->shape.space_count;
    for (size_t l = 0; l < spaces; l++) {
        char label[64];
        snprintf(label, sizeof label, "NC1 NC2 NC3 of space %zu%s", l, l == 0 ? " (H)" : "");
        table_row(table, label);
        for (size_t i = 0; i < count; i++) {
            const tw_shape *shape = &at(self, i)->shape;
            if (l < shape->space_count && !isnan(shape->collapse[l].nc1))
                table_cell(table, "%.3g %.5f %.5f", shape->collapse[l].nc1, shape->collapse[l].nc2,
                           shape->collapse[l].nc3);
            else
                table_cell(table, "-");
        }
    }
}

/* Balance is a law of linear models only. */
static void row_of_balance(cli_table *table, description_at at, const void *self, size_t count) {
    table_row(table, "balance defect");
    for (size_t i = 0; i < count; i++) {
        double defect = at(self, i)->shape.balance_defect;
        if (isnan(defect))
            table_cell(table, "-");
        else
            table_cell(table, "%.3g", defect);
    }
}

static void row_of_rank(cli_table *table, description_at at, const void *self, size_t count) {
    table_row(table, "logit rank");
    for (size_t i = 0; i < count; i++) {
        const tw_shape *shape = &at(self, i)->shape;
        if (shape->logit_singular_values)
            table_cell(table, "%zu", shape->logit_rank);
        else
            table_cell(table, "not found in time");
    }
}

static void row_of_kinks(cli_table *table, description_at at, const void *self, size_t count) {
    bool any = false;
    for (size_t i = 0; i < count; i++) any = any || at(self, i)->kinks.total > 0;
    if (!any) return;
    DESCRIPTION_ROW("on a kink", "%zu of %zu (|S|/rms <= %.1e, next %.1e)", d->kinks.on_kink,
                    d->kinks.total, d->kinks.largest_on, d->kinks.smallest_off);
}

void rows_of_descriptions(cli_table *table, description_at at, const void *self, size_t count) {
    table_section(table, "point");
    DESCRIPTION_ROW("loss", "%.12g", d->loss);
    DESCRIPTION_ROW("  fit", "%.12g", d->fit);
    DESCRIPTION_ROW("  penalty", "%.12g", d->penalty);
    DESCRIPTION_ROW("gradient norm", "%.3g", d->gradient_norm);
    row_of_rank(table, at, self, count);
    rows_of_singular_values(table, at, self, count);
    rows_of_collapse(table, at, self, count);
    row_of_balance(table, at, self, count);
    row_of_kinks(table, at, self, count);
}

#define EXAMINATION_ROW(label, format, ...)                                                        \
    do {                                                                                           \
        table_row(table, label);                                                                   \
        for (size_t i = 0; i < count; i++) {                                                       \
            const tw_examination *e = &examinations[i];                                            \
            table_cell(table, format, __VA_ARGS__);                                                \
        }                                                                                          \
    } while (0)

static double relative_move(const tw_newton_result *newton) {
    return newton->size > 0.0 ? newton->moved / newton->size : 0.0;
}

void rows_of_polish(cli_table *table, const tw_examination *examinations, size_t count) {
    table_section(table, "polishing");
    EXAMINATION_ROW("outcome", "%s", tw_polish_outcome_name(e->polish.outcome));
    EXAMINATION_ROW("gradient norm before", "%.3g", e->before.gradient_norm);
    EXAMINATION_ROW("gradient norm after", "%.3g", e->after.gradient_norm);
    EXAMINATION_ROW("loss before", "%.12g", e->before.loss);
    EXAMINATION_ROW("moved by (of ||theta||)", "%.3g (%.2g)", e->polish.newton.moved,
                    relative_move(&e->polish.newton));
    EXAMINATION_ROW("iterations, products", "%zu, %zu", e->polish.newton.iterations,
                    e->polish.newton.products);
}

static double relative_residual(const tw_eigenpairs *pairs, double norm) {
    double largest = 0.0;
    for (size_t i = 0; i < pairs->count; i++) largest = fmax(largest, pairs->residuals[i]);
    return norm > 0.0 ? largest / norm : 0.0;
}

#define SAME_VALUE 1e-9 /* of ||H||: neighbours closer than this share a line */

enum { LISTED = 64 };

/* Clusters of what is listed at the upper end, ascending. */
static size_t high_clusters(const tw_degeneracy_result *d, tw_level clusters[LISTED]) {
    size_t found = 0, listed = d->high.count < LISTED ? d->high.count : LISTED;
    if (listed > 0)
        tw_clusters_find(listed, d->high.values + d->high.count - listed, NULL,
                         SAME_VALUE * d->norm, &d->route, clusters, &found);
    return found;
}

static bool any_cluster(const tw_examination *examinations, size_t count, size_t back) {
    tw_level clusters[LISTED];
    for (size_t i = 0; i < count; i++)
        if (high_clusters(&examinations[i].degeneracy, clusters) > back) return true;
    return false;
}

/* Clusters of the largest eigenvalues, the largest first. */
static void rows_of_largest(cli_table *table, const tw_examination *examinations, size_t count) {
    enum { SHOWN = 4 };
    for (size_t back = 0; back < SHOWN; back++) {
        if (back > 0 && !any_cluster(examinations, count, back)) return;
        table_row(table, back == 0 ? "largest eigenvalues" : "");
        for (size_t i = 0; i < count; i++) {
            const tw_degeneracy_result *d = &examinations[i].degeneracy;
            tw_level clusters[LISTED];
            size_t found = high_clusters(d, clusters);
            if (back >= found) {
                table_cell(table, "-");
                continue;
            }
            const tw_level *cluster = &clusters[found - 1 - back];
            bool cut = back + 1 == found && d->high_cut;
            table_cell(table, "%.10g x %s%zu", cluster->value, cut ? ">= " : "",
                       (size_t)cluster->copies);
        }
    }
}

static void row_of_counts(cli_table *table, const char *label, const tw_examination *examinations,
                          size_t count, long (*value)(const tw_degeneracy_result *d)) {
    table_row(table, label);
    for (size_t i = 0; i < count; i++) {
        if (examinations[i].degeneracy.counted)
            table_cell(table, "%ld", value(&examinations[i].degeneracy));
        else
            table_cell(table, "-");
    }
}

static long negative_modes(const tw_degeneracy_result *d) {
    return (long)d->negative_modes;
}

static long zero_modes(const tw_degeneracy_result *d) {
    return (long)d->zero_modes;
}

static long symmetry_modes(const tw_degeneracy_result *d) {
    return (long)d->symmetry_modes;
}

static long unexplained_modes(const tw_degeneracy_result *d) {
    return d->unexplained;
}

static long positive_modes(const tw_degeneracy_result *d) {
    return (long)d->positive_modes;
}

/* A number, or a dash where there is none. */
static void row_of_numbers(cli_table *table, const char *label, int digits,
                           const tw_examination *examinations, size_t count,
                           double (*value)(const tw_degeneracy_result *d)) {
    table_row(table, label);
    for (size_t i = 0; i < count; i++) {
        double number = value(&examinations[i].degeneracy);
        if (isfinite(number))
            table_cell(table, "%.*g", digits, number);
        else
            table_cell(table, "-");
    }
}

static double smallest(const tw_degeneracy_result *d) {
    return d->counted ? d->smallest : NAN;
}

static double smallest_nonzero(const tw_degeneracy_result *d) {
    return d->counted ? d->smallest_nonzero : NAN;
}

static double residual(const tw_degeneracy_result *d) {
    bool any = d->high.count + d->low.count > 0;
    return any ? (fmax(relative_residual(&d->high, d->norm), relative_residual(&d->low, d->norm)))
               : NAN;
}

static double threshold(const tw_degeneracy_result *d) {
    return d->counted ? d->zero.threshold : NAN;
}

static double largest_zero(const tw_degeneracy_result *d) {
    return d->counted ? d->zero.largest_zero : NAN;
}

static double below(const tw_degeneracy_result *d) {
    return d->counted ? tw_zero_rule_below(&d->zero) : NAN;
}

static double gap(const tw_degeneracy_result *d) {
    return d->counted ? tw_zero_rule_above(&d->zero) : NAN;
}

void rows_of_modes(cli_table *table, const tw_examination *examinations, size_t count) {
    table_section(table, "Hessian");
    EXAMINATION_ROW("route", "%s", e->degeneracy.method);
    rows_of_largest(table, examinations, count);
    row_of_numbers(table, "smallest eigenvalue", 10, examinations, count, smallest);
    row_of_numbers(table, "smallest non-zero", 10, examinations, count, smallest_nonzero);
    row_of_numbers(table, "  worst residual / ||H||", 2, examinations, count, residual);
    row_of_counts(table, "negative modes", examinations, count, negative_modes);
    row_of_counts(table, "zero modes found", examinations, count, zero_modes);
    row_of_counts(table, "  by symmetry", examinations, count, symmetry_modes);
    row_of_counts(table, "  unexplained", examinations, count, unexplained_modes);
    row_of_counts(table, "positive modes", examinations, count, positive_modes);
    row_of_numbers(table, "zero means |t| <=", 2, examinations, count, threshold);
    EXAMINATION_ROW("  by", "%s",
                    e->degeneracy.counted ? tw_zero_origin_name(e->degeneracy.zero.origin) : "-");
    row_of_numbers(table, "  largest |t| counted zero", 2, examinations, count, largest_zero);
    row_of_numbers(table, "  times below it", 2, examinations, count, below);
    row_of_numbers(table, "  times to the next value", 2, examinations, count, gap);
    EXAMINATION_ROW("Hessian products", "%zu", e->degeneracy.products);
    EXAMINATION_ROW("second route (sectors)", "%s", tw_routes_name(e->routes));
    EXAMINATION_ROW("verdict", "%s", tw_verdict_name(e->degeneracy.verdict));
}

#define FAR_MOVE 1e-2 /* of ||theta||: beyond what float32 training leaves undone */

static void print_far_move(const char *path, const tw_examination *e) {
    double move = relative_move(&e->polish.newton);
    if (move > FAR_MOVE)
        printf(
            "\n%s: polishing moved the point by %.2g of its norm (loss %.6g to %.6g): what is "
            "described is the point it led to, not the file's.\n",
            path, move, e->before.loss, e->after.loss);
}

void print_doubts(const cli_subject *subjects, const tw_examination *examinations, size_t count) {
    for (size_t i = 0; i < count; i++) {
        print_far_move(subjects[i].path, &examinations[i]);
        if (examinations[i].degeneracy.doubt[0])
            printf("\n%s: %s: %s.\n", subjects[i].path,
                   tw_verdict_name(examinations[i].degeneracy.verdict),
                   examinations[i].degeneracy.doubt);
    }
}
