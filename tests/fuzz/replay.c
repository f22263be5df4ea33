/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A main program for the targets without a fuzzer: reads every file of the folders named on the
 * command line once. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t bytes);

static int replay_file(const char *path) {
    static uint8_t data[1 << 20];
    FILE *file = fopen(path, "rb");
    if (!file) return 1;
    size_t bytes = fread(data, 1, sizeof data, file);
    fclose(file);
    uint8_t *exact = malloc(bytes ? bytes : 1); /* so that sanitizers see the end */
    if (!exact) return 1;
    memcpy(exact, data, bytes);
    LLVMFuzzerTestOneInput(exact, bytes);
    free(exact);
    return 0;
}

int main(int count, char **folders) {
    int failed = 0, read = 0;
    for (int i = 1; i < count; i++) {
        DIR *folder = opendir(folders[i]);
        if (!folder) return 1;
        for (const struct dirent *entry; (entry = readdir(folder));) {
            char path[4096];
            if (entry->d_name[0] == '.') continue;
            snprintf(path, sizeof path, "%s/%s", folders[i], entry->d_name);
            failed |= replay_file(path);
            read++;
        }
        closedir(folder);
    }
    printf("%d files\n", read);
    return failed || read == 0;
}
