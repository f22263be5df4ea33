# SPDX-License-Identifier: GPL-3.0-or-later
    set yrange [points + 0.6 : 0.4]; set xtics step nomirror; set border 1
    set ytics () scale 0; do for [p = 1:points] { set ytics add (name[p] p) }
    set offsets graph 0.05, graph 0.25, 0, 0; set grid xtics lt 1 lc rgb '#cccccc'
    unset ylabel; unset key
    plot data skip 1 using 3:1 with points pt 7 ps 1.1 lc rgb colour[1], \
        '' skip 1 using 3:1:(sprintf('%s: %.17g', strcol(2), $3)) with labels hypertext point pt 7 ps 1.1 lc rgb colour[1], \
        '' skip 1 using 3:1:(sprintf('%.6g', $3)) with labels left offset char 1, 0
