/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _XOPEN_SOURCE 700 /* nftw */
#include "support/scratch.h"

#include <dirent.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static char folder[PATH_MAX];

static void need(int condition, const char *what) {
    if (condition) return;
    perror(what);
    exit(99);
}

int scratch_setup(void **state) {
    const char *parent = getenv("TMPDIR");
    (void)state;
    snprintf(folder, sizeof folder, "%s/thalweg-test-XXXXXX", parent ? parent : "/tmp");
    need(mkdtemp(folder) != NULL, folder);
    return 0;
}

static int remove_entry(const char *path, const struct stat *facts, int kind, struct FTW *where) {
    (void)facts, (void)kind, (void)where;
    return remove(path);
}

int scratch_teardown(void **state) {
    (void)state;
    return nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

const char *scratch_path(const char *name) {
    static char paths[8][PATH_MAX + 512];
    static unsigned next;
    char *path = paths[next++ % 8];
    snprintf(path, sizeof paths[0], "%s/%s", folder, name);
    return path;
}

const char *scratch_write(const char *name, const void *bytes, size_t count) {
    const char *path = scratch_path(name);
    FILE *file = fopen(path, "wb");
    need(file != NULL, path);
    need(fwrite(bytes, 1, count, file) == count, path);
    need(fclose(file) == 0, path);
    return path;
}

char *scratch_read(const char *path, size_t *bytes) {
    FILE *file = fopen(path, "rb");
    need(file != NULL, path);
    need(fseek(file, 0, SEEK_END) == 0, path);
    size_t count = (size_t)ftell(file);
    rewind(file);
    char *text = calloc(count + 1, 1);
    need(text != NULL, path);
    need(fread(text, 1, count, file) == count, path);
    fclose(file);
    if (bytes) *bytes = count;
    return text;
}

size_t scratch_entries(void) {
    size_t count = 0;
    DIR *open = opendir(folder);
    need(open != NULL, folder);
    for (const struct dirent *entry; (entry = readdir(open));) {
        count += strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
    }
    closedir(open);
    return count;
}
