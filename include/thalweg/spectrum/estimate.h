/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A number estimated from random probes, with its standard error and its 95 % interval. */
#ifndef THALWEG_ESTIMATE_H
#define THALWEG_ESTIMATE_H

#include <stdbool.h>
#include <thalweg/base/status.h>

typedef struct tw_estimate {
    double value;     /* NAN: the budget ended before the first probe */
    double error;     /* standard error; 0 when exact; NAN when one probe cannot tell */
    double low, high; /* the truth lies between in 95 of 100 seeds; -INFINITY, INFINITY: unknown */
    bool exact;       /* right to rounding: nothing random is left in it, low = high = value */
} tw_estimate;

/* Why an estimation ended. */
typedef enum tw_estimate_reason {
    TW_ESTIMATE_COMPLETE, /* every probe that was asked for */
    TW_ESTIMATE_PRODUCTS, /* the products are used up: fewer probes, and honest errors for them */
    TW_ESTIMATE_CANCELLED /* the monitor ended it: the same */
} tw_estimate_reason;

TW_API const char *tw_estimate_reason_name(tw_estimate_reason reason); /* "complete" */

#endif
