/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "spectrum.h"

#include <string.h>

#include "plan.h"
#include "progress.h"

bool spectrum_is_whole(const spectrum_settings *settings) {
    return settings->blocks == NULL && strcmp(settings->part, "all") == 0;
}

tw_status spectrum_open(const cli_invocation *run, cli_operator *of) {
    const spectrum_settings *settings = run->settings;
    const tw_estimation_options options = {
        .rank_tolerance = settings->reading.rank_tolerance,
        .budget = progress_budget(run->common, &settings->budget)};
    tw_status status = estimation_start(run, &settings->reading, &options, &of->e);
    if (status != TW_OK) return status;
    status = tw_point_operator_init(&of->operator, of->e.subject.evaluator, of->e.at.theta,
                                    settings->part, settings->blocks);
    return status == TW_ERR_ARGUMENT ? tw_fail_in(status, "--") : status;
}

void spectrum_close(cli_operator *of) {
    tw_point_operator_clear(&of->operator);
    estimation_close(&of->e);
}

tw_spectrum_record spectrum_record(const spectrum_settings *settings, const tw_listing *listing,
                                   const tw_estimation *at) {
    return (tw_spectrum_record){.listing = listing,
                                .part = settings->part,
                                .blocks = settings->blocks,
                                .cluster_tolerance = settings->cluster_tolerance,
                                .standing = {&at->kinks, at->doubt}};
}

void spectrum_judge(const cli_invocation *run, const char *subject, const char *doubt,
                    const tw_listing *s) {
    warn_of_counts(subject, doubt);
    if (!s->converged || doubt[0]) *run->code = EXIT_NOT_CONVERGED;
}
