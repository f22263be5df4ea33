/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The figures and what they are invariant to. None keeps its value under a rescaling of one layer
 * against another, nor under any other change of the units of theta, unless it says so. */
#include <stddef.h>
#include <stdint.h>
#include <thalweg/curvature/flatness.h>

#define AT(field) offsetof(tw_flat_part, field)

static const tw_flat_figure figures[] = {
    {"largest", "largest eigenvalue", AT(largest),
     "linear in f; not changed by flat or null dimensions, so not by the width at collapse"},
    {"smallest_nonzero", "smallest non-zero |t|", AT(smallest),
     "linear in f; not changed by flat dimensions"},
    {"condition", "condition, non-zero modes", AT(condition),
     "c f, and one common change of the units of theta; not changed by flat dimensions"},
    {"trace", "trace", AT(trace),
     "linear in f; not changed by flat dimensions; null ones add their ridges: grows with width"},
    {"frobenius", "Frobenius norm", AT(frobenius),
     "linear in f; not changed by flat dimensions; null ones add their ridges: grows with width"},
    {"log_det_nonzero", "log |det|, non-zero modes", AT(log_det),
     "c f adds log c for each non-zero mode; less twice the log volume of the orbit it survives "
     "every change of coordinates that keeps volumes"},
    {"zero_modes", "zero modes", AT(zero_modes),
     "c f, and at critical points every smooth change of coordinates"},
    {"sharpness", "worst rise in a ball", SIZE_MAX,
     "linear in f; epsilon is absolute, in the units of theta"},
    {"mean_rise", "mean rise under noise", SIZE_MAX,
     "linear in f; sigma is absolute, in the units of theta"},
};

const tw_flat_figure *tw_flat_figure_at(size_t index) {
    return index < sizeof figures / sizeof *figures ? &figures[index] : NULL;
}

const char *tw_flat_common_invariance(void) {
    return "f + c, and isometries of theta that leave f alone: rotations of hidden spaces, "
           "permutations of samples and of classes of equal size";
}

const tw_estimate *tw_flat_figure_of(const tw_flat_figure *figure, const tw_flat_part *part) {
    return (const tw_estimate *)(const void *)((const char *)part + figure->offset);
}
