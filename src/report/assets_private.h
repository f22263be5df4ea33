/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Files that the build puts into the library as strings (src/embed.py). */
#ifndef TW_ASSETS_PRIVATE_H
#define TW_ASSETS_PRIVATE_H

/* A page's style, and the script that sorts its tables; the page is complete without. */
extern const char tw_asset_page_css[], tw_asset_page_js[];

/* src/report/figures: what stands before the commands of every figure, and its terminals. */
extern const char tw_asset_prologue_gp[], tw_asset_terminals_gp[];

/* The commands of each figure. */
extern const char tw_asset_against_gp[], tw_asset_atoms_gp[], tw_asset_convergence_gp[],
    tw_asset_critical_gp[], tw_asset_curve_gp[], tw_asset_energy_gp[], tw_asset_fractions_gp[],
    tw_asset_ladder_gp[], tw_asset_ledger_gp[], tw_asset_line_gp[], tw_asset_logits_gp[],
    tw_asset_plane_gp[], tw_asset_rise_gp[], tw_asset_singular_gp[], tw_asset_spectrum_gp[],
    tw_asset_sweep_gp[];

#endif
