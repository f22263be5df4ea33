/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "options.h"

static const cli_option rows[] = {
    {"check", 0, GROUP_CERTIFY, OPTION_FLAG, FIELD(check), NULL, 0, 0, NULL, NULL,
     "FILE is a certificate: prove its claims anew, from the file alone"},
    {"max-bits", 0, GROUP_CERTIFY, OPTION_COUNT, FIELD(max_bits), "B", 128, 65536, "1024", NULL,
     "mantissas of the balls begin with 128 bits and are doubled up to B while a sign is open"},
};

const option_table certify_options = {rows, sizeof rows / sizeof *rows};
