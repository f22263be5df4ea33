/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The record of a flatness measurement. */
#ifndef CLI_FLATNESS_H
#define CLI_FLATNESS_H

#include <thalweg/curvature/flatness.h>

#include "estimation.h"

tw_status flatness_record(const cli_invocation *run, const cli_estimation *e,
                          const tw_flatness *flatness);

#endif
