# SPDX-License-Identifier: GPL-3.0-or-later
    if (format eq 'svg') {
        set terminal svg size wide, high dynamic font 'sans-serif,14' noenhanced
    }
    if (format eq 'pdf') {
        set terminal pdfcairo size wide / 96., high / 96. font 'sans,10' noenhanced
    }
    if (format eq 'png') {
        set terminal pngcairo size 2 * wide, 2 * high font 'sans,10' fontscale 2 linewidth 2 pointscale 2 noenhanced
    }
