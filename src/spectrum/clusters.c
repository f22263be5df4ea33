/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <thalweg/spectrum/levels.h>
#include <thalweg/spectrum/spectrum.h>
#include <thalweg/spectrum/zero_rule.h>

void tw_eigenpairs_clear(tw_eigenpairs *pairs) {
    if (pairs == NULL) return;
    free(pairs->values);
    free(pairs->vectors);
    free(pairs->residuals);
    *pairs = (tw_eigenpairs){0};
}

/* The mean is taken of the distances to the lowest member, so that members that agree to the last
 * digit have exactly that mean. */
static tw_level describe(size_t first, size_t end, const double *values, const double *residuals) {
    tw_level level = {.copies = end - first};
    double excess = 0.0;
    for (size_t i = first; i < end; i++) {
        excess += values[i] - values[first];
        if (residuals && residuals[i] > level.residual) level.residual = residuals[i];
    }
    level.value = values[first] + excess / (double)level.copies;
    return level;
}

void tw_clusters_find(size_t count, const double *values, const double *residuals, double tolerance,
                      const tw_zero_rule *zero, tw_level *levels, size_t *found) {
    *found = 0;
    for (size_t first = 0, end; first < count; first = end) {
        int sign = zero ? tw_zero_rule_sign(zero, values[first]) : 0;
        for (end = first + 1; end < count && values[end] - values[end - 1] <= tolerance; end++)
            if (zero && tw_zero_rule_sign(zero, values[end]) != sign) break;
        levels[(*found)++] = describe(first, end, values, residuals);
    }
}
