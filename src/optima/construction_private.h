/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The constructions behind the table in construction.c. */
#ifndef TW_CONSTRUCTION_PRIVATE_H
#define TW_CONSTRUCTION_PRIVATE_H

#include <thalweg/optima/construction.h>

/* One wish: what a row is for has been checked. Everything is borrowed. */
typedef struct tw_construct_task {
    const tw_dufm *model;
    const char *text, *argument; /* "blocks:8,2", "8,2"; the second may be NULL */
    const tw_construct_options *options;
} tw_construct_task;

/* Fill in a result of NANs with `exists` true, and an empty point; what was made before a failure
 * is released by the caller. */
typedef tw_status (*tw_construct_fn)(const tw_construct_task *task, tw_construct_result *result,
                                     tw_point *point);

tw_status tw_construct_closed(const tw_construct_task *task, tw_construct_result *result,
                              tw_point *point);
tw_status tw_construct_graph(const tw_construct_task *task, tw_construct_result *result,
                             tw_point *point);

/* Geometric mean of all ridges; exactly their value when they are equal. */
double tw_construct_lambda(const tw_dufm *model);

/* Room for `count` scales of that symbol, all NAN. */
tw_status tw_construct_scales(tw_construct_result *result, const char *symbol, size_t count);

#endif
