/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A list of distinct eigenvalues on its way from a route to a table and a record. */
#ifndef CLI_SPECTRUM_H
#define CLI_SPECTRUM_H

#include <thalweg/optima/closed_form.h>
#include <thalweg/record/record.h>
#include <thalweg/spectrum/levels.h>
#include <thalweg/spectrum/spectrum.h>

#include "subject.h"

typedef struct cli_spectrum {
    tw_entry *entries; /* ascending; owned */
    size_t count;
    size_t gap;          /* values are missing before this entry; 0: nowhere */
    uint64_t parameters; /* order of the operator */
    double norm;         /* ||A||_2 */
    double slack;        /* values closer than this are one entry */
    tw_zero_rule zero;   /* of the route, or of the sectors where they resolve more */
    bool whole;          /* it has counted the whole spectrum */
    size_t products;
    const char *method, *reason; /* static */
    bool converged;
} cli_spectrum;

void spectrum_clear(cli_spectrum *spectrum); /* idempotent */

/* What --method, --largest and --smallest ask of an operator. */
tw_status spectrum_find(const cli_invocation *run, const tw_linop *A, cli_spectrum *spectrum);

/* Does --method mean the dense route for this operator? auto: within --dense-limit, and when its
 * products are within --max-products. */
bool spectrum_is_dense(const cli_settings *settings, const tw_linop *A);

/* Can that route answer? TW_ERR_ARGUMENT above the limit of the dense route, and by products
 * without an end. */
tw_status spectrum_check(const cli_settings *settings, const tw_linop *A);

/* Append the clusters of pairs [from, to). */
tw_status spectrum_add_pairs(cli_spectrum *spectrum, const tw_eigenpairs *pairs, size_t from,
                             size_t to);

/* Multiplicities of the entries from this one on are lower bounds. */
void spectrum_doubt(cli_spectrum *spectrum, size_t from);

/* All levels, exact, with their rule; those the counts ask for when there are any. */
tw_status spectrum_from_levels(const cli_settings *settings, const tw_levels *levels,
                               const tw_zero_rule *zero, cli_spectrum *spectrum);

/* Name the nameless entries after the levels they coincide with. */
void spectrum_label(const tw_levels *levels, cli_spectrum *spectrum);

/* The same with the sectors of a point, where they apply to what is listed. */
tw_status spectrum_name(const cli_invocation *run, const cli_subject *subject,
                        cli_spectrum *spectrum);

void spectrum_print(const cli_spectrum *spectrum);

/* parameters, method, eigenvalues, ... into a result. */
tw_status spectrum_to_json(const cli_spectrum *spectrum, tw_json *result);

/* spectrum --near-zero, --below, --interval. */
/* What spectrum_find takes. */
void spectrum_cost(const cli_settings *settings, const tw_linop *A, tw_cost *cost);

/* What a search inside the spectrum takes that lists up to max_count pairs. */
void interior_cost(const cli_settings *settings, size_t order, size_t max_count, tw_cost *cost);

/* Pairs that it may list: as many as were asked for, else up to 200 that fit into memory. */
size_t interior_pairs(const cli_settings *settings, const tw_dufm *model, size_t order);
int run_interior(const cli_invocation *run);

/* The case that options describe; needed: those it cannot do without, NULL after the last. */
tw_status closed_case_read(const cli_settings *settings, const char *const *needed,
                           tw_closed_case *given);

/* Its members into an object; no width when it has none. */
tw_status closed_case_to_json(const tw_closed_case *given, tw_json *object);

/* spectrum --closed-form. */
int run_closed_form(const cli_invocation *run);

#endif
