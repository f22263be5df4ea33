/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Finished restarts, and the classes of their end points. */
#include <thalweg/campaign/store.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc_private.h"
#include "campaign/store_private.h"

/* ---- Columns: one table for both directions ---- */

static int bind_size(sqlite3_stmt *to, int place, const void *field) {
    return sqlite3_bind_int64(to, place, (long long)*(const size_t *)field);
}

static void read_size(sqlite3_stmt *from, int column, void *field) {
    *(size_t *)field = (size_t)sqlite3_column_int64(from, column);
}

/* The same 64 bits; SQLite has signed numbers alone. */
static int bind_seed(sqlite3_stmt *to, int place, const void *field) {
    return sqlite3_bind_int64(to, place, (long long)*(const uint64_t *)field);
}

static void read_seed(sqlite3_stmt *from, int column, void *field) {
    *(uint64_t *)field = (uint64_t)sqlite3_column_int64(from, column);
}

static int bind_modes(sqlite3_stmt *to, int place, const void *field) {
    long long count = *(const long long *)field;
    return count < 0 ? sqlite3_bind_null(to, place) : sqlite3_bind_int64(to, place, count);
}

static void read_modes(sqlite3_stmt *from, int column, void *field) {
    bool counted = sqlite3_column_type(from, column) != SQLITE_NULL;
    *(long long *)field = counted ? sqlite3_column_int64(from, column) : -1;
}

/* SQLite knows no NaN: it becomes NULL. */
static int bind_real(sqlite3_stmt *to, int place, const void *field) {
    return sqlite3_bind_double(to, place, *(const double *)field);
}

static void read_real(sqlite3_stmt *from, int column, void *field) {
    bool known = sqlite3_column_type(from, column) != SQLITE_NULL;
    *(double *)field = known ? sqlite3_column_double(from, column) : NAN;
}

static int bind_ending(sqlite3_stmt *to, int place, const void *field) {
    return sqlite3_bind_text(to, place, tw_ending_name(*(const tw_ending *)field), -1,
                             SQLITE_STATIC);
}

/* TW_ENDINGS: no such ending, or no memory. */
static void read_ending(sqlite3_stmt *from, int column, void *field) {
    const char *name = (const char *)sqlite3_column_text(from, column);
    *(tw_ending *)field = name ? tw_ending_find(name) : TW_ENDINGS;
}

typedef struct column_kind {
    int (*bind)(sqlite3_stmt *to, int place, const void *field);
    void (*read)(sqlite3_stmt *from, int column, void *field);
} column_kind;

static const column_kind size_kind = {bind_size, read_size}, seed_kind = {bind_seed, read_seed},
                         modes_kind = {bind_modes, read_modes}, real_kind = {bind_real, read_real},
                         ending_kind = {bind_ending, read_ending};

/* In the order of TW_RESTART_COLUMNS. */
static const struct {
    const column_kind *kind;
    size_t offset;
} columns[] = {
    {&size_kind, offsetof(tw_store_row, setting)},
    {&size_kind, offsetof(tw_store_row, index)},
    {&seed_kind, offsetof(tw_store_row, seed)},
    {&ending_kind, offsetof(tw_store_row, reason)},
    {&real_kind, offsetof(tw_store_row, loss)},
    {&real_kind, offsetof(tw_store_row, gradient_norm)},
    {&real_kind, offsetof(tw_store_row, slack)},
    {&size_kind, offsetof(tw_store_row, rank)},
    {&modes_kind, offsetof(tw_store_row, negative)},
    {&modes_kind, offsetof(tw_store_row, zero)},
    {&size_kind, offsetof(tw_store_row, steps)},
    {&size_kind, offsetof(tw_store_row, evaluations)},
    {&size_kind, offsetof(tw_store_row, products)},
    {&real_kind, offsetof(tw_store_row, time)},
    {&real_kind, offsetof(tw_store_row, seconds)},
};

/* Columns after those. */
enum { ENDING = 3, COLUMNS = sizeof columns / sizeof *columns, SINGULAR = COLUMNS, LOGITS, THETA };

/* ---- Writing ---- */

static int bind_doubles(sqlite3_stmt *to, int place, size_t count, const double *x) {
    /* A null pointer would be NULL, not an empty blob. */
    return sqlite3_bind_blob64(to, place, count > 0 ? (const void *)x : "", count * sizeof *x,
                               SQLITE_STATIC);
}

static int bind_row(sqlite3_stmt *to, const tw_store_row *row) {
    int code = SQLITE_OK;
    for (int i = 0; code == SQLITE_OK && i < COLUMNS; i++)
        code = columns[i].kind->bind(to, i + 1, (const char *)row + columns[i].offset);
    if (code == SQLITE_OK)
        code = bind_doubles(to, SINGULAR + 1, row->singular_count, row->singular_values);
    if (code == SQLITE_OK) {
        code = bind_doubles(to, LOGITS + 1, row->class_count * row->class_count, row->class_logits);
    }
    return code;
}

static tw_status add_restart(tw_store *store, const tw_store_row *row, bool *fresh) {
    tw_status status = TW_OK;
    sqlite3_stmt *statement;
    bool more;
    TW_TRY(tw_sql_prepare(store, TW_SQL_ADD_RESTART, &statement));
    int code = bind_row(statement, row);
    if (code != SQLITE_OK) return tw_sql_fail(store, code);
    TW_TRY(tw_sql_step(store, statement, &more));
    *fresh = sqlite3_changes(store->db) > 0;
cleanup:
    return status;
}

static tw_status add_point(tw_store *store, const tw_store_row *row) {
    tw_status status = TW_OK;
    sqlite3_stmt *statement;
    bool more;
    const long long key[] = {(long long)row->setting, (long long)row->index};
    TW_TRY(tw_sql_bind(store, TW_SQL_ADD_POINT, &statement, 2, key));
    int code = bind_doubles(statement, 3, row->parameter_count, row->theta);
    if (code != SQLITE_OK) return tw_sql_fail(store, code);
    TW_TRY(tw_sql_step(store, statement, &more));
cleanup:
    return status;
}

static tw_status check_place(tw_store *store, const tw_store_row *row) {
    long long setting[2] = {0};
    bool known;
    tw_status status =
        tw_sql_look_up(store, TW_SQL_SETTING, (long long)row->setting, 2, setting, &known);
    if (status != TW_OK) return status;
    if (!known) return tw_fail(TW_ERR_ARGUMENT, "has no setting %zu", row->setting);
    if (row->index < (size_t)setting[0]) return TW_OK;
    return tw_fail(TW_ERR_ARGUMENT, "setting %zu has %lld restarts, there is no restart %zu",
                   row->setting, setting[0], row->index);
}

static tw_status finish(tw_store *store, const tw_store_row *row, bool *fresh) {
    tw_status status = TW_OK;
    const long long key[] = {(long long)row->setting, (long long)row->index};
    TW_TRY(check_place(store, row));
    TW_TRY(add_restart(store, row, fresh));
    if (*fresh && row->parameter_count > 0) TW_TRY(add_point(store, row));
    TW_TRY(tw_sql_run(store, TW_SQL_DROP_CLAIM, 2, key));
cleanup:
    return status;
}

tw_status tw_store_finish(tw_store *store, const tw_store_row *row, bool *fresh) {
    bool is_new = false;
    tw_status status = tw_sql_run(store, TW_SQL_BEGIN, 0, NULL);
    if (status == TW_OK) status = tw_sql_end(store, finish(store, row, &is_new));
    if (status == TW_OK) *fresh = is_new;
    return tw_store_end(store, status);
}

/* ---- Reading ---- */

/* Blobs stand anywhere in SQLite's memory; doubles want to be aligned. */
typedef struct aligned {
    double *x;
    size_t room;
} aligned;

typedef struct walker {
    tw_store *store;
    sqlite3_stmt *rows;
    aligned blobs[3];
} walker;

static tw_status read_doubles(walker *w, int column, size_t *count, const double **x) {
    aligned *kept = &w->blobs[column - SINGULAR];
    const void *bytes = sqlite3_column_blob(w->rows, column);
    size_t found = (size_t)sqlite3_column_bytes(w->rows, column) / sizeof *kept->x;
    if (found > 0 && !bytes) return tw_sql_fail(w->store, SQLITE_NOMEM);
    if (found > kept->room) {
        double *more = tw_resize(kept->x, found, sizeof *more);
        if (!more) return TW_ERR_MEMORY;
        *kept = (aligned){more, found};
    }
    if (found > 0) memcpy(kept->x, bytes, found * sizeof *kept->x);
    *count = found;
    *x = found > 0 ? kept->x : NULL;
    return TW_OK;
}

static tw_status refuse_ending(walker *w, const tw_store_row *row) {
    const unsigned char *name = sqlite3_column_text(w->rows, ENDING);
    if (name == NULL) return tw_sql_fail(w->store, SQLITE_NOMEM);
    return tw_fail(TW_ERR_FORMAT, "restart %zu of setting %zu: ended by '%.40s', which is unknown",
                   row->index, row->setting, (const char *)name);
}

static tw_status read_row(walker *w, bool with_points, tw_store_row *row) {
    tw_status status = TW_OK;
    size_t logits = 0;
    *row = (tw_store_row){0};
    for (int i = 0; i < COLUMNS; i++)
        columns[i].kind->read(w->rows, i, (char *)row + columns[i].offset);
    if (row->reason == TW_ENDINGS) return refuse_ending(w, row);
    TW_TRY(read_doubles(w, SINGULAR, &row->singular_count, &row->singular_values));
    TW_TRY(read_doubles(w, LOGITS, &logits, &row->class_logits));
    if (with_points) TW_TRY(read_doubles(w, THETA, &row->parameter_count, &row->theta));
    row->class_count = (size_t)lround(sqrt((double)logits));
    if (row->class_count * row->class_count == logits) return TW_OK;
    return tw_fail(TW_ERR_FORMAT, "restart %zu of setting %zu: %zu mean logits are no square",
                   row->index, row->setting, logits);
cleanup:
    return status;
}

/* The sentence of the visitor stays as it is, all others get the path. */
static tw_status walk(walker *w, bool with_points, tw_store_visit visit, void *self) {
    tw_status status = TW_OK;
    tw_store_row row;
    bool more;
    status = tw_sql_step(w->store, w->rows, &more);
    while (status == TW_OK && more) {
        status = read_row(w, with_points, &row);
        if (status != TW_OK) break;
        status = visit(self, &row);
        if (status != TW_OK) return status;
        status = tw_sql_step(w->store, w->rows, &more);
    }
    return tw_store_end(w->store, status);
}

tw_status tw_store_walk(tw_store *store, size_t setting, bool with_points, tw_store_visit visit,
                        void *self) {
    walker w = {.store = store};
    const long long number = (long long)setting;
    tw_sql which = with_points ? TW_SQL_WALK_POINTS : TW_SQL_WALK;
    tw_status status = tw_sql_bind(store, which, &w.rows, 1, &number);
    if (status != TW_OK) return tw_store_end(store, status);
    store->statements[which] = NULL; /* the visitor may walk as well */
    status = walk(&w, with_points, visit, self);
    sqlite3_finalize(w.rows);
    for (size_t i = 0; i < sizeof w.blobs / sizeof *w.blobs; i++) free(w.blobs[i].x);
    return status;
}

/* ---- Classes ---- */

static tw_status add_class(tw_store *store, size_t setting, size_t number,
                           const tw_store_class *class) {
    tw_status status = TW_OK;
    sqlite3_stmt *statement;
    bool row;
    const long long counts[] = {(long long)setting, (long long)number, (long long)class->rank,
                                (long long)class->count, (long long)class->first};
    TW_TRY(tw_sql_bind(store, TW_SQL_ADD_CLASS, &statement, 5, counts));
    int code = sqlite3_bind_text(statement, 6, class->name, -1, SQLITE_STATIC);
    if (code == SQLITE_OK) code = sqlite3_bind_double(statement, 7, class->loss);
    if (code != SQLITE_OK) return tw_sql_fail(store, code);
    TW_TRY(tw_sql_step(store, statement, &row));
cleanup:
    return status;
}

static tw_status assign(tw_store *store, size_t setting, size_t members, const size_t *member) {
    tw_status status = TW_OK;
    sqlite3_stmt *done;
    bool row;
    const long long number = (long long)setting;
    TW_TRY(tw_sql_bind(store, TW_SQL_LIST_DONE, &done, 1, &number));
    for (size_t i = 0; i < members; i++) {
        TW_TRY(tw_sql_step(store, done, &row));
        if (!row) break;
        long long index = sqlite3_column_int64(done, 0);
        const long long place[] = {(long long)member[i], number, index};
        TW_TRY(tw_sql_run(store, TW_SQL_SET_CLASS, 3, place));
    }
    sqlite3_reset(done);
cleanup:
    return status;
}

/* Restarts are only ever added, so an equal number of them means the same ones. */
static tw_status check_members(tw_store *store, size_t setting, size_t members) {
    long long done = 0;
    bool row;
    tw_status status = tw_sql_look_up(store, TW_SQL_COUNT_DONE, (long long)setting, 1, &done, &row);
    if (status != TW_OK || (size_t)done == members) return status;
    return tw_fail(TW_ERR_DATA,
                   "setting %zu has %lld finished restarts, not %zu: others were added meanwhile",
                   setting, done, members);
}

static tw_status set_classes(tw_store *store, size_t setting, size_t count,
                             const tw_store_class *classes) {
    const long long number = (long long)setting;
    tw_status status = tw_sql_run(store, TW_SQL_DROP_CLASSES, 1, &number);
    for (size_t i = 0; status == TW_OK && i < count; i++)
        status = add_class(store, setting, i, &classes[i]);
    return status;
}

tw_status tw_store_set_classes(tw_store *store, size_t setting, size_t count,
                               const tw_store_class *classes, size_t members,
                               const size_t *member) {
    tw_status status = TW_OK;
    for (size_t i = 0; i < members; i++)
        if (member[i] >= count)
            return tw_store_end(store,
                                tw_fail(TW_ERR_ARGUMENT, "class %zu of %zu", member[i], count));
    status = tw_sql_run(store, TW_SQL_BEGIN, 0, NULL);
    if (status != TW_OK) return tw_store_end(store, status);
    TW_TRY(check_members(store, setting, members));
    TW_TRY(set_classes(store, setting, count, classes));
    TW_TRY(assign(store, setting, members, member));
cleanup:
    return tw_store_end(store, tw_sql_end(store, status));
}

static bool same_bits(size_t count, const double *a, const double *b) {
    return count == 0 || memcmp(a, b, count * sizeof *a) == 0;
}

static bool same_counts(const tw_store_row *a, const tw_store_row *b) {
    return a->singular_count == b->singular_count && a->class_count == b->class_count &&
           a->steps == b->steps && a->evaluations == b->evaluations && a->products == b->products;
}

bool tw_store_row_same(const tw_store_row *a, const tw_store_row *b) {
    return same_counts(a, b) && a->reason == b->reason && same_bits(1, &a->loss, &b->loss) &&
           same_bits(1, &a->gradient_norm, &b->gradient_norm) &&
           same_bits(b->singular_count, a->singular_values, b->singular_values) &&
           same_bits(b->class_count * b->class_count, a->class_logits, b->class_logits) &&
           (a->parameter_count == 0 || same_bits(b->parameter_count, a->theta, b->theta));
}
