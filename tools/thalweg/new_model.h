/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the options of GROUP_NEW and GROUP_DESCENT say, as members of JSON objects: the library
 * reads models and settings from these. */
#ifndef NEW_MODEL_H
#define NEW_MODEL_H

#include <thalweg/model/dufm_json.h>

#include "settings.h"

/* One member; text NULL, count 0 and number 0 are options that were not given. A text that is a
 * number is one; lists are in JSON already, or have commas between numbers. axes: a list is to be
 * one value, where a list is an axis of values. */
tw_status member_text(tw_json *json, const char *key, const char *text, bool axes);
tw_status member_count(tw_json *json, const char *key, size_t count);
tw_status member_number(tw_json *json, const char *key, double number);

/* The members of dufm_json.h that were given. */
tw_status new_model_members(const cli_settings *settings, bool axes, tw_json *json);

/* *model (out, owned) passed tw_dufm_check. TW_ERR_ARGUMENT names the option that is missing or
 * does not fit the others; TW_ERR_MEMORY before anything large is allocated. */
tw_status new_model_read(const cli_settings *settings, tw_dufm *model);

/* The same model at the widths that the options give. TW_ERR_ARGUMENT names an option that says
 * what the model already says. */
tw_status new_model_widen(const cli_settings *settings, const tw_dufm *narrow, tw_dufm *model);

#endif
