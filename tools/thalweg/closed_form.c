/* SPDX-License-Identifier: GPL-3.0-or-later */
/* spectrum --closed-form: an optimum that no file holds, at any size. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <thalweg/sectors.h>

#include "spectrum.h"

static tw_status read_case(const cli_settings *settings, tw_closed_case *given) {
    const struct {
        size_t value;
        const char *name;
    } needed[] = {{settings->classes, "classes"},
                  {settings->samples, "samples"},
                  {settings->width, "width"},
                  {settings->depth, "depth"}};
    for (size_t i = 0; i < sizeof needed / sizeof *needed; i++)
        if (needed[i].value == 0)
            return tw_fail(TW_ERR_ARGUMENT, "--closed-form needs --%s", needed[i].name);
    if (!(settings->lambda > 0.0)) return tw_fail(TW_ERR_ARGUMENT, "--closed-form needs --lambda");
    *given = (tw_closed_case){.classes = settings->classes,
                              .samples = settings->samples,
                              .width = settings->width,
                              .layers = settings->depth,
                              .lambda = settings->lambda,
                              .loss = tw_loss_find(settings->loss ? settings->loss : "ce")};
    return TW_OK;
}

/* Sectors of a form without a formula for its spectrum. */
static tw_status levels_by_sectors(const tw_closed_form *form, tw_sectors *sectors) {
    tw_status status = TW_OK;
    const tw_closed_case *given = &form->given;
    size_t K = given->classes, L = given->layers, *widths = calloc(L + 1, sizeof *widths);
    double *Z = calloc(K * K, sizeof *Z), *sizes = calloc(K, sizeof *sizes);
    double *lambda = calloc(L, sizeof *lambda);
    const tw_sector_options options = TW_SECTOR_DEFAULTS;
    TW_TRY(widths && Z && sizes && lambda
               ? TW_OK
               : tw_fail(TW_ERR_MEMORY, "no memory for %zu x %zu class logits", K, K));
    TW_TRY(tw_closed_form_class_logits(form, Z));
    for (size_t k = 0; k < K; k++) sizes[k] = (double)given->samples;
    for (size_t l = 0; l < L; l++) {
        widths[l] = given->width;
        lambda[l] = given->lambda;
    }
    widths[L] = K;
    const tw_class_logits logits = {.Z = Z,
                                    .class_sizes = sizes,
                                    .layers = L,
                                    .widths = widths,
                                    .lambda_W = lambda,
                                    .lambda_H = given->lambda,
                                    .loss = given->loss};
    TW_TRY(tw_sectors_of_logits(&logits, &options, sectors));
cleanup:
    free(Z);
    free(sizes);
    free(widths);
    free(lambda);
    return status;
}

static tw_status find_levels(const cli_invocation *run, const tw_closed_form *form,
                             cli_spectrum *s) {
    tw_status status = TW_OK;
    tw_sectors sectors = {0};
    s->method = "closed-form";
    if (form->has_spectrum) return spectrum_from_levels(&run->settings, &form->levels, s);
    s->method = "sectors";
    TW_TRY(levels_by_sectors(form, &sectors));
    TW_TRY(sectors.applicable
               ? TW_OK
               : tw_fail(TW_ERR_UNSUPPORTED, "sectors do not apply: %s", sectors.refusal));
    TW_TRY(spectrum_from_levels(&run->settings, &sectors.levels, s));
cleanup:
    tw_sectors_clear(&sectors);
    return status;
}

static const char *stability_name(tw_closed_stability stability) {
    static const char *const names[] = {"unknown", "stable", "saddle"};
    return names[stability];
}

static tw_status form_to_json(const tw_closed_form *form, tw_json *object) {
    tw_status status = TW_OK;
    tw_json *scales = tw_json_array();
    TW_TRY(tw_json_set(object, "scales", scales));
    for (size_t i = 0; i < form->part_count; i++)
        TW_TRY(tw_json_append(scales, tw_json_number(form->parts[i].scale)));
    TW_TRY(tw_json_set(object, "name", tw_json_string(form->kind->name)));
    TW_TRY(tw_json_set(object, "exists", tw_json_boolean(form->exists)));
    TW_TRY(tw_json_set(object, "rank", tw_json_integer((long long)form->rank)));
    TW_TRY(tw_json_set(object, "fold_lambda", tw_json_number(form->fold_lambda)));
    TW_TRY(tw_json_set(object, "stable_lambda", tw_json_number(form->stable_lambda)));
    TW_TRY(tw_json_set(object, "beats_zero_lambda", tw_json_number(form->beats_zero_lambda)));
    TW_TRY(tw_json_set(object, "stability", tw_json_string(stability_name(form->stability))));
    TW_TRY(tw_json_set(object, "orbit_zero_modes",
                       tw_json_integer((long long)form->orbit_zero_modes)));
    TW_TRY(tw_json_set(object, "other_zero_modes",
                       tw_json_integer((long long)form->other_zero_modes)));
cleanup:
    return status;
}

static tw_status case_to_json(const tw_closed_case *given, tw_json *object) {
    tw_status status = TW_OK;
    TW_TRY(tw_json_set(object, "loss", tw_json_string(given->loss->name)));
    TW_TRY(tw_json_set(object, "classes", tw_json_integer((long long)given->classes)));
    TW_TRY(tw_json_set(object, "samples_per_class", tw_json_integer((long long)given->samples)));
    TW_TRY(tw_json_set(object, "width", tw_json_integer((long long)given->width)));
    TW_TRY(tw_json_set(object, "depth", tw_json_integer((long long)given->layers)));
    TW_TRY(tw_json_set(object, "lambda", tw_json_number(given->lambda)));
cleanup:
    return status;
}

static tw_status record_form(const cli_invocation *run, const tw_closed_form *form,
                             const cli_spectrum *s) {
    tw_status status = TW_OK;
    tw_json *input = tw_json_object(), *result = tw_json_object(), *member = tw_json_object();
    TW_TRY(input && result && member ? TW_OK : TW_ERR_MEMORY);
    TW_TRY(case_to_json(&form->given, input));
    TW_TRY(tw_json_set(result, "loss", tw_json_number(form->loss)));
    TW_TRY(tw_json_set(result, "fit", tw_json_number(form->fit)));
    TW_TRY(tw_json_set(result, "penalty", tw_json_number(form->penalty)));
    TW_TRY(form_to_json(form, member));
    status = tw_json_set(result, "closed_form", member);
    member = NULL;
    TW_TRY(status);
    TW_TRY(spectrum_to_json(s, result));
    status = write_record(run, input, result);
    input = result = NULL;
cleanup:
    tw_json_destroy(input);
    tw_json_destroy(result);
    tw_json_destroy(member);
    return status;
}

static void print_form(const tw_closed_form *form) {
    printf("%s: rank %zu, %" PRIu64 " parameters\n", form->kind->name, form->rank,
           form->parameters);
    printf("exists for lambda <= %.8g", form->fold_lambda);
    if (!isnan(form->beats_zero_lambda)) printf(", beats zero below %.8g", form->beats_zero_lambda);
    if (!isnan(form->stable_lambda)) printf(", stable below %.8g", form->stable_lambda);
    printf("\n");
    if (!form->exists) return;
    for (size_t i = 0; i < form->part_count; i++)
        printf("%s = %.15g for %zu block%s of %zu\n", form->symbol, form->parts[i].scale,
               form->parts[i].count, form->parts[i].count == 1 ? "" : "s", form->parts[i].size);
    printf("loss %.12g = fit %.12g + penalty %.12g\n", form->loss, form->fit, form->penalty);
}

int run_closed_form(const cli_invocation *run) {
    tw_status status = TW_OK;
    tw_closed_case given;
    tw_closed_form form = {0};
    cli_spectrum s = {0};
    int code = EXIT_NEGATIVE; /* beyond the fold: there is no such optimum */
    TW_TRY(read_case(&run->settings, &given));
    TW_TRY(tw_closed_form_solve(&given, run->settings.closed_form, &form));
    s.method = "closed-form";
    s.reason = "does not exist";
    s.parameters = form.parameters;
    if (form.exists) {
        TW_TRY(find_levels(run, &form, &s));
        code = EXIT_DONE;
    }
    if (wants_table(run)) {
        print_form(&form);
        if (form.exists)
            spectrum_print(&s);
        else
            printf("lambda = %.8g is beyond the fold: there is no such optimum.\n", given.lambda);
    }
    if (run->settings.json) TW_TRY(record_form(run, &form, &s));
cleanup:
    tw_closed_form_clear(&form);
    spectrum_clear(&s);
    return status == TW_OK ? code : report_failure(status);
}
