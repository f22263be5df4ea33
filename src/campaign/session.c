/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Process ids are used again, soon in a container. The time at which a process started tells two
 * with the same id apart, as long as the machine has not been started anew in between. */
#include "campaign/session_private.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* The first `room` - 1 bytes of a file, up to its first newline; "" when it cannot be read. */
static void read_line(const char *path, size_t room, char *text) {
    FILE *file = fopen(path, "re");
    text[0] = '\0';
    if (!file) return;
    if (!fgets(text, (int)room, file)) text[0] = '\0';
    fclose(file);
    text[strcspn(text, "\n")] = '\0';
}

/* Fields 3 and 22 of proc(5)'s stat; field 2 is a name in parentheses that may hold anything. */
static bool read_process(long long pid, char *state, long long *start) {
    char path[64], text[1024];
    snprintf(path, sizeof path, "/proc/%lld/stat", pid);
    read_line(path, sizeof text, text);
    const char *rest = strrchr(text, ')');
    return rest && sscanf(rest + 1,
                          " %c %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s %*s"
                          " %*s %lld",
                          state, start) == 2;
}

tw_session tw_session_self(void) {
    tw_session self = {.pid = getpid()};
    char state;
    if (gethostname(self.host, sizeof self.host - 1) != 0) self.host[0] = '\0';
    read_line("/proc/sys/kernel/random/boot_id", sizeof self.boot, self.boot);
    if (!read_process(self.pid, &state, &self.start)) self.start = 0;
    return self;
}

/* Without /proc, or with one that hides the processes of others, there is no more than the id. */
static bool id_is_in_use(long long pid) {
    return kill((pid_t)pid, 0) == 0 || errno == EPERM;
}

bool tw_session_is_alive(const tw_session *session) {
    tw_session here = tw_session_self();
    char state;
    long long start;
    if (strcmp(session->host, here.host) != 0) return true;
    if (strcmp(session->boot, here.boot) != 0) return false;
    if (!read_process(session->pid, &state, &start)) return id_is_in_use(session->pid);
    if (state == 'Z' || state == 'X') return false; /* killed, and its parent has not noticed */
    return session->start == 0 || session->start == start;
}
