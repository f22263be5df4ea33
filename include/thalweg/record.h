/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results as JSON (docs/formats/results.md): the envelope with its provenance, and one function a
 * kind of result. What a function returns is owned by the caller; NULL when memory is short. */
#ifndef THALWEG_RECORD_H
#define THALWEG_RECORD_H

#include <thalweg/examination.h>
#include <thalweg/json.h>
#include <thalweg/point.h>

/* Who made a result, and from what. Everything is borrowed. */
typedef struct tw_provenance {
    const char *command; /* "degeneracy" */
    int argc;            /* the command line */
    char *const *argv;
    uint64_t seed;
} tw_provenance;

/* One input file. */
typedef struct tw_input {
    const char *path;
    const char *digest; /* tw_file_digest; "" when unknown */
    const tw_dufm *model;
} tw_input;

TW_API const char *tw_version(void); /* "0.1.0"; static */

/* {version, command_line, seed, libraries, threads} */
TW_API tw_json *tw_provenance_json(const tw_provenance *provenance);

/* {file, sha256, loss, activation, classes, samples, class_sizes, layers, widths, parameters,
 *  lambda_W, lambda_H (, lambda_b)} */
TW_API tw_json *tw_input_json(const tw_input *input);

/* {schema: "<command>/1", thalweg, provenance, input, result}; takes over input and result. */
TW_API tw_json *tw_record(const tw_provenance *provenance, tw_json *input, tw_json *result);

/* Members of a result, set in an object that the caller owns. */
TW_API tw_status tw_description_to_json(const tw_description *description, tw_json *object);
TW_API tw_status tw_newton_to_json(const tw_newton_result *newton, tw_polish_outcome outcome,
                                   tw_json *object);
TW_API tw_status tw_degeneracy_to_json(const tw_examination *examination, tw_json *object);
TW_API tw_status tw_examination_to_json(const tw_examination *examination, tw_json *object);

/* Eigenvalue clusters: [{value, multiplicity, residual (, cut)}]; residual relative to `norm`. */
typedef struct tw_spectrum_report {
    const tw_cluster *clusters; /* ascending */
    const bool *cut;            /* count: the multiplicity is a lower bound */
    size_t count;
    double norm;
} tw_spectrum_report;
TW_API tw_json *tw_clusters_json(const tw_spectrum_report *report);

#endif
