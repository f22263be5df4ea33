/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `certify --check`: a certificate proved anew from its file. */
#ifndef CERTIFICATE_CHECK_H
#define CERTIFICATE_CHECK_H

#include "command.h"

/* Returns the exit code. */
int check_certificate(const cli_invocation *run);

#endif
