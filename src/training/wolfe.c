/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The search of Nocedal and Wright, Numerical Optimization, 2006, algorithms 3.5 and 3.6, with
 * Moré and Thuente's safeguards of the interpolation (ACM TOMS 20, 1994). A step t is taken when
 *     (1)  phi(t) <= phi(0) + 1e-4 t phi'(0)          (2)  |phi'(t)| <= 0.9 |phi'(0)|.
 * Trials move out until an interval holds such a step: one that rises above the line of (1) or
 * above the lowest trial, or one that has a slope upwards, closes it. From then on lo satisfies
 * (1), is the lowest of all that do, and points into the interval, whatever other valleys lie in
 * it; so there is a step between lo and hi, and the interval shrinks around it. */
#include "training/wolfe_private.h"

#include <float.h>
#include <math.h>

#define FALL 1e-4
#define BEND 0.9
#define NEAREST 1.1  /* a trial further out goes by this part of the last distance at least, */
#define FURTHEST 4.0 /* and by this at most */
#define END_PART 0.1 /* of the interval, that a trial within keeps from both ends */
#define SHRINKS 0.66 /* two trials shrink the interval by this much, or it is halved */
#define LONGEST 1e20

void tw_wolfe_start(tw_wolfe *search, double slope, double t) {
    *search = (tw_wolfe){.slope = slope, .t = t, .lo.slope = slope, .hi.slope = slope};
}

/* Where the cubic with the values and slopes of both ends is lowest; NAN: nowhere, or beyond the
 * range of numbers. */
static double cubic_minimiser(const tw_wolfe_trial *a, const tw_wolfe_trial *b) {
    double d = a->slope + b->slope - 3.0 * (a->change - b->change) / (a->t - b->t);
    double root = copysign(sqrt(d * d - a->slope * b->slope), b->t - a->t);
    return b->t - (b->t - a->t) * (b->slope + root - d) / (b->slope - a->slope + 2.0 * root);
}

static double further_out(const tw_wolfe *search) {
    double last = search->lo.t - search->hi.t, at = search->lo.t;
    double t = cubic_minimiser(&search->hi, &search->lo);
    if (!(t > at)) return at + FURTHEST * last;
    return fmin(fmax(t, at + NEAREST * last), at + FURTHEST * last);
}

/* halve: the interpolation does not get on. */
static double within(const tw_wolfe *search, bool halve) {
    double a = search->lo.t, width = search->hi.t - a;
    double part = halve ? 0.5 : (cubic_minimiser(&search->lo, &search->hi) - a) / width;
    if (isnan(part)) part = 0.5;
    return a + width * fmin(fmax(part, END_PART), 1.0 - END_PART);
}

/* Keeps what `search` says of lo and hi. */
static void place(tw_wolfe *search, const tw_wolfe_trial *at) {
    if (at->change > FALL * at->t * search->slope || !(at->change < search->lo.change)) {
        search->hi = *at;
        search->closed = true;
        return;
    }
    bool away = search->closed ? at->slope * (search->hi.t - search->lo.t) >= 0.0 : at->slope >= 0;
    if (away || !search->closed) search->hi = search->lo;
    search->closed = search->closed || away;
    search->lo = *at;
}

tw_wolfe_verdict tw_wolfe_tell(tw_wolfe *search, double change, double slope) {
    const tw_wolfe_trial at = {search->t, change, slope};
    bool was_closed = search->closed;
    search->trials++;
    if (change <= FALL * at.t * search->slope && fabs(slope) <= -BEND * search->slope)
        return TW_WOLFE_TAKE;
    place(search, &at);
    if (search->trials >= TW_WOLFE_TRIALS) return TW_WOLFE_NOTHING;
    if (!search->closed) {
        search->t = further_out(search);
        return search->t <= LONGEST ? TW_WOLFE_GO_ON : TW_WOLFE_RUNAWAY;
    }
    double width = fabs(search->hi.t - search->lo.t);
    if (width <= DBL_EPSILON * fmax(search->hi.t, search->lo.t)) return TW_WOLFE_NOTHING;
    bool halve = was_closed && width > SHRINKS * search->widths[0];
    if (!was_closed) search->widths[1] = INFINITY;
    search->widths[0] = search->widths[1];
    search->widths[1] = width;
    search->t = within(search, halve);
    return TW_WOLFE_GO_ON;
}
