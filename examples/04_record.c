/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A result of one's own as a record and as a page, as `thalweg degeneracy` writes them.
 *     04_record examples/data/torch-linear-K4-rank2.safetensors RECORD.json PAGE.html */
#include <stdio.h>
#include <thalweg/thalweg.h>

/* The record of an examination, with who made it and from what. */
static tw_json *record_of(int argc, char **argv, const tw_point *point, const char *digest,
                          const tw_examination *examination) {
    const tw_provenance provenance = {"degeneracy", argc, argv, 1};
    const tw_input input = {argv[1], digest, &point->model};
    return tw_record(&provenance, tw_fields_json(&tw_input_fields, &input),
                     tw_fields_json(&tw_examination_fields, examination));
}

static tw_status write(const tw_json *record, const char *json, const char *page) {
    const tw_json *const records[] = {record};
    tw_status status = record ? tw_json_write(record, json) : TW_ERR_MEMORY;
    if (status == TW_OK) status = tw_report_write(1, records, page, NULL, NULL);
    return status;
}

int main(int argc, char **argv) {
    tw_status status = TW_OK;
    tw_bundle bundle = {0};
    tw_point point = {0};
    tw_evaluator *evaluator = NULL;
    tw_examination examination = {0};
    tw_json *record = NULL;
    char digest[65];
    if (argc != 4) {
        fprintf(stderr, "usage: %s FILE RECORD.json PAGE.html\n", argv[0]);
        return 2;
    }
    TW_TRY(tw_bundle_read(argv[1], &bundle));
    TW_TRY(tw_file_digest(argv[1], digest));
    TW_TRY(tw_point_from_bundle(&bundle, &point));
    TW_TRY(tw_evaluator_create(&point.model, &evaluator));
    TW_TRY(tw_point_examine(evaluator, NULL, point.theta, &examination));
    record = record_of(argc, argv, &point, digest, &examination);
    TW_TRY(write(record, argv[2], argv[3]));
    printf("%s: %s\n", argv[1], tw_verdict_name(examination.degeneracy.verdict));
cleanup:
    if (status != TW_OK) fprintf(stderr, "%s\n", tw_last_error());
    tw_json_destroy(record);
    tw_examination_clear(&examination);
    tw_evaluator_destroy(evaluator);
    tw_point_clear(&point);
    tw_bundle_clear(&bundle);
    return status == TW_OK ? 0 : 3;
}
