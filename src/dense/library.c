/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The libraries' own functions are weak symbols: a build with one library does not need the
 * others', nor a library of another version all of its own. */
#include "dense/library_private.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WEAK __attribute__((weak))

/* ---- OpenBLAS ---- */

/* The first three are in its cblas.h, the last two among its exports alone: what its start-up calls
 * to pick a kernel by OPENBLAS_CORETYPE and the processor, and the way back. */
WEAK char *openblas_get_config(void);
WEAK char *openblas_get_corename(void);
WEAK int openblas_get_num_threads(void);
WEAK void openblas_set_num_threads(int count);
WEAK void gotoblas_dynamic_init(void);
WEAK void gotoblas_dynamic_quit(void);

/* "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH ...": its second word. */
static void openblas_version(char *text, size_t room) {
    const char *config = openblas_get_config ? openblas_get_config() : "";
    const char *from = strchr(config, ' ');
    from = from ? from + 1 : "";
    snprintf(text, room, "%.*s", (int)strcspn(from, " "), from);
}

static void openblas_kernel(char *text, size_t room) {
    snprintf(text, room, "%s", openblas_get_corename ? openblas_get_corename() : "");
}

static int openblas_threads(void) {
    return openblas_get_num_threads ? openblas_get_num_threads() : 1;
}

static void openblas_use_threads(int count) {
    if (openblas_set_num_threads) openblas_set_num_threads(count);
}

static void openblas_take(const char *kernel) {
    if (gotoblas_dynamic_init == NULL || gotoblas_dynamic_quit == NULL) return;
    if (kernel) setenv("OPENBLAS_CORETYPE", kernel, 1);
    gotoblas_dynamic_quit();
    gotoblas_dynamic_init();
    unsetenv("OPENBLAS_CORETYPE");
}

/* ---- BLIS ---- */

WEAK const char *bli_info_get_version_str(void);
WEAK long bli_thread_get_num_threads(void);
WEAK int bli_arch_query_id(void);
WEAK const char *bli_arch_string(int id);
WEAK void bli_thread_set_num_threads(long count);

static void blis_version(char *text, size_t room) {
    snprintf(text, room, "%s", bli_info_get_version_str ? bli_info_get_version_str() : "");
}

static void blis_kernel(char *text, size_t room) {
    bool known = bli_arch_query_id && bli_arch_string;
    snprintf(text, room, "%s", known ? bli_arch_string(bli_arch_query_id()) : "");
}

/* -1: its variables say nothing, and it uses one. */
static int blis_threads(void) {
    long count = bli_thread_get_num_threads ? bli_thread_get_num_threads() : 1;
    return count > 1 ? (int)count : 1;
}

static void blis_use_threads(int count) {
    if (bli_thread_set_num_threads) bli_thread_set_num_threads(count);
}

/* ---- Which ---- */

static const tw_blas_row rows[] = {
    {"openblas", "OpenBLAS", openblas_version, openblas_kernel, openblas_threads,
     openblas_use_threads, openblas_take},
    {"blis", "BLIS", blis_version, blis_kernel, blis_threads, blis_use_threads, NULL},
};
static const tw_blas_row other = {TW_BLAS, TW_BLAS, NULL, NULL, NULL, NULL, NULL};

const tw_blas_row *tw_blas_linked(void) {
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        if (strcmp(rows[i].option, TW_BLAS) == 0) return &rows[i];
    return &other;
}

void tw_blas_version(char *text, size_t room) {
    text[0] = '\0';
    if (tw_blas_linked()->version) tw_blas_linked()->version(text, room);
}

void tw_blas_kernel(char *text, size_t room) {
    text[0] = '\0';
    if (tw_blas_linked()->kernel) tw_blas_linked()->kernel(text, room);
}

int tw_blas_threads(void) {
    return tw_blas_linked()->threads ? tw_blas_linked()->threads() : 1;
}

void tw_blas_use_threads(int count) {
    if (tw_blas_linked()->use_threads) tw_blas_linked()->use_threads(count);
}
