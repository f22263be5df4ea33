# SPDX-License-Identifier: GPL-3.0-or-later
    set border 3; set tics nomirror; set key outside bottom center height 1 horizontal
    set offsets graph 0.05, graph 0.2, graph 0.1, graph 0.08; set grid lt 1 lc rgb '#cccccc'
    plot data skip 1 using ($3 > 0 ? $3 : NaN):2 with points pt 7 ps 1 lc rgb colour[2] title 'goes down somewhere', \
        '' skip 1 using ($3 == 0 ? $3 : NaN):2 with points pt 5 ps 1 lc rgb colour[1] title 'no negative mode', \
        '' skip 1 using 3:2:(sprintf('%s: loss %.12g, index %.0f, found %.0f times', strcol(1), $2, $3, $5)) with labels hypertext point pt 7 ps 0.5 lc rgb '#666666' notitle
