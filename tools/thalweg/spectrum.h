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

/* Name what the sectors of a point know, where they apply to what is listed. */
tw_status spectrum_name(const cli_invocation *run, const cli_subject *subject,
                        tw_listing *spectrum);

/* Warn of counts that do not stand, for this doubt ("": they do); the exit code. */
void spectrum_judge(const cli_invocation *run, const char *subject, const char *doubt,
                    const tw_listing *spectrum);

/* spectrum --near-zero, --below, --interval. */
tw_status run_interior(const cli_invocation *run);

/* spectrum --closed-form. */
tw_status run_closed_form(const cli_invocation *run);

#endif
