/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report/gnuplot_private.h"

#include <errno.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/alloc_private.h"
#include "base/leftovers_private.h"
#include "files/atomic_private.h"
#include "report/svg_private.h"

#define MOST_SVG_BYTES ((size_t)64 << 20)

extern char **environ;

/* folder/name + suffix; owned by the caller. */
static char *path_of(const char *folder, const char *name, const char *suffix) {
    tw_writer path = {0};
    tw_writer_format(&path, "%s/%s%s", folder, name, suffix);
    return tw_writer_take(&path);
}

/* All of a text file; owned by the caller. */
static tw_status read_text(const char *path, char **text) {
    char piece[8192];
    size_t count;
    tw_writer all = {0};
    FILE *file = fopen(path, "rb");
    if (file == NULL) return tw_fail(TW_ERR_IO, "%s: %s", path, strerror(errno));
    tw_writer_text(&all, "");
    while (all.length < MOST_SVG_BYTES && (count = fread(piece, 1, sizeof piece, file)) > 0)
        tw_writer_bytes(&all, piece, count);
    fclose(file);
    *text = tw_writer_take(&all);
    return *text ? TW_OK : TW_ERR_MEMORY;
}

/* Run the script within the folder; its messages go to NAME.log. The shell changes the folder, so
 * that no name is ever part of a command. */
static tw_drawn run(const char *folder, const char *name, const char *settings) {
    char script[64], log[64];
    int state = 0;
    pid_t child;
    snprintf(script, sizeof script, "%s.gp", name);
    snprintf(log, sizeof log, "%s.log", name);
    char *const words[] = {
        (char[]){"sh"},
        (char[]){"-c"},
        (char[]){"cd -- \"$1\" && exec gnuplot -d -e \"$2\" \"$3\" >\"$4\" 2>&1 </dev/null"},
        (char[]){"sh"},
        (char *)folder,
        (char *)settings,
        script,
        log,
        NULL};
    if (posix_spawn(&child, "/bin/sh", NULL, NULL, words, environ) != 0) return TW_DRAWN_NO_PROGRAM;
    size_t leftover = tw_leftover_child(child);
    pid_t ended;
    do ended = waitpid(child, &state, 0);
    while (ended < 0 && errno == EINTR);
    tw_leftover_forget(leftover);
    if (ended < 0) return TW_DRAWN_FAILED;
    if (WIFEXITED(state) && WEXITSTATUS(state) == 127) return TW_DRAWN_NO_PROGRAM;
    return WIFEXITED(state) && WEXITSTATUS(state) == 0 ? TW_DRAWN : TW_DRAWN_FAILED;
}

static void remove_file(const char *folder, const char *name, const char *suffix) {
    char *path = path_of(folder, name, suffix);
    if (path) unlink(path);
    free(path);
}

/* The log's last line as the sentence. */
static void set_complaint(const char *folder, const char *name) {
    char *path = path_of(folder, name, ".log"), *text = NULL;
    if (path && read_text(path, &text) == TW_OK) {
        char *end = text + strlen(text);
        while (end > text && end[-1] == '\n') *--end = '\0';
        char *line = strrchr(text, '\n');
        tw_fail(TW_ERR_NUMERIC, "gnuplot: %s", line ? line + 1 : text);
    }
    free(text);
    free(path);
}

static tw_status store(const char *folder, const tw_figure *figure) {
    tw_status status = TW_OK;
    tw_writer script = {0};
    char *data = path_of(folder, figure->name, ".csv"), *commands = NULL;
    commands = path_of(folder, figure->name, ".gp");
    TW_TRY(data && commands ? TW_OK : TW_ERR_MEMORY);
    TW_TRY(tw_figure_status(figure));
    tw_figure_script(figure, &script);
    TW_TRY(script.status);
    TW_TRY(tw_file_store(data, figure->csv.bytes, figure->csv.length));
    TW_TRY(tw_file_store(commands, script.bytes, script.length));
cleanup:
    tw_writer_clear(&script);
    free(data);
    free(commands);
    return status;
}

/* gnuplot's hypertexts call a script that a file of its own does not have. */
static tw_status clean(const char *folder, const char *name) {
    tw_status status = TW_OK;
    tw_writer out = {0};
    char *path = path_of(folder, name, ".svg"), *svg = NULL;
    TW_TRY(path ? TW_OK : TW_ERR_MEMORY);
    TW_TRY(read_text(path, &svg));
    if (tw_svg_clean(svg, &out)) {
        TW_TRY(out.status);
        TW_TRY(tw_file_store(path, out.bytes, out.length));
    }
cleanup:
    tw_writer_clear(&out);
    free(svg);
    free(path);
    return status;
}

tw_status tw_gnuplot_store(const tw_figure *figure, const char *folder, tw_drawn *drawn) {
    tw_status status = store(folder, figure);
    if (status != TW_OK) return status;
    *drawn = run(folder, figure->name, "formats = 'svg pdf png'");
    if (*drawn == TW_DRAWN_FAILED) set_complaint(folder, figure->name);
    remove_file(folder, figure->name, ".log");
    return *drawn == TW_DRAWN ? clean(folder, figure->name) : TW_OK;
}

/* One of the two versions: run, read, embed. */
static tw_status draw(const char *folder, tw_figure *figure, size_t version, tw_drawn *drawn) {
    tw_status status = TW_OK;
    char settings[64], prefix[64], *path = NULL, *svg = NULL;
    snprintf(settings, sizeof settings, "formats = 'svg'; logarithmic = %zu", version);
    snprintf(prefix, sizeof prefix, "%s%s", figure->name, version ? "-log" : "");
    *drawn = run(folder, figure->name, settings);
    if (*drawn == TW_DRAWN_FAILED) set_complaint(folder, figure->name);
    if (*drawn != TW_DRAWN) return TW_OK;
    path = path_of(folder, figure->name, ".svg");
    TW_TRY(path ? TW_OK : TW_ERR_MEMORY);
    TW_TRY(read_text(path, &svg));
    if (!tw_svg_embed(svg, prefix, figure->kind->title, &figure->svg[version])) {
        tw_writer_clear(&figure->svg[version]);
        tw_fail(TW_ERR_NUMERIC, "gnuplot: the drawing is not complete");
        *drawn = TW_DRAWN_FAILED;
    }
cleanup:
    free(path);
    free(svg);
    return status;
}

static char *make_folder(void) {
    const char *place = getenv("TMPDIR");
    char *folder = path_of(place && place[0] ? place : "/tmp", "thalweg-", "XXXXXX");
    if (folder && mkdtemp(folder) == NULL) {
        tw_fail(TW_ERR_IO, "%s: no temporary folder: %s", folder, strerror(errno));
        free(folder);
        return NULL;
    }
    return folder;
}

/* A file of the folder that gnuplot or we will write, as a leftover. */
static size_t announce(const char *folder, const char *name, const char *suffix) {
    char *path = path_of(folder, name, suffix);
    size_t leftover = tw_leftover_path(TW_LEFTOVER_FILE, path ? path : "");
    free(path);
    return leftover;
}

tw_status tw_gnuplot_embed(tw_figure *figure, tw_drawn *drawn) {
    static const char *const suffixes[] = {".csv", ".gp", ".svg", ".log"};
    tw_status status = TW_OK;
    size_t leftovers[5];
    char *folder = make_folder();
    if (folder == NULL) return TW_ERR_IO;
    leftovers[4] = tw_leftover_path(TW_LEFTOVER_FOLDER, folder);
    for (size_t i = 0; i < 4; i++) leftovers[i] = announce(folder, figure->name, suffixes[i]);
    TW_TRY(store(folder, figure));
    for (size_t i = 0; i < (figure->kind->has_logarithmic ? 2u : 1u); i++) {
        TW_TRY(draw(folder, figure, i, drawn));
        if (*drawn != TW_DRAWN) break;
    }
cleanup:
    for (size_t i = 0; i < sizeof suffixes / sizeof *suffixes; i++)
        remove_file(folder, figure->name, suffixes[i]);
    rmdir(folder);
    for (size_t i = 0; i < 5; i++) tw_leftover_forget(leftovers[i]);
    free(folder);
    return status;
}
