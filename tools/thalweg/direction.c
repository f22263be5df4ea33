/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "direction.h"

#include <math.h>
#include <stdlib.h>

static tw_status fit(const cli_training *t, tw_log_fit *out) {
    size_t rows = tw_trajectory_rows(t->trajectory);
    double *time = calloc(rows + 1, sizeof *time), *margin = calloc(rows + 1, sizeof *margin);
    tw_status status = time && margin ? TW_OK : tw_fail(TW_ERR_MEMORY, "no memory for a fit");
    bool timed = t->result.time > 0.0; /* of lbfgs and newton there is no time */
    if (status == TW_OK && timed && tw_trajectory_read(t->trajectory, "time", time) &&
        tw_trajectory_read(t->trajectory, "normalised_margin", margin))
        status = tw_log_fit_series(rows, time, margin, TW_LOG_FIT_DECADES, out);
    free(time);
    free(margin);
    return status;
}

tw_status direction_measure(const cli_training *t, cli_direction *direction) {
    tw_status status = TW_OK;
    *direction = (cli_direction){.asked = training_is_unregularised(t)};
    if (!direction->asked) return TW_OK;
    direction->found.fit = (tw_log_fit){.limit = (double)NAN,
                                        .limit_error = (double)NAN,
                                        .rate = (double)NAN,
                                        .residual = (double)NAN};
    TW_TRY(tw_separation_measure(t->evaluator, t->point.theta, &direction->found.separation));
    TW_TRY(fit(t, &direction->found.fit));
cleanup:
    return status;
}

void rows_of_direction(cli_table *table, const cli_direction *direction) {
    const tw_separation *s = &direction->found.separation;
    if (!direction->asked) return;
    table_section(table, "direction (no ridge)");
    if (s->reason != TW_SEPARATION_MEASURED) {
        table_row(table, "not measured whole");
        table_cell(table, "%s", tw_separation_reason_text(s->reason));
    }
    table_row(table, "normalised margin");
    table_cell(table, "%.8g", s->normalised);
    table_row(table, "of the simplex frame; bound");
    table_cell(table, "%.8g; %.8g", s->simplex, s->bound);
    table_row(table, "spread of the margins");
    table_cell(table, "%.3g (deviation %.3g)", s->spread, s->deviation);
    table_row(table, "distance to a KKT point");
    table_cell(table, "%.3g", s->kkt_distance);
    table_row(table, "margin for t to infinity");
    table_cell(
        table, "%.8g +- %.1g%s", direction->found.fit.limit, direction->found.fit.limit_error,
        direction->found.fit.limit > s->bound ? ", above the bound: not on the line yet" : "");
    table_row(table, "rate: margin = limit + rate/log t");
    table_cell(table, "%.4g, %zu rows of t >= %.3g", direction->found.fit.rate,
               direction->found.fit.points, direction->found.fit.from);
}
