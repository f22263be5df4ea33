/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Descents before they begin: `train --plan`, `basins --plan`. */
#ifndef DESCENT_PLAN_H
#define DESCENT_PLAN_H

#include <thalweg/campaign/setting.h>
#include <thalweg/examination/run.h>
#include <thalweg/record/training_record.h>

/* The run that is open; `bytes`: with its point and evaluator. */
tw_status descent_plan_of_run(const tw_run *run, const tw_cost *cost, double bytes,
                              tw_descent_plan *plan);

/* All restarts of a setting. `bytes`: of one. */
tw_status descent_plan_of_setting(const tw_setting *setting, const tw_cost *cost, double bytes,
                                  size_t restarts, size_t workers, tw_descent_plan *plan);

void descent_plan_print(const tw_descent_plan *plan, const char *what);

#endif
