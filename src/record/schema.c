/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The one table of all records. */
#include <thalweg/record/campaign_record.h>
#include <thalweg/record/certificate_record.h>
#include <thalweg/record/claims_record.h>
#include <thalweg/record/descent_plan.h>
#include <thalweg/record/energy_record.h>
#include <thalweg/record/estimate_record.h>
#include <thalweg/record/file_record.h>
#include <thalweg/record/point_record.h>
#include <thalweg/record/record.h>
#include <thalweg/record/slice_record.h>
#include <thalweg/record/spectrum_record.h>
#include <thalweg/record/training_record.h>

static const tw_schema schemas[] = {
    {"info", "", &tw_input_fields, &tw_description_fields, false},
    {"polish", "", &tw_input_fields, &tw_polished_fields, false},
    {"polish", "--plan", &tw_input_fields, &tw_plan_fields, false},
    {"train", "", &tw_input_fields, &tw_training_fields, false},
    {"train", "--plan", &tw_input_fields, &tw_descent_plan_fields, false},
    {"basins", "", NULL, &tw_summary_fields, false},
    {"basins", "--only", NULL, &tw_restart_fields, false},
    {"verify", "", NULL, &tw_verify_fields, false},
    {"critical", "", &tw_input_fields, &tw_critical_fields, false},
    {"slice", "", &tw_input_fields, &tw_slice_fields, false},
    {"spectrum", "", &tw_input_fields, &tw_spectrum_fields, false},
    {"spectrum", "--near-zero, --below, --interval", &tw_input_fields, &tw_inside_fields, false},
    {"spectrum", "--closed-form", &tw_closed_input_fields, &tw_closed_fields, false},
    {"spectrum", "--plan", &tw_input_fields, &tw_plan_fields, false},
    {"degeneracy", "", &tw_input_fields, &tw_examination_fields, false},
    {"certify", "", &tw_input_fields, &tw_certify_fields, false},
    {"certify", "--check", &tw_input_fields, &tw_check_fields, false},
    {"density", "", &tw_input_fields, &tw_density_fields, false},
    {"density", "--plan", &tw_input_fields, &tw_plan_fields, false},
    {"trace", "", &tw_input_fields, &tw_trace_fields, false},
    {"trace", "--plan", &tw_input_fields, &tw_plan_fields, false},
    {"flatness", "", &tw_input_fields, &tw_flatness_fields, false},
    {"flatness", "--plan", &tw_input_fields, &tw_plan_fields, false},
    {"free-energy", "", &tw_input_fields, &tw_weights_fields, true},
    {"free-energy", "--closed-form", &tw_closed_input_fields, &tw_sweep_fields, true},
    {"compare", "", &tw_input_fields, &tw_compare_fields, true},
    {"construct", "", &tw_input_fields, &tw_construct_fields, false},
    {"convert", "", &tw_input_fields, &tw_convert_fields, false},
    {"report", "", NULL, &tw_page_fields, false},
    {"selftest", "", NULL, &tw_selftest_fields, false},
};

const tw_schema *tw_schema_at(size_t index) {
    return index < sizeof schemas / sizeof *schemas ? &schemas[index] : NULL;
}
