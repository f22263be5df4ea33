/* SPDX-License-Identifier: GPL-3.0-or-later */
#define _XOPEN_SOURCE 700 /* realpath */
#include "files/atomic_private.h"

#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <thalweg/files/bundle.h>
#include <unistd.h>

#include "base/alloc_private.h"
#include "base/leftovers_private.h"
#include "files/text_private.h"

static tw_status fail_errno(const char *what) {
    return tw_fail(TW_ERR_IO, "%s: %s", what, strerror(errno));
}

/* Renaming over a link would replace the link, not the file that it names. */
static char *follow_links(const char *path) {
    char *resolved = realpath(path, NULL);
    char *target = tw_copy_string(resolved ? resolved : path);
    free(resolved);
    return target;
}

/* Renaming over a device would destroy it. A new file gets the permissions of the one it replaces,
 * so that a private file stays private. */
static tw_status check_target(const char *target, mode_t *mode) {
    struct stat facts;
    *mode = 0666;
    if (stat(target, &facts) != 0) {
        if (errno == ENOENT) return TW_OK;
        return fail_errno("cannot be written");
    }
    if (S_ISDIR(facts.st_mode)) return tw_fail(TW_ERR_IO, "is a directory");
    if (!S_ISREG(facts.st_mode)) return tw_fail(TW_ERR_IO, "is not a regular file");
    *mode = facts.st_mode & 0777;
    return TW_OK;
}

/* The name is short and not made from the target's, which may have the greatest legal length. */
static tw_status create_temporary(tw_atomic *atomic, mode_t mode) {
    static atomic_uint serial;
    const char *slash = strrchr(atomic->target, '/');
    size_t folder = slash ? (size_t)(slash - atomic->target) + 1 : 0;
    size_t room = folder + 64;
    char *name = tw_alloc(room, 1);
    if (!name) return TW_ERR_MEMORY;
    do {
        snprintf(name, room, "%.*s.thalweg-%ld-%u.tmp", (int)folder, atomic->target, (long)getpid(),
                 atomic_fetch_add(&serial, 1u));
        atomic->leftover = tw_leftover_path(TW_LEFTOVER_FILE, name);
        atomic->file = open(name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, mode);
        if (atomic->file < 0) tw_leftover_forget(atomic->leftover);
    } while (atomic->file < 0 && errno == EEXIST);
    if (atomic->file < 0) {
        fail_errno("cannot be written");
        free(name);
        return TW_ERR_IO;
    }
    atomic->temporary = name;
    return TW_OK;
}

tw_status tw_atomic_begin(tw_atomic *atomic, const char *path) {
    tw_status status = TW_OK;
    mode_t mode;
    *atomic = (tw_atomic){.file = -1};
    atomic->target = follow_links(path);
    if (!atomic->target) return TW_ERR_MEMORY;
    TW_TRY(check_target(atomic->target, &mode));
    TW_TRY(create_temporary(atomic, mode));
cleanup:
    if (status != TW_OK) tw_atomic_abandon(atomic);
    return status;
}

tw_status tw_atomic_write(tw_atomic *atomic, const void *bytes, size_t count) {
    const char *from = bytes;
    while (count > 0) {
        ssize_t put = write(atomic->file, from, count);
        if (put < 0 && errno == EINTR) continue;
        if (put < 0) return fail_errno("cannot be written");
        from += put;
        count -= (size_t)put;
    }
    return TW_OK;
}

tw_status tw_atomic_finish(tw_atomic *atomic) {
    int file = atomic->file;
    bool synced = fsync(file) == 0;
    int error = errno;
    atomic->file = -1;
    bool closed = close(file) == 0; /* some file systems report a full disk only here */
    if (synced) error = errno;
    if (synced && closed) return TW_OK;
    return tw_fail(TW_ERR_IO, "cannot be written: %s", strerror(error));
}

/* Best effort: without it the new name, not the old content, may be lost in a power failure. */
static void sync_folder(const char *target) {
    const char *slash = strrchr(target, '/');
    char folder[4096];
    snprintf(folder, sizeof folder, "%.*s", slash ? (int)(slash - target) + 1 : 1,
             slash ? target : ".");
    int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (file < 0) return;
    (void)fsync(file);
    close(file);
}

tw_status tw_atomic_publish(tw_atomic *atomic) {
    if (rename(atomic->temporary, atomic->target) != 0) return fail_errno("cannot be written");
    tw_leftover_forget(atomic->leftover);
    sync_folder(atomic->target);
    free(atomic->temporary);
    atomic->temporary = NULL;
    return TW_OK;
}

void tw_atomic_abandon(tw_atomic *atomic) {
    if (!atomic) return;
    if (atomic->temporary) {
        if (atomic->file >= 0) close(atomic->file);
        unlink(atomic->temporary);
        tw_leftover_forget(atomic->leftover);
    }
    free(atomic->temporary);
    free(atomic->target);
    *atomic = (tw_atomic){.file = -1};
}

tw_status tw_file_store(const char *path, const void *bytes, size_t count) {
    tw_status status = TW_OK;
    tw_atomic atomic = {0};
    TW_TRY(tw_atomic_begin(&atomic, path));
    TW_TRY(tw_atomic_write(&atomic, bytes, count));
    TW_TRY(tw_atomic_finish(&atomic));
    TW_TRY(tw_atomic_publish(&atomic));
cleanup:
    tw_atomic_abandon(&atomic);
    return tw_fail_in_file(status, path);
}

tw_status tw_file_check_writable(const char *path) {
    tw_atomic atomic = {0};
    tw_status status = tw_atomic_begin(&atomic, path);
    tw_atomic_abandon(&atomic);
    return tw_fail_in_file(status, path);
}
