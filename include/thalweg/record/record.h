/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The envelope of a record with its provenance, and all kinds of records (docs/formats/results.md).
 * What a function returns is owned by the caller; NULL when memory is short. A record is made in
 * three steps: fill the struct of its table, tw_fields_json, tw_record. */
#ifndef THALWEG_RECORD_H
#define THALWEG_RECORD_H

#include <thalweg/record/fields.h>

/* Who made a result, and from what. Everything is borrowed. */
typedef struct tw_provenance {
    const char *command; /* "degeneracy" */
    int argc;            /* the command line */
    char *const *argv;
    uint64_t seed;
} tw_provenance;

/* {version, command_line, seed, threads, libraries} */
TW_API tw_json *tw_provenance_json(const tw_provenance *provenance);
TW_API_DATA const tw_fields tw_provenance_fields; /* of a tw_provenance */

/* {schema: "<command>/1", thalweg, provenance, input, result}; takes over input and result. */
TW_API tw_json *tw_record(const tw_provenance *provenance, tw_json *input, tw_json *result);

/* One kind of record: the subcommand, and what its `result` holds. */
typedef struct tw_schema {
    const char *command;             /* "degeneracy" */
    const char *variant;             /* when there are several: "--only"; "" otherwise */
    const tw_fields *input, *result; /* input NULL: none, or of another kind: a plan */
    bool inputs;                     /* a list of such inputs */
} tw_schema;

/* All of them, in the order of the documentation; NULL past the last. */
TW_API const tw_schema *tw_schema_at(size_t index);

#endif
