/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Read a trained point, polish it, and say how degenerate it is.
 *     01_count_modes examples/data/torch-linear-K4-rank2.safetensors */
#include <stdio.h>
#include <thalweg/thalweg.h>

static void print(const char *path, const tw_examination *e) {
    const tw_degeneracy_result *counts = &e->degeneracy;
    printf("%s\n", path);
    printf("gradient norm %.1e before polishing, %.1e after %zu steps\n", e->before.gradient_norm,
           e->after.gradient_norm, e->polish.newton.iterations);
    printf("loss %.12f, logits of rank %zu\n", e->after.loss, e->after.shape.logit_rank);
    printf("%zu negative, %zu zero (%zu by symmetry), %zu positive modes\n", counts->negative_modes,
           counts->zero_modes, counts->symmetry_modes, counts->positive_modes);
    printf("smallest non-zero eigenvalue %.6g: %s\n", counts->smallest_nonzero,
           tw_verdict_name(counts->verdict));
}

int main(int argc, char **argv) {
    tw_status status = TW_OK;
    tw_bundle bundle = {0};
    tw_point point = {0};
    tw_evaluator *evaluator = NULL;
    tw_examination examination = {0};
    const tw_examination_options options = TW_EXAMINATION_DEFAULTS;
    if (argc != 2) {
        fprintf(stderr, "usage: %s FILE\n", argv[0]);
        return 2;
    }
    TW_TRY(tw_bundle_read(argv[1], &bundle));
    TW_TRY(tw_point_from_bundle(&bundle, &point));
    TW_TRY(tw_evaluator_create(&point.model, &evaluator));
    TW_TRY(tw_point_examine(evaluator, &options, point.theta, &examination));
    print(argv[1], &examination);
cleanup:
    if (status != TW_OK) fprintf(stderr, "%s\n", tw_last_error());
    tw_examination_clear(&examination);
    tw_evaluator_destroy(evaluator);
    tw_point_clear(&point);
    tw_bundle_clear(&bundle);
    return status == TW_OK ? 0 : 3;
}
