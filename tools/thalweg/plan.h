/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Cost before work: memory is claimed against a limit, products and time are predicted. */
#ifndef PLAN_H
#define PLAN_H

#include <stdint.h>
#include <thalweg/files/json.h>
#include <thalweg/model/dufm.h>
#include <thalweg/operator/linop.h>
#include <thalweg/record/spectrum_record.h>

#include "settings.h"

/* --memory-limit, or 80 % of the machine. */
double memory_limit(const cli_settings *settings);

/* TW_ERR_MEMORY with a sentence when `gigabytes` exceed --memory-limit (or 80 % of the machine). */
tw_status memory_claim(const cli_settings *settings, double gigabytes, const char *what);

/* What a point with its evaluator takes; what the routes take on top. */
double gigabytes_of_size(const tw_dufm_size *size);
double gigabytes_of_point(const tw_dufm *model);
double gigabytes_of_balls(const tw_dufm *model); /* certificates */
double gigabytes_of_dense(double order);
double gigabytes_of_search(double order, double pairs);
double gigabytes_inside(double order, double pairs);
double gigabytes_of_probes(double order, double probes, double steps);

/* Time a few products and predict: the whole spectrum by the dense route, or `pairs` pairs at
 * `ends` ends by products. */
tw_status plan_make(const tw_linop *A, bool dense, double pairs, int ends, tw_plan_record *plan);

/* The same for a search inside the spectrum that lists up to `pairs`: bounds. */
tw_status plan_inside(const tw_linop *A, size_t max_products, double pairs, tw_plan_record *plan);

/* A route without products; `sector` is the order of the one matrix it takes, 0: none. */
tw_status plan_exact(const char *route, uint64_t parameters, double sector, tw_plan_record *plan);

void plan_print(const tw_plan_record *plan, const char *path);

#endif
