/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Lists of distinct eigenvalues as the options ask for them. */
#ifndef CLI_SPECTRUM_H
#define CLI_SPECTRUM_H

#include <thalweg/examination/point_operator.h>
#include <thalweg/optima/closed_form.h>
#include <thalweg/record/spectrum_record.h>

#include "estimation.h"

/* Options of `spectrum`. */
typedef struct spectrum_settings {
    cli_common common;
    cli_reading reading;
    cli_budget budget;
    const char *method;
    double cluster_tolerance;
    size_t largest, smallest, near_zero, max_count; /* 0: not asked */
    double below;                                   /* NAN: not asked */
    cli_range interval;
    const char *blocks, *part; /* blocks NULL: all */
    cli_closed closed;
} spectrum_settings;

/* The one operand, and the operator that --block, --blocks and --part describe at it. */
typedef struct cli_operator {
    cli_estimation e;
    tw_point_operator operator;
} cli_operator;

tw_status spectrum_open(const cli_invocation *run, cli_operator *of);
void spectrum_close(cli_operator *of); /* idempotent */

/* Is it the Hessian itself? */
bool spectrum_is_whole(const spectrum_settings *settings);

/* part, blocks and cluster_tolerance of a record; whether counts stand at the point. */
tw_spectrum_record spectrum_record(const spectrum_settings *settings, const tw_listing *listing,
                                   const tw_estimation *at);

/* What --method, --largest and --smallest ask of an operator; zero: the defaults, with what zero
 * means at the point. */
tw_status spectrum_find(const cli_invocation *run, const tw_linop *A,
                        const tw_listing_options *zero, tw_listing *spectrum);

/* Does --method mean the dense route for this operator? auto: within --dense-limit, and when its
 * products are within --max-products. */
bool spectrum_is_dense(const spectrum_settings *settings, const tw_linop *A);

/* Can that route answer? TW_ERR_ARGUMENT above the limit of the dense route, and by products
 * without an end. */
tw_status spectrum_check(const spectrum_settings *settings, const tw_linop *A);

/* All levels, exact; those the counts ask for when there are any. */
tw_status spectrum_from_levels(const spectrum_settings *settings, const tw_levels *levels,
                               const tw_zero_rule *zero, tw_listing *spectrum);

/* Name what the sectors of a point know, where they apply to what is listed. */
tw_status spectrum_name(const cli_invocation *run, const cli_subject *subject,
                        tw_listing *spectrum);

/* Warn of counts that do not stand, and the exit code; doubt: why, "" where they do. */
int spectrum_code(const char *subject, const char *doubt, const tw_listing *spectrum);

/* What spectrum_find takes. */
void spectrum_cost(const spectrum_settings *settings, const tw_linop *A, tw_cost *cost);

/* What a search inside the spectrum takes, with as many pairs as were asked for, else up to 200
 * that fit into memory. */
void interior_cost(const spectrum_settings *settings, const cli_subject *subject, size_t order,
                   tw_cost *cost);

/* spectrum --near-zero, --below, --interval. */
int run_interior(const cli_invocation *run);

/* spectrum --closed-form. */
int run_closed_form(const cli_invocation *run);

#endif
