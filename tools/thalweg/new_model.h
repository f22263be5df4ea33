/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The model of a point that no file holds yet, from the options of GROUP_NEW. */
#ifndef NEW_MODEL_H
#define NEW_MODEL_H

#include <thalweg/model/dufm.h>

#include "settings.h"

/* Samples in the order of their classes: first those of class 0, then of class 1, ... Loss and
 * activation are ce and linear unless given. *model (out, owned) passed tw_dufm_check.
 * TW_ERR_ARGUMENT names the option that is missing or does not fit the others; TW_ERR_MEMORY before
 * anything large is allocated; *model is {0} on failure. */
tw_status new_model_read(const cli_settings *settings, tw_dufm *model);

/* The same model at the widths that the options give. TW_ERR_ARGUMENT names an option that says
 * what the model already says. */
tw_status new_model_widen(const cli_settings *settings, const tw_dufm *narrow, tw_dufm *model);

#endif
