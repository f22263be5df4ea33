/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/report/report.h>

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "files/atomic_private.h"
#include "report/gnuplot_private.h"
#include "report/page_private.h"
#include "report/sections_private.h"

static const char no_program[] =
    "This figure is not drawn: gnuplot was not found. Install it (Debian: apt install gnuplot-nox) "
    "and make the page again, or draw the data below with the script beside them.";

/* The dossier and what it says; the records are borrowed. */
typedef struct report {
    tw_dossier dossier;
    tw_content content;
} report;

static void report_close(report *r) {
    tw_content_clear(&r->content);
    tw_dossier_close(&r->dossier);
}

static tw_status report_open(report *r, size_t count, const tw_json *const *records) {
    tw_status status = TW_OK;
    TW_TRY(count > 0 ? TW_OK : tw_fail(TW_ERR_ARGUMENT, "a page of no records"));
    TW_TRY(tw_dossier_open(&r->dossier, count, records));
    tw_sections_fill(&r->dossier, &r->content);
    TW_TRY(tw_content_status(&r->content));
cleanup:
    return status;
}

static bool told_to_end(const tw_monitor *monitor, tw_report_result *result) {
    result->cancelled =
        result->cancelled || tw_monitor_report(monitor, "figures", (double)result->drawn, 0.0);
    return result->cancelled;
}

/* Draw every figure; `missing` says why some have no drawing. */
static tw_status draw_all(report *r, const tw_monitor *monitor, tw_report_result *result,
                          char *missing, size_t room) {
    tw_status status = TW_OK;
    tw_drawn drawn = TW_DRAWN;
    snprintf(missing, room, "%s", no_program);
    for (size_t i = 0; i < r->content.count; i++) {
        tw_figure *figure = &r->content.blocks[i].figure;
        if (r->content.blocks[i].kind != TW_BLOCK_FIGURE) continue;
        result->figures++;
        if (drawn == TW_DRAWN_NO_PROGRAM || told_to_end(monitor, result)) continue;
        TW_TRY(tw_gnuplot_embed(figure, &drawn));
        if (drawn == TW_DRAWN) result->drawn++;
        if (drawn == TW_DRAWN_FAILED)
            snprintf(missing, room, "This figure is not drawn: %s", tw_last_error());
    }
    if (result->cancelled)
        snprintf(missing, room, "This figure is not drawn: the page was ended early.");
cleanup:
    return status;
}

/* "thalweg compare: a.safetensors and 1 more" */
static void write_title(const report *r, tw_writer *title) {
    const tw_json *first = r->dossier.records[0];
    const char *schema = tw_text_at(first, "schema"), *slash = strchr(schema, '/');
    char name[64];
    tw_writer_format(title, "thalweg %.*s", (int)(slash - schema), schema);
    const tw_json *input = tw_at(first, "input");
    if (input && tw_json_is_array(input)) input = tw_json_at(input, 0);
    if (r->dossier.point_count == 0 && tw_text_at(input, "file")[0])
        tw_writer_format(title, ": %s",
                         tw_harmless(tw_file_name(tw_text_at(input, "file")), name, sizeof name));
    if (r->dossier.point_count > 0)
        tw_writer_format(title, ": %s",
                         tw_harmless(tw_file_name(r->dossier.points[0].file), name, sizeof name));
    if (r->dossier.point_count > 1)
        tw_writer_format(title, " and %zu more", r->dossier.point_count - 1);
}

tw_status tw_report_write(size_t count, const tw_json *const *records, const char *path,
                          const tw_monitor *monitor, tw_report_result *result) {
    tw_status status = TW_OK;
    report r = {0};
    tw_writer page = {0}, title = {0};
    tw_report_result made = {0};
    char missing[1200];
    TW_TRY(report_open(&r, count, records));
    TW_TRY(draw_all(&r, monitor, &made, missing, sizeof missing));
    write_title(&r, &title);
    TW_TRY(title.status);
    tw_page_write(&r.content, title.bytes, missing, &page);
    TW_TRY(page.status);
    TW_TRY(tw_file_store(path, page.bytes, page.length));
    if (result) *result = made;
cleanup:
    tw_writer_clear(&title);
    tw_writer_clear(&page);
    report_close(&r);
    return status;
}

tw_status tw_figures_write(size_t count, const tw_json *const *records, const char *folder,
                           const tw_monitor *monitor, tw_report_result *result) {
    tw_status status = TW_OK;
    report r = {0};
    tw_report_result made = {0};
    TW_TRY(report_open(&r, count, records));
    if (mkdir(folder, 0777) != 0 && errno != EEXIST)
        TW_TRY(tw_fail(TW_ERR_IO, "%s: %s", folder, strerror(errno)));
    for (size_t i = 0; i < r.content.count; i++) {
        tw_drawn drawn = TW_DRAWN;
        if (r.content.blocks[i].kind != TW_BLOCK_FIGURE) continue;
        made.figures++;
        if (told_to_end(monitor, &made)) continue;
        TW_TRY(tw_gnuplot_store(&r.content.blocks[i].figure, folder, &drawn));
        if (drawn == TW_DRAWN) made.drawn++;
    }
    if (result) *result = made;
cleanup:
    report_close(&r);
    return status;
}

static tw_status write_text(size_t count, const tw_json *const *records, const char *path,
                            void (*write)(const tw_content *, tw_writer *)) {
    tw_status status = TW_OK;
    report r = {0};
    tw_writer text = {0};
    TW_TRY(report_open(&r, count, records));
    write(&r.content, &text);
    TW_TRY(text.status);
    TW_TRY(tw_file_store(path, text.bytes, text.length));
cleanup:
    tw_writer_clear(&text);
    report_close(&r);
    return status;
}

tw_status tw_report_markdown(size_t count, const tw_json *const *records, const char *path) {
    return write_text(count, records, path, tw_markdown_write);
}

tw_status tw_report_latex(size_t count, const tw_json *const *records, const char *path) {
    return write_text(count, records, path, tw_latex_write);
}
