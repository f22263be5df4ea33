# SPDX-License-Identifier: GPL-3.0-or-later
    set yrange [0:1]; set border 3; set tics nomirror; set grid ytics lt 1 lc rgb '#cccccc'
    if (logarithmic) { set logscale x }
    set key outside bottom center height 1 horizontal maxcols 2; set style fill transparent solid 0.18 noborder
    plot for [c = 1:classes] data skip 1 using ($1 == c ? $3 : NaN):5:6 with filledcurves lc rgb colour[c] notitle, \
        for [c = 1:classes] '' skip 1 using ($1 == c ? $3 : NaN):4 with linespoints lw 1.5 pt 4 + c ps 0.8 lc rgb colour[c] title class[c], \
        '' skip 1 using 3:4:(sprintf('%s at %.6g: %.4f [%.4f, %.4f]', strcol(2), $3, $4, $5, $6)) with labels hypertext point pt 7 ps 0.3 lc rgb '#666666' notitle
