/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The lambda at which a form ceases to exist, to beat zero and to be stable.
 *
 * Blocks do not interact, and both the scale and the loss depend on lambda and n through target =
 * lambda K n^{1/(L+1)} alone: thresholds are found for the target. Along the branch of larger roots
 * d loss/d lambda = penalty/lambda > 0 (the scale is optimal), so each threshold is crossed once.
 */
#include "optima/closed_form_private.h"

#include <math.h>

double tw_closed_target_scale(const tw_closed_case *given) {
    double root = 1.0 / (double)(given->layers + 1);
    return (double)given->classes * pow((double)given->samples, root);
}

tw_pull tw_closed_pull(const tw_closed_case *given, const tw_closed_part *part) {
    double L = (double)given->layers;
    return (tw_pull){.ce = tw_closed_is_ce(given),
                     .classes = (double)given->classes,
                     .size = (double)part->size,
                     .power = (L - 1.0) / (L + 1.0)};
}

/* Loss of one block minus what its part of the data costs at zero. With residual x^c = target the
 * penalty (lambda/2)(L+1) rank s^2 is (L+1) rank x residual/(2K). */
static double part_gain(const tw_closed_form *form, const tw_closed_part *part, double target) {
    tw_pull pull = tw_closed_pull(&form->given, part);
    double rank = (double)part->rank, L = (double)form->given.layers;
    double share = pull.ce ? pull.size : rank, at_zero = pull.ce ? log(pull.classes) : 0.5;
    tw_pull_root root;
    if (!tw_pull_solve(&pull, target, &root)) return INFINITY;
    return (share * (tw_pull_fit(&pull, &root) - at_zero) +
            0.5 * (L + 1.0) * rank * root.x * root.residual) /
           pull.classes;
}

static double gain(const void *self, double log_target) {
    const tw_closed_form *form = self;
    double sum = 0.0;
    for (size_t i = 0; i < form->part_count; i++)
        sum += (double)form->parts[i].count * part_gain(form, &form->parts[i], exp(log_target));
    return sum;
}

/* For L = 1 every scale, and with it the gain, starts from zero at the fold. */
static double beats_zero(const tw_closed_form *form, double fold) {
    double top = log(fold), step = 1.0;
    if (form->given.layers == 1 || !(gain(form, top) > 0.0)) return fold;
    while (gain(form, top - step) > 0.0) step *= 2.0;
    return exp(tw_bisect(gain, form, top, top - step));
}

/* K = 3: determinant over lambda^2 of the 2 x 2 matrix of (4.3), see closed_form_spectrum.c. */
static double three_class_determinant(const void *self, double t) {
    const tw_pull *pull = self;
    double a = exp(t), k = a / 3.0, D = -expm1(-a) / (1.0 + 2.0 * exp(-a));
    double more = 2.0 / (1.0 - pull->power); /* L + 1 */
    return (more * k - (more - 2.0)) * (1.0 + k + k * D) + more * k * D * (1.0 + k);
}

/* ce: for K >= 4 the level with K(K-3)/2 copies vanishes at a = K c and is the last to do so. For K
 * = 3 it has no copies and the class-mean pair decides: negative at the fold, positive at a = K c.
 * For K = 2 only the scale is left, which vanishes at the fold; so does the last level for mse. */
static double stable(const tw_closed_form *form, double fold) {
    tw_pull pull = tw_closed_pull(&form->given, &form->parts[0]);
    double top;
    if (!tw_closed_is_collapse(form)) return NAN;
    if (!pull.ce || form->given.classes == 2 || form->given.layers == 1) return fold;
    top = log(pull.classes * pull.power);
    if (form->given.classes == 3)
        top = tw_bisect(three_class_determinant, &pull, top, tw_pull_peak(&pull));
    return tw_pull_target(&pull, top);
}

void tw_closed_thresholds(tw_closed_form *form) {
    double scale = tw_closed_target_scale(&form->given), fold = INFINITY;
    form->fold_lambda = INFINITY;
    form->beats_zero_lambda = form->stable_lambda = NAN;
    for (size_t i = 0; i < form->part_count; i++) {
        tw_pull pull = tw_closed_pull(&form->given, &form->parts[i]);
        fold = fmin(fold, tw_pull_fold(&pull));
    }
    if (form->part_count == 0) return;
    form->fold_lambda = fold / scale;
    while (form->fold_lambda * scale > fold) form->fold_lambda = nextafter(form->fold_lambda, 0.0);
    form->beats_zero_lambda = beats_zero(form, fold) / scale;
    form->stable_lambda = stable(form, fold) / scale;
}
