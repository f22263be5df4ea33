/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "modes.h"

#include <stdio.h>
#include <string.h>

#include "new_model.h"
#include "spectrum.h"

#define OF_PARTS (MODE_LIST | MODE_INSIDE)
#define OF_ENDS (MODE_LIST | MODE_SECTORS | MODE_CLOSED)

/* Options that do not mean something everywhere, beside those of closed_form_refuse. Limits
 * (--max-products, --max-seconds, --memory-limit) are not among them: a route that stays below a
 * limit obeys it. */
static const cli_meaning meanings[] = {
    {"method", MODE_LIST | MODE_SECTORS, ", which has its own route"},
    {"dense-limit", OF_ENDS, ", which needs no matrix"},
    {"cluster-tolerance", OF_PARTS, ", whose multiplicities are exact"},
    {"largest", OF_ENDS, ""},
    {"smallest", OF_ENDS, ""},
    {"near-zero", MODE_INSIDE, ", which lists the whole spectrum"},
    {"below", MODE_INSIDE, ", which lists the whole spectrum"},
    {"interval", MODE_INSIDE, ", which lists the whole spectrum"},
    {"max-count", MODE_INSIDE, ": it belongs to --below and --interval"},
    {"block", OF_PARTS, ", which knows the whole Hessian alone"},
    {"blocks", OF_PARTS, ", which knows the whole Hessian alone"},
    {"part", OF_PARTS, ", which knows the whole Hessian alone"},
    {0},
};

/* Two of them ask for two different answers. */
static const char *const rivals[][2] = {
    {"near-zero", "below"}, {"near-zero", "interval"},  {"below", "interval"},
    {"block", "blocks"},    {"near-zero", "max-count"},
};

/* Whatever chooses a mode, by its words on the command line. */
static const char *chooser(const cli_invocation *run, cli_mode *mode) {
    const spectrum_settings *settings = run->settings;
    *mode = MODE_CLOSED;
    if (settings->closed.name) return "--closed-form";
    *mode = MODE_INSIDE;
    if (is_given(run, "near-zero")) return "--near-zero";
    if (is_given(run, "below")) return "--below";
    if (is_given(run, "interval")) return "--interval";
    *mode = MODE_SECTORS;
    if (strcmp(settings->method, "sectors") == 0) return "--method sectors";
    *mode = MODE_LIST;
    return "a FILE";
}

static tw_status check_operand(const cli_invocation *run) {
    const spectrum_settings *settings = run->settings;
    bool file = run->operand_count > 0, closed = settings->closed.name != NULL;
    if (file && closed)
        return tw_fail(TW_ERR_ARGUMENT, "FILE '%s' and --closed-form exclude each other",
                       run->operands[0]);
    if (!file && !closed)
        return tw_fail(TW_ERR_ARGUMENT, "'spectrum' needs either FILE or --closed-form NAME");
    return TW_OK;
}

tw_status spectrum_mode(const cli_invocation *run, cli_mode *mode) {
    char why[80];
    tw_status status = check_operand(run);
    if (status != TW_OK) return status;
    for (size_t i = 0; i < sizeof rivals / sizeof *rivals; i++)
        if (is_given(run, rivals[i][0]) && is_given(run, rivals[i][1]))
            return tw_fail(TW_ERR_ARGUMENT, "--%s and --%s exclude each other", rivals[i][0],
                           rivals[i][1]);
    snprintf(why, sizeof why, " means nothing with %s", chooser(run, mode));
    status = closed_form_refuse(run, *mode == MODE_CLOSED, why);
    if (status != TW_OK) return status;
    return refuse_meanings(run, meanings, *mode, why);
}
