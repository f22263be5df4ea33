/* SPDX-License-Identifier: GPL-3.0-or-later */
/* f along theta + t v in ball arithmetic; what comes out are doubles rounded outwards. */
#ifndef TW_CERTIFICATE_PRIVATE_H
#define TW_CERTIFICATE_PRIVATE_H

#include <stdbool.h>
#include <thalweg/certificate/certificate.h>

/* Whether to go on: asked between the slices of a pass. From `stopped` on the passes only hurry to
 * their end, and what they give means nothing. */
typedef struct tw_ball_watch {
    const tw_monitor *monitor; /* borrowed, may be NULL */
    bool stopped;
} tw_ball_watch;

/* Asks; true from the first yes on. */
bool tw_ball_watch_stops(tw_ball_watch *watch);

typedef struct tw_ball_line tw_ball_line; /* opaque: theta and v as exact balls */

/* Borrows model and watch. TW_ERR_UNSUPPORTED: a loss or an activation that has no balls. */
tw_status tw_ball_line_create(const tw_dufm *model, const double *theta, const double *v,
                              tw_ball_watch *watch, tw_ball_line **line);
void tw_ball_line_destroy(tw_ball_line *line); /* NULL-safe */

/* (v^T H v)/(v^T v); NAN when v = 0. Returns how many pre-activations cannot be told from a kink:
 * with any, there is no such number, and the enclosure is NAN. */
size_t tw_ball_line_rayleigh(tw_ball_line *line, size_t bits, tw_enclosure *rayleigh);

/* ||g||_2 at theta; NAN on a kink. */
tw_status tw_ball_line_gradient(tw_ball_line *line, size_t bits, tw_enclosure *norm);

/* Of the two signs of t the one that does not climb at first, after tw_ball_line_rayleigh. */
double tw_ball_line_sign(const tw_ball_line *line);

/* A step t against what it should give. */
typedef struct tw_ball_fall {
    tw_enclosure fall;    /* f(theta) - f(theta + t v); kinks on the way do no harm */
    tw_enclosure promise; /* -t^2 v^T H v / 2 */
    tw_enclosure slope;   /* |t| ||v|| ||g||: what the gradient alone could give */
} tw_ball_fall;

/* After both figures above, which it takes from there. */
tw_status tw_ball_line_fall(const tw_ball_line *line, double t, size_t bits, tw_ball_fall *fall);

#endif
