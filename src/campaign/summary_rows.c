/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows as a table: one finished restart a line. */
#include <stdlib.h>
#include <thalweg/campaign/summary.h>

#include "base/alloc_private.h"

enum { ROW_COLUMNS = 14 };

static const struct {
    const char *name;
    tw_element type;
} columns[ROW_COLUMNS] = {
    {"setting", TW_I64}, {"index", TW_I64},          {"class", TW_I64},
    {"loss", TW_F64},    {"gradient_norm", TW_F64},  {"slack", TW_F64},
    {"rank", TW_I64},    {"negative_modes", TW_I64}, {"zero_modes", TW_I64},
    {"steps", TW_I64},   {"evaluations", TW_I64},    {"products", TW_I64},
    {"time", TW_F64},    {"seconds", TW_F64},
};

/* The sheet, and the setting at hand. */
typedef struct sheet {
    const tw_campaign_table *table;
    size_t setting;
    size_t row;                   /* of the table */
    size_t at;                    /* of the sheet */
    double *columns[ROW_COLUMNS]; /* borrowed from the bundle's arrays */
    const char **reasons;         /* one a row of the sheet, static; the list is owned */
} sheet;

/* Another process may have finished more since the table was made: those wait for the next time. */
static tw_status put_row(void *self, const tw_store_row *row) {
    sheet *s = self;
    if (s->row == s->table->done || s->table->index[s->row] != row->index) return TW_OK;
    const double values[ROW_COLUMNS] = {(double)s->setting,
                                        (double)row->index,
                                        (double)s->table->member[s->row],
                                        row->loss,
                                        row->gradient_norm,
                                        row->slack,
                                        (double)row->rank,
                                        (double)row->negative,
                                        (double)row->zero,
                                        (double)row->steps,
                                        (double)row->evaluations,
                                        (double)row->products,
                                        row->time,
                                        row->seconds};
    for (size_t j = 0; j < ROW_COLUMNS; j++) s->columns[j][s->at] = values[j];
    s->reasons[s->at] = tw_ending_name(row->reason);
    s->row++;
    s->at++;
    return TW_OK;
}

tw_status tw_summary_rows(tw_store *store, const tw_summary *summary, tw_bundle *bundle,
                          const char ***reasons) {
    tw_status status = TW_OK;
    sheet s = {0};
    size_t total = 0;
    for (size_t i = 0; i < summary->count; i++) total += summary->tables[i].done;
    TW_TRY(TW_NEW(s.reasons, total + 1));
    for (size_t j = 0; total > 0 && j < ROW_COLUMNS; j++)
        TW_TRY(tw_bundle_add(bundle, columns[j].name, columns[j].type, 1, &total, NULL));
    for (size_t j = 0; total > 0 && j < ROW_COLUMNS; j++) s.columns[j] = bundle->arrays[j].values;
    for (s.setting = 0; total > 0 && s.setting < summary->count; s.setting++) {
        s.table = &summary->tables[s.setting];
        s.row = 0;
        TW_TRY(tw_store_walk(store, s.setting, false, put_row, &s));
    }
    *reasons = s.reasons;
    s.reasons = NULL;
cleanup:
    free(s.reasons);
    return status;
}
