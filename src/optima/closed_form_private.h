/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The scale equation of one block, and what depends on its root. */
#ifndef TW_CLOSED_FORM_PRIVATE_H
#define TW_CLOSED_FORM_PRIVATE_H

#include <stdbool.h>
#include <thalweg/optima/closed_form.h>

/* A kind with what stays inside: its parts from the argument (NULL when it takes none). */
typedef struct tw_closed_row {
    tw_closed_kind kind;
    const char *symbol; /* of the scale with ce; "q" with mse */
    double unit;        /* nonzero singular value of the class logits over the scale */
    tw_status (*arrange)(const char *argument, tw_closed_form *form);
} tw_closed_row;

/* Take a text like "blocks:8,2" apart. row, argument: out, the second within the text. */
tw_status tw_closed_read(const char *text, const tw_loss *loss, const tw_closed_row **row,
                         const char **argument);

/* residual(x) x^power = target, see closed_form_scale.c. */
typedef struct tw_pull {
    bool ce;
    double classes; /* K */
    double size;    /* k: classes of the block; K for mse */
    double power;   /* c = (L-1)/(L+1) */
} tw_pull;

typedef struct tw_pull_root {
    double x;        /* a or q */
    double residual; /* target / x^power */
} tw_pull_root;

/* Where x^power residual(x) is largest, as t (closed_form_scale.c); power > 0. */
double tw_pull_peak(const tw_pull *pull);

/* The target that has its root at t. */
double tw_pull_target(const tw_pull *pull, double t);

/* The target at the peak; 1, the limit at x = 0, for power 0. No larger target has a root. */
double tw_pull_fold(const tw_pull *pull);

/* The larger root; false when the target is beyond the fold. */
bool tw_pull_solve(const tw_pull *pull, double target, tw_pull_root *root);

/* The smaller root, given that the larger exists; NAN for power 0. */
double tw_pull_other(const tw_pull *pull, double target);

/* The mean loss of the classes of one block (times their share is left to the caller). */
double tw_pull_fit(const tw_pull *pull, const tw_pull_root *root);

/* A point between positive and negative, f(positive) > 0 >= f(negative), where f changes sign, to
 * the last bit; the one on the positive side. */
typedef double (*tw_scalar_fn)(const void *self, double x);
double tw_bisect(tw_scalar_fn f, const void *self, double positive, double negative);

bool tw_closed_is_ce(const tw_closed_case *given); /* otherwise mse */

/* lambda K n^{1/(L+1)} over lambda: what a target has to be divided by. */
double tw_closed_target_scale(const tw_closed_case *given);

/* The equation of one part. */
tw_pull tw_closed_pull(const tw_closed_case *given, const tw_closed_part *part);

/* Whether the form is deep neural collapse: then the spectrum is known. */
bool tw_closed_is_collapse(const tw_closed_form *form);

/* Zero with L = 1: pairs of modes that grow together, each lambda -+ 1/(K sqrt n). For L >= 2 the
 * logits are of third order or higher: none. */
uint64_t tw_closed_growth_pairs(const tw_closed_case *given);

/* Is lambda that threshold, as far as doubles can tell? */
bool tw_closed_is_marginal(const tw_closed_case *given);

/* Thresholds of a form whose parts are laid out: fold, beats zero, stable. */
void tw_closed_thresholds(tw_closed_form *form);

/* The levels of zero or of a collapsed form that exists; nothing for others. */
tw_status tw_closed_spectrum(tw_closed_form *form);

#endif
