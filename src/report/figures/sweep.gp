# SPDX-License-Identifier: GPL-3.0-or-later
    set border 3; set tics nomirror; unset key; set rmargin 4
    if (logarithmic) { set logscale xy } else { set yrange [0:*] }
    plot data skip 1 using 1:2 with linespoints pt 7 ps 0.7 lc rgb colour[1], '' skip 1 using 1:2:3 with yerrorbars ps 0 lc rgb colour[1], '' skip 1 using 1:2:(sprintf('width %.0f: %.10g', $1, $2)) with labels hypertext point pt 7 ps 0.7 lc rgb colour[1]
