/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Findings in the tables of a database of their own kind; what opens and checks campaigns opens
 * and checks them. */
#include <thalweg/campaign/store_findings.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "campaign/store_private.h"

#define APPLICATION_ID 1415004998 /* "TWCF" in ASCII */

const tw_store_kind tw_store_findings = {"search for critical points", APPLICATION_ID, 1, false,
                                         tw_asset_findings_sql};

struct tw_findings {
    tw_store *store;
    char *plan;
};

/* ---- Opening ---- */

static tw_status load_plan(tw_findings *f) {
    tw_status status = TW_OK;
    sqlite3_stmt *statement;
    bool row;
    TW_TRY(tw_sql_prepare(f->store, TW_SQL_FINDINGS_PLAN, &statement));
    TW_TRY(tw_sql_step(f->store, statement, &row));
    if (!row) return TW_OK;
    const char *text = (const char *)sqlite3_column_text(statement, 0);
    f->plan = text ? tw_copy_string(text) : NULL;
    sqlite3_reset(statement);
    if (!text) return tw_sql_fail(f->store, SQLITE_NOMEM);
    if (!f->plan) return TW_ERR_MEMORY;
cleanup:
    return status;
}

tw_status tw_findings_open(const char *path, tw_store_mode mode, tw_findings **findings) {
    tw_status status = TW_OK;
    tw_findings *f = NULL;
    TW_TRY(TW_NEW(f, 1));
    TW_TRY(tw_store_open_kind(path, mode, &tw_store_findings, &f->store));
    TW_TRY(tw_store_end(f->store, load_plan(f)));
    *findings = f;
    f = NULL;
cleanup:
    tw_findings_close(f);
    return status;
}

void tw_findings_close(tw_findings *f) {
    if (f == NULL) return;
    tw_store_close(f->store);
    free(f->plan);
    free(f);
}

const char *tw_findings_plan(const tw_findings *f) {
    return f->plan;
}

tw_status tw_findings_begin(tw_findings *f, const char *plan) {
    if (f->plan && strcmp(f->plan, plan) == 0) return TW_OK;
    if (f->plan)
        return tw_store_end(f->store,
                            tw_fail(TW_ERR_DATA, "belongs to another search: %.200s", f->plan));
    tw_status status = tw_sql_write_plan(f->store, TW_SQL_SET_FINDINGS_PLAN, plan);
    if (status == TW_OK) status = load_plan(f);
    return tw_store_end(f->store, status);
}

/* ---- Columns: one table for both directions ---- */

static int bind_size(sqlite3_stmt *to, int place, const void *field) {
    return sqlite3_bind_int64(to, place, (long long)*(const size_t *)field);
}

static void read_size(sqlite3_stmt *from, int column, void *field, size_t room) {
    (void)room;
    *(size_t *)field = (size_t)sqlite3_column_int64(from, column);
}

static int bind_real(sqlite3_stmt *to, int place, const void *field) {
    return sqlite3_bind_double(to, place, *(const double *)field); /* NaN becomes NULL */
}

static void read_real(sqlite3_stmt *from, int column, void *field, size_t room) {
    (void)room;
    bool known = sqlite3_column_type(from, column) != SQLITE_NULL;
    *(double *)field = known ? sqlite3_column_double(from, column) : NAN;
}

static int bind_flag(sqlite3_stmt *to, int place, const void *field) {
    return sqlite3_bind_int64(to, place, *(const bool *)field);
}

static void read_flag(sqlite3_stmt *from, int column, void *field, size_t room) {
    (void)room;
    *(bool *)field = sqlite3_column_int64(from, column) != 0;
}

static int bind_array(sqlite3_stmt *to, int place, const void *field) {
    return sqlite3_bind_text(to, place, field, -1, SQLITE_STATIC);
}

static void read_array(sqlite3_stmt *from, int column, void *field, size_t room) {
    const unsigned char *text = sqlite3_column_text(from, column);
    snprintf(field, room, "%s", text ? (const char *)text : "");
}

typedef struct column_kind {
    int (*bind)(sqlite3_stmt *to, int place, const void *field);
    void (*read)(sqlite3_stmt *from, int column, void *field, size_t room);
} column_kind;

static const column_kind size_kind = {bind_size, read_size}, real_kind = {bind_real, read_real},
                         flag_kind = {bind_flag, read_flag}, array_kind = {bind_array, read_array};

#define COLUMN(kind, field)                                                                        \
    { &kind, offsetof(tw_finding, field), sizeof((tw_finding *)0)->field }

/* In the order of the statements. */
static const struct {
    const column_kind *kind;
    size_t offset, room;
} columns[] = {
    COLUMN(array_kind, name),          COLUMN(array_kind, verdict),
    COLUMN(array_kind, doubt),         COLUMN(real_kind, loss),
    COLUMN(real_kind, gradient_norm),  COLUMN(real_kind, norm),
    COLUMN(real_kind, smallest),       COLUMN(size_kind, rank),
    COLUMN(size_kind, index),          COLUMN(size_kind, zero_modes),
    COLUMN(size_kind, symmetry_modes), COLUMN(size_kind, first),
    COLUMN(flag_kind, certified),      COLUMN(real_kind, rayleigh),
    COLUMN(real_kind, rayleigh_lower), COLUMN(real_kind, rayleigh_upper),
    COLUMN(real_kind, gradient_upper), COLUMN(real_kind, step),
    COLUMN(real_kind, decrease),
};

/* Columns after those; the number of the point stands before them when it is written, and the
 * starts that have it behind them when it is read. */
enum { COLUMNS = sizeof columns / sizeof *columns, THETA = COLUMNS, DIRECTION, FOUND };

/* ---- Writing ---- */

static tw_status add_point(tw_store *store, size_t point, const tw_finding *finding) {
    tw_status status = TW_OK;
    sqlite3_stmt *to;
    bool row;
    size_t bytes = finding->parameters * sizeof(double);
    TW_TRY(tw_sql_prepare(store, TW_SQL_ADD_FINDING, &to));
    int code = sqlite3_bind_int64(to, 1, (long long)point);
    for (int i = 0; code == SQLITE_OK && i < COLUMNS; i++)
        code = columns[i].kind->bind(to, i + 2, (const char *)finding + columns[i].offset);
    if (code == SQLITE_OK)
        code = sqlite3_bind_blob64(to, THETA + 2, finding->theta, bytes, SQLITE_STATIC);
    if (code == SQLITE_OK && finding->direction)
        code = sqlite3_bind_blob64(to, DIRECTION + 2, finding->direction, bytes, SQLITE_STATIC);
    if (code != SQLITE_OK) return tw_sql_fail(store, code);
    TW_TRY(tw_sql_step(store, to, &row));
cleanup:
    return status;
}

static tw_status add_start(tw_store *store, const tw_finding_start *start) {
    tw_status status = TW_OK;
    sqlite3_stmt *to;
    bool row;
    const long long index = (long long)start->index;
    TW_TRY(tw_sql_bind(store, TW_SQL_ADD_FINDING_START, &to, 1, &index));
    TW_TRY(tw_sql_bind_text(store, to, 2, start->kind));
    TW_TRY(tw_sql_bind_text(store, to, 3, start->method));
    TW_TRY(tw_sql_bind_text(store, to, 4, start->reason));
    int code = sqlite3_bind_double(to, 5, start->gradient_norm);
    if (code == SQLITE_OK) code = sqlite3_bind_int64(to, 6, (long long)start->iterations);
    if (code == SQLITE_OK && start->point != TW_NO_POINT)
        code = sqlite3_bind_int64(to, 7, (long long)start->point);
    if (code != SQLITE_OK) return tw_sql_fail(store, code);
    TW_TRY(tw_sql_step(store, to, &row));
cleanup:
    return status;
}

tw_status tw_findings_add(tw_findings *f, const tw_finding_start *start, const tw_finding *fresh) {
    tw_status status = tw_sql_run(f->store, TW_SQL_BEGIN, 0, NULL);
    if (status == TW_OK) {
        if (fresh) status = add_point(f->store, start->point, fresh);
        if (status == TW_OK) status = add_start(f->store, start);
        status = tw_sql_end(f->store, status);
    }
    return tw_store_end(f->store, status);
}

/* ---- Reading ---- */

/* theta and direction are SQLite's own copies, whose bytes may lie anywhere: they are copied. */
static tw_status read_vector(sqlite3_stmt *from, int column, size_t n, double **vector) {
    const void *bytes = sqlite3_column_blob(from, column);
    *vector = NULL;
    if (bytes == NULL) return TW_OK;
    tw_status status = TW_NEW(*vector, n);
    if (status == TW_OK) memcpy(*vector, bytes, n * sizeof **vector);
    return status;
}

static tw_status read_point(sqlite3_stmt *from, tw_finding *finding) {
    tw_status status = TW_OK;
    for (int i = 0; i < COLUMNS; i++)
        columns[i].kind->read(from, i, (char *)finding + columns[i].offset, columns[i].room);
    finding->found = (size_t)sqlite3_column_int64(from, FOUND);
    finding->parameters = (size_t)sqlite3_column_bytes(from, THETA) / sizeof(double);
    TW_TRY(read_vector(from, THETA, finding->parameters, &finding->theta));
    TW_TRY(read_vector(from, DIRECTION, finding->parameters, &finding->direction));
cleanup:
    return status;
}

tw_status tw_findings_points(tw_findings *f, tw_findings_see_point see, void *self) {
    tw_status status = TW_OK;
    sqlite3_stmt *rows;
    bool more;
    tw_finding finding = {.name = ""};
    TW_TRY(tw_sql_prepare(f->store, TW_SQL_FINDINGS, &rows));
    TW_TRY(tw_sql_step(f->store, rows, &more));
    while (more) {
        TW_TRY(read_point(rows, &finding));
        TW_TRY(see(self, &finding));
        tw_finding_clear(&finding);
        TW_TRY(tw_sql_step(f->store, rows, &more));
    }
cleanup:
    tw_finding_clear(&finding);
    return tw_store_end(f->store, status);
}

tw_status tw_findings_starts(tw_findings *f, tw_findings_see_start see, void *self) {
    tw_status status = TW_OK;
    sqlite3_stmt *rows;
    bool more;
    TW_TRY(tw_sql_prepare(f->store, TW_SQL_FINDING_STARTS, &rows));
    TW_TRY(tw_sql_step(f->store, rows, &more));
    while (more) {
        bool none = sqlite3_column_type(rows, 6) == SQLITE_NULL;
        const tw_finding_start start = {
            .index = (size_t)sqlite3_column_int64(rows, 0),
            .kind = (const char *)sqlite3_column_text(rows, 1),
            .method = (const char *)sqlite3_column_text(rows, 2),
            .reason = (const char *)sqlite3_column_text(rows, 3),
            .gradient_norm = sqlite3_column_double(rows, 4),
            .iterations = (size_t)sqlite3_column_int64(rows, 5),
            .point = none ? TW_NO_POINT : (size_t)sqlite3_column_int64(rows, 6)};
        TW_TRY(see(self, &start));
        TW_TRY(tw_sql_step(f->store, rows, &more));
    }
cleanup:
    return tw_store_end(f->store, status);
}

void tw_finding_clear(tw_finding *finding) {
    if (finding == NULL) return;
    free(finding->theta);
    free(finding->direction);
    finding->theta = finding->direction = NULL;
}
