/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Rows of tables. Every macro checks that the member is of the type that its kind means. */
#ifndef TW_FIELDS_PRIVATE_H
#define TW_FIELDS_PRIVATE_H

#include <thalweg/record/fields.h>

/* 0, or no compilation when the member is neither a `wanted` nor an `or`. */
#define TW_IS(type, member, wanted)                                                                \
    (0 * sizeof(char[_Generic(&((type *)0)->member, wanted * : 1, const wanted * : 1)]))
#define TW_AT(type, member, wanted) offsetof(type, member) + TW_IS(type, member, wanted)

#define TW_PLAIN(kind_, c_type, type, member, key_, ...)                                           \
    { .key = (key_), .kind = (kind_), .offset = TW_AT(type, member, c_type), __VA_ARGS__ }

/* After the key: .meaning and whatever else the row needs. */
#define TW_NUMBER(type, member, key, ...)                                                          \
    TW_PLAIN(TW_FIELD_NUMBER, double, type, member, key, __VA_ARGS__)
#define TW_SIZE(type, member, key, ...)                                                            \
    TW_PLAIN(TW_FIELD_SIZE, size_t, type, member, key, __VA_ARGS__)
#define TW_INTEGER(type, member, key, ...)                                                         \
    TW_PLAIN(TW_FIELD_INTEGER, long, type, member, key, __VA_ARGS__)
#define TW_BOOLEAN(type, member, key, ...)                                                         \
    TW_PLAIN(TW_FIELD_BOOLEAN, bool, type, member, key, __VA_ARGS__)
#define TW_COUNT(type, member, key_, ...)                                                          \
    { .key = (key_), .kind = TW_FIELD_COUNT, .offset = TW_AT(type, member, uint64_t), __VA_ARGS__ }
#define TW_TEXT(type, member, key_, ...)                                                           \
    {                                                                                              \
        .key = (key_), .kind = TW_FIELD_TEXT,                                                      \
        .offset = offsetof(type, member) +                                                         \
                  0 * sizeof(char[_Generic(((type *)0)->member, const char * : 1, char * : 1)]),   \
        __VA_ARGS__                                                                                \
    }
#define TW_CHARS(type, member, key_, ...)                                                          \
    {                                                                                              \
        .key = (key_), .kind = TW_FIELD_CHARS, .offset = offsetof(type, member),                   \
        .size = sizeof((type *)0)->member, __VA_ARGS__                                             \
    }
/* naming: TW_NAMES. */
#define TW_NAME(type, member, key_, naming, ...)                                                   \
    {                                                                                              \
        .key = (key_), .kind = TW_FIELD_NAME,                                                      \
        .offset = offsetof(type, member) +                                                         \
                  0 * sizeof(char[sizeof((type *)0)->member == sizeof(int) ? 1 : -1]),             \
        .name = naming##_of, .names = naming##_count, __VA_ARGS__                                  \
    }
#define TW_NUMBERS(type, member, number, key_, ...)                                                \
    {                                                                                              \
        .key = (key_), .kind = TW_FIELD_NUMBERS,                                                   \
        .offset =                                                                                  \
            offsetof(type, member) +                                                               \
            0 * sizeof(char[_Generic(((type *)0)->member, double * : 1, const double * : 1)]),     \
        .count = TW_AT(type, number, size_t), __VA_ARGS__                                          \
    }
#define TW_SIZES(type, member, number, key_, ...)                                                  \
    {                                                                                              \
        .key = (key_), .kind = TW_FIELD_SIZES,                                                     \
        .offset =                                                                                  \
            offsetof(type, member) +                                                               \
            0 * sizeof(char[_Generic(((type *)0)->member, size_t * : 1, const size_t * : 1)]),     \
        .count = TW_AT(type, number, size_t), __VA_ARGS__                                          \
    }
#define TW_MATRIX(type, member, rows_, columns, key_, ...)                                         \
    {                                                                                              \
        .key = (key_), .kind = TW_FIELD_MATRIX,                                                    \
        .offset =                                                                                  \
            offsetof(type, member) +                                                               \
            0 * sizeof(char[_Generic(((type *)0)->member, double * : 1, const double * : 1)]),     \
        .rows = TW_AT(type, rows_, size_t), .count = TW_AT(type, columns, size_t), __VA_ARGS__     \
    }
/* table: of a struct as large as the member. */
#define TW_OBJECT(type, member, key_, table, ...)                                                  \
    {                                                                                              \
        .key = (key_), .kind = TW_FIELD_OBJECT, .offset = offsetof(type, member), .of = &(table),  \
        __VA_ARGS__                                                                                \
    }
/* An object made of some of the members of the same struct. */
#define TW_SELF(key_, table, ...)                                                                  \
    { .key = (key_), .kind = TW_FIELD_OBJECT, .of = &(table), __VA_ARGS__ }
#define TW_OBJECTS(type, member, number, key_, table, ...)                                         \
    {                                                                                              \
        .key = (key_), .kind = TW_FIELD_OBJECTS, .offset = offsetof(type, member),                 \
        .count = TW_AT(type, number, size_t), .of = &(table), __VA_ARGS__                          \
    }
#define TW_MEMBERS(type, member, table, ...)                                                       \
    { .kind = TW_FIELD_MEMBERS, .offset = offsetof(type, member), .of = &(table), __VA_ARGS__ }
#define TW_OWN_MEMBERS(table, ...)                                                                 \
    { .kind = TW_FIELD_MEMBERS, .of = &(table), __VA_ARGS__ }
#define TW_MADE(key_, make_, ...)                                                                  \
    { .key = (key_), .kind = TW_FIELD_MADE, .make = (make_), __VA_ARGS__ }

/* The naming of an enum 0 .. last for TW_NAME, from its function. */
#define TW_NAMES(naming, type, function, last)                                                     \
    static const char *naming##_of(int value) {                                                    \
        return function((type)value);                                                              \
    }                                                                                              \
    enum { naming##_count = (int)(last) + 1 }

/* The table NAME_fields of rows NAME_rows. */
#define TW_TABLE(symbol, title, type, rows_)                                                       \
    const tw_fields symbol = {.name = (title),                                                     \
                              .size = sizeof(type),                                                \
                              .count = sizeof(rows_) / sizeof *(rows_),                            \
                              .rows = (rows_)}

/* The same of objects that a text has in one cell, with the member `label_` in lists. */
#define TW_CELL_TABLE(symbol, title, type, rows_, cell_, label_)                                   \
    const tw_fields symbol = {.name = (title),                                                     \
                              .size = sizeof(type),                                                \
                              .count = sizeof(rows_) / sizeof *(rows_),                            \
                              .rows = (rows_),                                                     \
                              .cell = (cell_),                                                     \
                              .label = (label_)}

/* The number behind `key`; NAN: none. */
double tw_cell_number(const tw_json *object, const char *key);

/* The end of the path under `file`: where names that stand side by side differ. */
void tw_file_cell(const tw_json *object, char *text, size_t room);

/* A list of what `item` makes for each index; NULL when memory is short. */
tw_json *tw_list_json(size_t count, tw_json *(*item)(const void *from, size_t index),
                      const void *from);

/* Whole numbers as a list. */
tw_json *tw_sizes_json(size_t count, const size_t *sizes);

/* One number of each of `count` structs of `size` bytes, `offset` bytes into it. */
tw_json *tw_column_json(size_t count, const void *first, size_t size, size_t offset);

/* The number of items that a list of `field` has in this record. */
size_t tw_field_items(const tw_field *field, const void *record);

/* Where the struct of an OBJECT, OBJECTS or MEMBERS begins; NULL: behind a null pointer. */
const void *tw_field_struct(const tw_field *field, const void *record);

#endif
