/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outputs.h"

#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <thalweg/files/bundle.h>

bool is_one_file(const char *a, const char *b) {
    struct stat left, right;
    return stat(a, &left) == 0 && stat(b, &right) == 0 && left.st_dev == right.st_dev &&
           left.st_ino == right.st_ino;
}

tw_status check_not_input(const cli_invocation *run, const char *path) {
    if (path == NULL) return TW_OK;
    for (size_t i = 0; i < run->operand_count; i++) {
        char *file = NULL;
        const char *inside;
        tw_status status = tw_path_split(run->operands[i], &file, &inside);
        bool same = status == TW_OK && is_one_file(file, path);
        free(file);
        if (status != TW_OK) return status;
        if (same)
            return tw_fail(TW_ERR_ARGUMENT, "%s is the input %s: it would be overwritten", path,
                           run->operands[i]);
    }
    return TW_OK;
}

/* Whether writing `a` would write `path`: they are the same, or `path` is the JSON file beside an
 * npz, which holds its metadata. */
static bool collide(const char *a, const char *path) {
    size_t stem = strlen(a) - (strlen(a) > 4 ? 4 : 0);
    if (strcmp(a, path) == 0) return strcmp(a, "-") != 0;
    return strcmp(a + stem, ".npz") == 0 && strncmp(a, path, stem) == 0 &&
           strcmp(path + stem, ".json") == 0;
}

/* The path that an option of one of these kinds was given; NULL: none, or an option of another. */
static const char *file_of(const cli_invocation *run, size_t index, option_kind least,
                           option_kind most) {
    size_t offset;
    const cli_option *option = command_option(run->command, index, &offset);
    bool is_file = option->kind >= least && option->kind <= most;
    return is_file ? *(const char *const *)((const char *)run->settings + offset) : NULL;
}

static tw_status check_formats(const cli_invocation *run) {
    const cli_option *option;
    for (size_t i = 0; (option = command_option(run->command, i, NULL)); i++) {
        const char *path = file_of(run, i, OPTION_ARRAYS, OPTION_ARRAYS);
        if (path && tw_format_for_path(path) == NULL)
            return tw_fail(TW_ERR_ARGUMENT, "--%s: no format has the extension of '%s'",
                           option->name, path);
    }
    return TW_OK;
}

tw_status check_outputs(const cli_invocation *run) {
    tw_status status = check_formats(run);
    const cli_common *c = run->common;
    size_t count = command_option_count(run->command);
    if (status != TW_OK) return status;
    if (c->json && c->csv && strcmp(c->json, "-") == 0 && strcmp(c->csv, "-") == 0)
        return tw_fail(TW_ERR_ARGUMENT, "--json - and --csv - are both to go to standard output");
    for (size_t i = 0; i < count; i++)
        for (size_t j = 0; j < count; j++) {
            const char *path = file_of(run, i, OPTION_RESULT, OPTION_RESULT);
            const char *other = file_of(run, j, OPTION_ARRAYS, OPTION_RESULT);
            if (path && other && i != j && collide(other, path))
                return tw_fail(TW_ERR_ARGUMENT, "%s is written for %s already", path, other);
        }
    for (size_t i = 0; status == TW_OK && i < count; i++) {
        const char *path = file_of(run, i, OPTION_RESULT, OPTION_RESULT);
        if (path == NULL || strcmp(path, "-") == 0) continue;
        status = check_not_input(run, path);
        if (status == TW_OK) status = tw_file_check_writable(path);
    }
    return status;
}
