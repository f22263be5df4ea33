/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Results as JSON (docs/formats/results.md): the envelope with its provenance, and what holds for
 * any objective. What a function returns is owned by the caller; NULL when memory is short. */
#ifndef THALWEG_RECORD_H
#define THALWEG_RECORD_H

#include <thalweg/curvature/degeneracy.h>
#include <thalweg/files/json.h>

/* Who made a result, and from what. Everything is borrowed. */
typedef struct tw_provenance {
    const char *command; /* "degeneracy" */
    int argc;            /* the command line */
    char *const *argv;
    uint64_t seed;
} tw_provenance;

/* {version, command_line, seed, threads, libraries} */
TW_API tw_json *tw_provenance_json(const tw_provenance *provenance);

/* {schema: "<command>/1", thalweg, provenance, input, result}; takes over input and result. */
TW_API tw_json *tw_record(const tw_provenance *provenance, tw_json *input, tw_json *result);

/* One distinct eigenvalue of a result. */
typedef struct tw_entry {
    double value;
    uint64_t multiplicity;
    double residual;   /* ||A v - t v||_2, absolute: the largest of its copies */
    bool exact;        /* by a formula or a small dense problem: no residual */
    bool cut;          /* the multiplicity is a lower bound */
    const char *label; /* what moves; NULL: unknown; static */
} tw_entry;

/* [{value, multiplicity, residual | exact (, cut) (, label)}]; residuals relative to norm. */
TW_API tw_json *tw_entries_json(size_t count, const tw_entry *entries, double norm);

/* {origin, threshold, error, gap, largest_zero, smallest_nonzero, factor_below, factor_above,
 * negative, zero, positive, stands}; the last four are null when it did not see the whole spectrum.
 */
TW_API tw_json *tw_zero_rule_json(const tw_zero_rule *zero, bool whole);

/* Counts, eigenvalues, ledger and verdict, set in an object that the caller owns. */
TW_API tw_status tw_degeneracy_to_json(const tw_degeneracy_result *degeneracy, tw_json *object);

#endif
