/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A real number and doubles on either side of it, from ball arithmetic. */
#ifndef THALWEG_CERTIFICATE_BALL_H
#define THALWEG_CERTIFICATE_BALL_H

#include <thalweg/base/status.h>

typedef struct tw_enclosure {
    double value; /* nearest to the middle of its ball */
    double lower, upper;
} tw_enclosure;

TW_API const char *tw_enclosure_library(void); /* "Arb 2.23.0"; static */

#endif
