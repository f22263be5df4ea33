/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "files/source_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/alloc_private.h"

/* Files that stand where another was meant: what they are, and what to do. */
static const struct {
    const char *start, *text;
} impostors[] = {
    {"version https://git-lfs.github.com/spec/",
     "is a Git LFS pointer and not the file itself: 'git lfs pull' fetches it"},
    {"<!doctype html",
     "is an HTML page, perhaps an error page of a download: fetch the file again"},
    {"<html", "is an HTML page, perhaps an error page of a download: fetch the file again"},
};

static tw_status check_impostor(const tw_source *source) {
    char start[64];
    size_t bytes = source->bytes < sizeof start - 1 ? source->bytes : sizeof start - 1;
    tw_status status = tw_source_read(source, 0, start, bytes);
    if (status != TW_OK) return status;
    start[bytes] = '\0';
    const char *text = start + (strncmp(start, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0);
    text += strspn(text, " \t\r\n");
    for (size_t i = 0; i < sizeof impostors / sizeof *impostors; i++) {
        if (strncasecmp(text, impostors[i].start, strlen(impostors[i].start)) != 0) continue;
        return tw_fail(TW_ERR_FORMAT, "%s", impostors[i].text);
    }
    return TW_OK;
}

tw_status tw_source_open(tw_source *source, const char *path) {
    struct stat facts;
    /* Without O_NONBLOCK a pipe without a writer would block before it can be refused. */
    int file = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (file < 0) return tw_fail(TW_ERR_IO, "cannot be opened: %s", strerror(errno));
    const char *complaint = NULL;
    if (fstat(file, &facts) != 0) {
        complaint = "cannot be examined";
    } else if (S_ISDIR(facts.st_mode)) {
        complaint = "is a directory";
    } else if (!S_ISREG(facts.st_mode)) {
        complaint = "is not a regular file";
    }
    if (complaint) {
        close(file);
        return tw_fail(TW_ERR_IO, "%s", complaint);
    }
    tw_source opened = {.path = path, .bytes = (size_t)facts.st_size, .file = file};
    tw_status status = check_impostor(&opened);
    if (status == TW_OK) {
        *source = opened;
    } else {
        close(file);
    }
    return status;
}

void tw_source_close(tw_source *source) {
    if (!source) return;
    if (source->path) close(source->file);
    *source = (tw_source){0};
}

tw_source tw_source_memory(const void *memory, size_t bytes) {
    return (tw_source){.memory = memory, .bytes = bytes};
}

static tw_status read_file(int file, size_t offset, unsigned char *to, size_t count) {
    size_t done = 0;
    while (done < count) {
        ssize_t got = pread(file, to + done, count - done, (off_t)(offset + done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return tw_fail(TW_ERR_IO, "cannot be read: %s", strerror(errno));
        if (got == 0) return tw_fail(TW_ERR_IO, "became shorter while it was read");
        done += (size_t)got;
    }
    return TW_OK;
}

tw_status tw_source_read(const tw_source *source, size_t offset, void *to, size_t count) {
    if (offset > source->bytes || count > source->bytes - offset) {
        return tw_fail(TW_ERR_IO, "has %zu bytes, but bytes %zu to %zu are wanted", source->bytes,
                       offset, offset + count);
    }
    if (count == 0) return TW_OK;
    if (source->path) return read_file(source->file, offset, to, count);
    memcpy(to, source->memory + offset, count);
    return TW_OK;
}

tw_status tw_file_load(const char *path, size_t limit, char **text, size_t *bytes) {
    tw_status status = TW_OK;
    tw_source source = {0};
    char *loaded = NULL;
    TW_TRY(tw_source_open(&source, path));
    if (source.bytes > limit) {
        status = tw_fail(TW_ERR_UNSUPPORTED, "has %zu bytes, more than the limit of %zu",
                         source.bytes, limit);
        goto cleanup;
    }
    TW_TRY(TW_NEW(loaded, source.bytes + 1));
    TW_TRY(tw_source_read(&source, 0, loaded, source.bytes));
    *bytes = source.bytes;
    *text = loaded;
    loaded = NULL;
cleanup:
    free(loaded);
    tw_source_close(&source);
    return status;
}
