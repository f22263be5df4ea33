/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A search along a line for a step that satisfies the strong Wolfe conditions. It asks for one
 * trial at a time and is told what was found there. */
#ifndef TW_WOLFE_PRIVATE_H
#define TW_WOLFE_PRIVATE_H

#include <stdbool.h>
#include <stddef.h>

/* phi(t) = f(x + t d), known at a step. */
typedef struct tw_wolfe_trial {
    double t;
    double change; /* phi(t) - phi(0) */
    double slope;  /* phi'(t) */
} tw_wolfe_trial;

typedef enum tw_wolfe_verdict {
    TW_WOLFE_GO_ON,   /* next->t is the next trial */
    TW_WOLFE_TAKE,    /* the last trial is the step */
    TW_WOLFE_NOTHING, /* no step to be told from 0, or too many trials */
    TW_WOLFE_RUNAWAY  /* phi falls as far as numbers reach */
} tw_wolfe_verdict;

typedef struct tw_wolfe {
    double slope; /* phi'(0) < 0 */
    tw_wolfe_trial lo,
        hi;           /* lo: the lowest trial that falls enough; hi: the other end, or, before there
                        is one, the trial before lo */
    bool closed;      /* a step stands between lo and hi */
    double widths[2]; /* of the last two intervals, the older one first */
    double t;         /* the trial that is asked for */
    size_t trials;
} tw_wolfe;

/* slope: phi'(0) < 0; t: the first trial. */
void tw_wolfe_start(tw_wolfe *search, double slope, double t);

/* What was found at search->t. */
tw_wolfe_verdict tw_wolfe_tell(tw_wolfe *search, double change, double slope);

#define TW_WOLFE_TRIALS 40 /* of one search at most */

#endif
