/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cost before work. The algorithms say what they take (tw_<x>_cost); here that becomes memory
 * claimed against a limit, and seconds by the rates of this machine. */
#ifndef PLAN_H
#define PLAN_H

#include <stdint.h>
#include <thalweg/base/cost.h>
#include <thalweg/files/json.h>
#include <thalweg/model/dufm.h>
#include <thalweg/operator/linop.h>
#include <thalweg/record/spectrum_record.h>

#include "results.h"

/* --memory-limit, or 80 % of the machine; bytes. */
double memory_limit(const cli_common *common);

/* A point read from a file with its evaluator, and `work` on top (NULL: none). */
double memory_of(const tw_dufm *model, const tw_cost *work);

/* A model that is not made yet, with a point and a descent from it. */
double memory_of_size(const tw_dufm_size *size);

/* TW_ERR_MEMORY with a sentence when `bytes` exceed the limit. */
tw_status memory_claim(const cli_common *common, double bytes, const char *what);

/* What `cost` takes on this machine: products are timed with A (NULL: there are none); bytes: of
 * all that is held. */
tw_status plan_make(const tw_linop *A, const char *route, const tw_cost *cost, double bytes,
                    tw_plan_record *plan);

void plan_print(const tw_plan_record *plan, const char *path);

/* A plan, said to people under this name and in the record; takes over input. */
tw_status show_plan(const cli_invocation *run, const char *name, tw_json *input,
                    const tw_plan_record *plan);

#endif
