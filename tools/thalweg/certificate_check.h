/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `certify --check`: a certificate proved anew from its file. */
#ifndef CERTIFICATE_CHECK_H
#define CERTIFICATE_CHECK_H

#include "command.h"

/* Options of `certify`. */
typedef struct certify_settings {
    cli_common common;
    cli_examining examining;
    const char *output;
    bool check;
    size_t max_bits;
} certify_settings;

tw_status check_certificate(const cli_invocation *run);

#endif
