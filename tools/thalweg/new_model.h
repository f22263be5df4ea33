/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Models of new points and of closed forms, as the options say them: the library reads the former
 * from JSON. */
#ifndef NEW_MODEL_H
#define NEW_MODEL_H

#include <thalweg/model/dufm_json.h>
#include <thalweg/optima/closed_form.h>

#include "command.h"

/* *model (out, owned) passed tw_dufm_check; otherwise (NULL: nothing) holds loss and activation
 * where the options leave them open. TW_ERR_ARGUMENT names the option that is missing or does not
 * fit the others; TW_ERR_MEMORY before anything large is allocated. */
tw_status new_model_read(const cli_invocation *run, const cli_new *given,
                         const cli_model *otherwise, tw_dufm *model);

/* The same model at the widths that the options give. TW_ERR_ARGUMENT names an option that says
 * what the model already says. */
tw_status new_model_widen(const cli_invocation *run, const cli_new *given, const tw_dufm *narrow,
                          tw_dufm *model);

/* TW_ERR_ARGUMENT when an option is given that only files could obey, or only closed forms:
 * "--<option><why>", and what to do instead. */
tw_status closed_form_refuse(const cli_invocation *run, bool closed, const char *why);

/* The case that options describe; needed: those it cannot do without, NULL after the last. */
tw_status closed_case_read(const cli_invocation *run, const cli_closed *closed, const char *loss,
                           const char *const *needed, tw_closed_case *given);

#endif
