/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What differs between one BLAS library and another, beside its speed. */
#ifndef TW_LIBRARY_PRIVATE_H
#define TW_LIBRARY_PRIVATE_H

#include <stddef.h>

/* One library; a function that it lacks is NULL. */
typedef struct tw_blas_row {
    const char *option; /* of the build: -Dblas=openblas */
    const char *name;   /* "OpenBLAS" */
    void (*version)(char *text, size_t room);
    void (*kernel)(char *text, size_t room);
    int (*threads)(void); /* that it uses: at first as many as its own variables say */
    void (*use_threads)(int count);
    /* Take the kernel of that name, or with NULL its own choice. To be looked at afterwards: a
     * library that was built without it takes another. */
    void (*take)(const char *kernel);
} tw_blas_row;

/* The row of the library that was linked. */
const tw_blas_row *tw_blas_linked(void);

/* What every library can be asked, with an answer where it has none: "" and 1. */
void tw_blas_version(char *text, size_t room);
void tw_blas_kernel(char *text, size_t room);
int tw_blas_threads(void);
void tw_blas_use_threads(int count);

#endif
