/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A process that works on something, named so that others can tell whether it still does. */
#ifndef TW_SESSION_PRIVATE_H
#define TW_SESSION_PRIVATE_H

#include <stdbool.h>

enum { TW_SESSION_NAME_BYTES = 128 };

typedef struct tw_session {
    char host[TW_SESSION_NAME_BYTES]; /* its name */
    char boot[TW_SESSION_NAME_BYTES]; /* the id of its run since power-on; "": unknown */
    long long pid;
    long long start; /* clock ticks from boot to the start of the process; 0: unknown */
} tw_session;

/* The calling process. */
tw_session tw_session_self(void);

/* Whether the process still runs. True where that cannot be known: on another host. */
bool tw_session_is_alive(const tw_session *session);

#endif
