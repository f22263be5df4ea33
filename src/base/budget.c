/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <thalweg/base/budget.h>

tw_status tw_budget_check(const tw_budget *budget) {
    if (budget->deadline >= 0.0) return TW_OK; /* negated, so that NAN is none either */
    return tw_fail(TW_ERR_ARGUMENT, "a deadline at %g s is no time of the clock", budget->deadline);
}

bool tw_budget_report(const tw_budget *budget, const char *stage, double done, double total) {
    bool stop = tw_monitor_report(budget->monitor, stage, done, total);
    return stop || (budget->deadline > 0.0 && tw_clock_seconds() >= budget->deadline);
}

static bool report(void *self, const char *stage, double done, double total) {
    return tw_budget_report(self, stage, done, total);
}

tw_monitor tw_budget_monitor(const tw_budget *budget) {
    return (tw_monitor){report, (void *)budget};
}

size_t tw_budget_left(const tw_budget *budget, size_t used) {
    return used < budget->products ? budget->products - used : 0;
}

tw_budget tw_budget_after(tw_budget budget, size_t used) {
    budget.products = tw_budget_left(&budget, used);
    return budget;
}
