/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The tables of docs/formats/results.md, from the tables that write and read records: one block for
 * each kind of object, between two comments. Members of a struct that stand in another object are
 * rows of its block, unless they have a row of their own that says whose they are. With the word
 * `paths`: every way into a record, "zero_modes.found", from each kind of object that there is. */
#include <stdio.h>
#include <string.h>
#include <thalweg/record/record.h>

enum { ROOM = 256 };

typedef struct printed {
    const tw_fields *tables[ROOM];
    size_t count;
} printed;

static bool is_new(printed *p, const tw_fields *fields) {
    for (size_t i = 0; i < p->count; i++)
        if (p->tables[i] == fields) return false;
    if (p->count == ROOM) return false;
    p->tables[p->count++] = fields;
    return true;
}

static void print_rows(const tw_fields *fields) {
    for (size_t i = 0; i < fields->count; i++) {
        const tw_field *row = &fields->rows[i];
        if (row->key)
            printf("| `%s` | %s |\n", row->key, row->meaning);
        else if (row->meaning)
            printf("| .. | %s |\n", row->meaning);
        else
            print_rows(row->of);
    }
}

static void print_table(printed *p, const tw_fields *fields);

/* Blocks of the objects within this one. */
static void print_inner(printed *p, const tw_fields *fields) {
    for (size_t i = 0; i < fields->count; i++) {
        const tw_field *row = &fields->rows[i];
        if (row->of == NULL) continue;
        if (row->key || row->meaning)
            print_table(p, row->of);
        else
            print_inner(p, row->of);
    }
}

static void print_table(printed *p, const tw_fields *fields) {
    if (fields == NULL || !is_new(p, fields)) return;
    printf("<!-- table: %s -->\n| key | meaning |\n|---|---|\n", fields->name);
    print_rows(fields);
    printf("<!-- end -->\n");
    print_inner(p, fields);
}

/* ---- Ways into a record ---- */

enum { DEEP = 6 };

static void print_paths(const tw_fields *fields, const char *before, size_t depth) {
    for (size_t i = 0; depth < DEEP && i < fields->count; i++) {
        const tw_field *row = &fields->rows[i];
        char path[256];
        snprintf(path, sizeof path, "%.180s%s%.60s", before, before[0] && row->key ? "." : "",
                 row->key ? row->key : "");
        if (row->key) printf("%s\n", path);
        if (row->of) print_paths(row->of, path, depth + 1);
    }
}

static void start_paths(printed *p, const tw_fields *fields) {
    if (fields == NULL || !is_new(p, fields)) return;
    print_paths(fields, "", 0);
    for (size_t i = 0; i < fields->count; i++) start_paths(p, fields->rows[i].of);
}

int main(int argc, char **argv) {
    printed p = {.count = 0};
    const tw_schema *schema;
    void (*print)(printed *, const tw_fields *) =
        argc > 1 && strcmp(argv[1], "paths") == 0 ? start_paths : print_table;
    print(&p, &tw_provenance_fields);
    for (size_t i = 0; (schema = tw_schema_at(i)) != NULL; i++) {
        print(&p, schema->input);
        print(&p, schema->result);
    }
    return 0;
}
