/* SPDX-License-Identifier: GPL-3.0-or-later */
#ifndef TW_SPECTRA_PRIVATE_H
#define TW_SPECTRA_PRIVATE_H

#include <thalweg/record/record.h>

/* What an examination knows of the spectrum: everything by the dense route; else the negative
 * modes, the zero modes as one entry, the first above, and the largest. */
tw_json *tw_degeneracy_entries_json(const tw_degeneracy_result *degeneracy);

#endif
