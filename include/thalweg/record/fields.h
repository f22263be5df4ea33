/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Records are described by tables: a row a member of a JSON object, which says where its value
 * stands in a struct. One table writes the object, reads it back, and is the row of
 * docs/formats/results.md that explains it. */
#ifndef THALWEG_FIELDS_H
#define THALWEG_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <thalweg/files/json.h>

/* What stands at `offset` of the struct. */
typedef enum tw_field_kind {
    TW_FIELD_NUMBER,  /* double; null when not finite */
    TW_FIELD_SIZE,    /* size_t */
    TW_FIELD_COUNT,   /* uint64_t */
    TW_FIELD_INTEGER, /* long */
    TW_FIELD_BOOLEAN, /* bool */
    TW_FIELD_NAME,    /* an enum, written as the name of its value */
    TW_FIELD_TEXT,    /* const char *; null when NULL */
    TW_FIELD_CHARS,   /* char[size] */
    TW_FIELD_NUMBERS, /* const double *, `count` of them */
    TW_FIELD_SIZES,   /* const size_t *, `count` of them */
    TW_FIELD_MATRIX,  /* const double *: `rows` lists of `count` */
    TW_FIELD_OBJECT,  /* a struct with a table of its own */
    TW_FIELD_OBJECTS, /* `count` structs, one behind the other: a list */
    TW_FIELD_MEMBERS, /* a struct with a table whose members stand in this object: no key */
    TW_FIELD_MADE     /* nothing: a function of the whole struct */
} tw_field_kind;

typedef struct tw_fields tw_fields;

typedef struct tw_field {
    const char *key;
    const char *meaning; /* one row of the documentation, Markdown */
    tw_field_kind kind;
    size_t offset;
    size_t count, rows;  /* offsets of the size_t that say how many */
    size_t size;         /* CHARS: bytes; OBJECTS that are not pointed: room, in structs */
    bool pointed;        /* OBJECT, OBJECTS, MEMBERS: at the offset stands a pointer, NULL: none */
    const tw_fields *of; /* OBJECT, OBJECTS, MEMBERS; MADE: what is made of, for readers */
    size_t names;        /* NAME: how many values, 0 .. names - 1 */
    const char *(*name)(int value);
    tw_json *(*make)(const void *record); /* MADE: NULL when memory is short */
    /* Whether there is a value; NULL: always. */
    bool (*known)(const void *record);
    bool optional; /* without one the member is left out; otherwise it is null */
    /* In texts for people (thalweg/record/text.h). */
    const char *title; /* of the row, column or section; NULL: not shown, but MEMBERS always are */
    int digits;        /* of numbers; 0: six; TW_SHORTEST: as few as read back the same */
    bool quiet;        /* left out where it is null, zero, false or empty in all columns */
    bool across;       /* objects that stand side by side with those of the rows before */
    bool spread;       /* a list with a row an item, whose table could say it in one cell */
    void (*cell)(const tw_json *object, char *text,
                 size_t room); /* what it says, from its object */
} tw_field;

#define TW_SHORTEST (-1)

/* The members of one kind of object, in their order. */
struct tw_fields {
    const char *name; /* of the object, for the documentation: "zero_modes" */
    size_t size;      /* of the struct */
    size_t count;
    const tw_field *rows;
    /* In texts: the whole object in one cell, in place of rows of its own; NULL: not so. */
    void (*cell)(const tw_json *object, char *text, size_t room);
    const char *label; /* key of the member that goes with the title of such an item of a list */
};

/* Set the members of `object` from a struct. */
TW_API tw_status tw_fields_write(const tw_fields *fields, const void *record, tw_json *object);

/* A new object with these members; owned by the caller; NULL when memory is short. */
TW_API tw_json *tw_fields_json(const tw_fields *fields, const void *record);

/* The way back. record (out): zeroed first; a number that is null or absent becomes NAN, anything
 * else that is null or absent stays zero, and so does what is made by a function. Texts are
 * borrowed from `object`, lists and pointed structs owned by the record: tw_fields_clear. Errors:
 * TW_ERR_DATA (a member of another kind, a name that is none, a text that is too long),
 * TW_ERR_MEMORY; then the record is clear. */
TW_API tw_status tw_fields_read(const tw_fields *fields, const tw_json *object, void *record);
TW_API void tw_fields_clear(const tw_fields *fields, void *record); /* only of what was read */

#endif
