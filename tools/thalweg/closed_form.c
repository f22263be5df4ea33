/* SPDX-License-Identifier: GPL-3.0-or-later */
/* spectrum --closed-form: an optimum that no file holds, at any size. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <thalweg/optima/sectors.h>

#include "plan.h"
#include "progress.h"
#include "spectrum.h"

tw_status closed_case_read(const cli_settings *settings, const char *const *needed,
                           tw_closed_case *given) {
    for (; *needed; needed++)
        if (!settings_given(settings, *needed))
            return tw_fail(TW_ERR_ARGUMENT, "--closed-form needs --%s", *needed);
    *given = (tw_closed_case){.classes = settings->classes,
                              .samples = settings->samples,
                              .width = settings->width,
                              .layers = settings->depth,
                              .lambda = settings->lambda,
                              .loss = tw_loss_find(settings->loss ? settings->loss : "ce")};
    return TW_OK;
}

/* What the sectors take; nothing where there is a formula for the spectrum. */
static tw_cost sector_cost(const tw_closed_form *form) {
    tw_cost cost = {0};
    if (!form->has_spectrum && form->exists)
        tw_sectors_cost_of(form->given.layers, form->given.classes, form->rank, &cost);
    return cost;
}

/* Coordinates of the signal sector; 0 where there is a formula for the spectrum. */
static double sector_order(const tw_closed_form *form) {
    double L = (double)form->given.layers, K = (double)form->given.classes, r = (double)form->rank;
    return form->has_spectrum || !form->exists ? 0.0 : (L - 1.0) * r * r + 2.0 * K * r;
}

/* What the spectrum says about a form whose stability no formula knows. */
static void judge(const tw_zero_rule *zero, tw_closed_form *form) {
    if (form->stability != TW_CLOSED_UNKNOWN || tw_zero_rule_doubt(zero) != TW_ZERO_CLEAR) return;
    form->stability = zero->negative > 0 ? TW_CLOSED_SADDLE : TW_CLOSED_STABLE;
}

static tw_status find_by_sectors(const cli_settings *settings, tw_closed_form *form,
                                 cli_spectrum *s) {
    tw_status status = TW_OK;
    tw_sectors sectors = {0};
    tw_sector_options options = TW_SECTOR_DEFAULTS;
    options.budget = progress_budget(settings);
    s->method = "sectors";
    TW_TRY(tw_sectors_of_form(form, &options, &sectors));
    TW_TRY(sectors.applicable
               ? TW_OK
               : tw_fail(TW_ERR_UNSUPPORTED, "sectors do not apply: %s", sectors.refusal));
    judge(&sectors.zero, form);
    TW_TRY(spectrum_from_levels(settings, &sectors.levels, &sectors.zero, s));
cleanup:
    tw_sectors_clear(&sectors);
    return status;
}

/* The facts about a form cost nothing; only its spectrum may be out of reach: then s->reason says
 * why. */
static tw_status find_levels(const cli_settings *settings, tw_closed_form *form, cli_spectrum *s) {
    double order = sector_order(form);
    s->method = "closed-form";
    if (form->has_spectrum) return spectrum_from_levels(settings, &form->levels, &form->zero, s);
    s->method = "sectors";
    if (order > (double)settings->dense_limit)
        s->reason = "dense limit";
    else if (sector_cost(form).bytes > memory_limit(settings))
        s->reason = "memory limit";
    else
        return find_by_sectors(settings, form, s);
    return TW_OK;
}

static const char *stability_name(tw_closed_stability stability) {
    static const char *const names[] = {"unknown", "stable", "saddle"};
    return names[stability];
}

static tw_status form_to_json(const tw_closed_form *form, tw_json *object) {
    tw_status status = TW_OK;
    tw_json *scales = tw_json_array(), *others = tw_json_array();
    status = tw_json_set(object, "scales", scales);
    TW_TRY(tw_json_set(object, "other_scales", others));
    TW_TRY(status);
    for (size_t i = 0; i < form->part_count; i++) {
        TW_TRY(tw_json_append(scales, tw_json_number(form->parts[i].scale)));
        TW_TRY(tw_json_append(others, tw_json_number(form->parts[i].other_scale)));
    }
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

tw_status closed_case_to_json(const tw_closed_case *given, tw_json *object) {
    tw_status status = TW_OK;
    TW_TRY(tw_json_set(object, "loss", tw_json_string(given->loss->name)));
    TW_TRY(tw_json_set(object, "classes", tw_json_integer((long long)given->classes)));
    TW_TRY(tw_json_set(object, "samples_per_class", tw_json_integer((long long)given->samples)));
    if (given->width > 0)
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
    TW_TRY(closed_case_to_json(&form->given, input));
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

/* With the fewest digits that read back the same: what is printed as the fold does exist. */
static void print_lambda(const char *before, double lambda) {
    char text[32];
    int digits = 8;
    do {
        snprintf(text, sizeof text, "%.*g", digits, lambda);
    } while (digits++ < 17 && strtod(text, NULL) != lambda);
    printf("%s%s", before, text);
}

static void print_thresholds(const tw_closed_form *form) {
    bool open = form->given.layers == 1; /* the root starts from zero at the fold */
    if (isinf(form->fold_lambda))
        printf("exists for every lambda");
    else
        print_lambda(open ? "exists for lambda < " : "exists for lambda <= ", form->fold_lambda);
    if (!isnan(form->beats_zero_lambda))
        print_lambda(", beats zero below ", form->beats_zero_lambda);
    if (form->stable_lambda == 0.0)
        printf(", stable below a lambda too small for a double");
    else if (!isnan(form->stable_lambda))
        print_lambda(", stable below ", form->stable_lambda);
    printf("\n");
}

static void print_form(const tw_closed_form *form) {
    printf("%s: rank %zu, %" PRIu64 " parameters\n", form->kind->name, form->rank,
           form->parameters);
    print_thresholds(form);
    if (!form->exists) return;
    for (size_t i = 0; i < form->part_count; i++) {
        const tw_closed_part *part = &form->parts[i];
        printf("%s = %.15g for %zu block%s of %zu", form->symbol, part->scale, part->count,
               part->count == 1 ? "" : "s", part->size);
        if (!isnan(part->other_scale))
            printf(" (the smaller root, towards zero: %.15g)", part->other_scale);
        printf("\n");
    }
    printf("loss %.12g = fit %.12g + penalty %.12g\n", form->loss, form->fit, form->penalty);
    printf("stability: %s\n", stability_name(form->stability));
}

static void print_outcome(const tw_closed_form *form, const cli_spectrum *s) {
    print_form(form);
    if (!form->exists) {
        print_lambda("lambda = ", form->given.lambda);
        printf(" is beyond the fold: there is no such optimum.\n");
    } else if (s->converged) {
        spectrum_print(s);
    } else {
        printf(
            "no spectrum (%s): the signal sector has %.0f coordinates, a matrix of %.3g GB; "
            "--dense-limit and --memory-limit bound it.\n",
            s->reason, sector_order(form), 1e-9 * sector_cost(form).bytes);
    }
}

/* --plan: say what it would cost. */
static tw_status show_plan(const cli_invocation *run, const tw_closed_form *form) {
    tw_status status = TW_OK;
    cli_plan plan;
    tw_json *input = NULL;
    const tw_cost cost = sector_cost(form);
    TW_TRY(plan_make(NULL, cost.flops > 0.0 ? "sectors" : "closed-form", &cost, &plan));
    plan.parameters = form->parameters;
    if (wants_table(run)) plan_print(&plan, form->kind->name);
    input = tw_json_object();
    TW_TRY(input ? TW_OK : TW_ERR_MEMORY);
    TW_TRY(closed_case_to_json(&form->given, input));
    status = write_record(run, input, plan_json(&plan));
    input = NULL;
cleanup:
    tw_json_destroy(input);
    return status;
}

static tw_status answer(const cli_invocation *run, tw_closed_form *form, int *code) {
    tw_status status = TW_OK;
    cli_spectrum s = {
        .method = "closed-form", .reason = "does not exist", .parameters = form->parameters};
    *code = EXIT_NEGATIVE; /* beyond the fold */
    if (form->exists) {
        TW_TRY(find_levels(&run->settings, form, &s));
        *code = s.converged ? EXIT_DONE : EXIT_NOT_CONVERGED;
    }
    if (wants_table(run)) print_outcome(form, &s);
    if (wants_record(run)) TW_TRY(record_form(run, form, &s));
cleanup:
    spectrum_clear(&s);
    return status;
}

int run_closed_form(const cli_invocation *run) {
    tw_status status = TW_OK;
    static const char *const needed[] = {"classes", "samples", "width", "depth", "lambda", NULL};
    tw_closed_case given;
    tw_closed_form form = {0};
    int code = EXIT_DONE;
    TW_TRY(closed_case_read(&run->settings, needed, &given));
    TW_TRY(tw_closed_form_solve(&given, run->settings.closed_form, &form));
    if (run->settings.plan)
        status = show_plan(run, &form);
    else
        status = answer(run, &form, &code);
cleanup:
    tw_closed_form_clear(&form);
    return status == TW_OK ? code : report_failure(status);
}
