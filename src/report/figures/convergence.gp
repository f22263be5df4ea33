# SPDX-License-Identifier: GPL-3.0-or-later
    set yrange [0:1]; set border 3; set tics nomirror; set logscale x
    set grid ytics lt 1 lc rgb '#cccccc'; set key outside bottom center height 1 horizontal maxcols 2
    plot for [c = 1:classes] for [s = 0:settings - 1] data skip 1 using ($2 == c && $1 == s ? $4 : NaN):5 with lines lw 1 lc rgb colour[c] title s == 0 ? class[c] : ''
