/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The ways in which `spectrum` answers. An option means something in some of them; where it means
 * nothing it is refused, so that no answer belongs to another question than the one asked. */
#ifndef MODES_H
#define MODES_H

#include "command.h"

typedef enum cli_mode {
    MODE_LIST = 1 << 0,    /* of a point: all eigenvalues, or those of an end */
    MODE_SECTORS = 1 << 1, /* of a point, by --method sectors */
    MODE_INSIDE = 1 << 2,  /* of a point: --near-zero, --below, --interval */
    MODE_CLOSED = 1 << 3   /* of no point: --closed-form */
} cli_mode;

/* The mode that operands and options ask for. TW_ERR_ARGUMENT with a sentence that names both when
 * two of them contradict each other. */
tw_status spectrum_mode(const cli_invocation *run, cli_mode *mode);

#endif
