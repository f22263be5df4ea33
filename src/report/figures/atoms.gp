# SPDX-License-Identifier: GPL-3.0-or-later
    set border 3; set tics nomirror; unset key; set rmargin 5; set xtics rotate by -30; set grid ytics lt 1 lc rgb '#cccccc'; set offsets graph 0.04, graph 0.04, graph 0.06, 0
    if (logarithmic) { set logscale y } else { set yrange [0:*] }
    plot data skip 1 using 1:2 with impulses lw 3 lc rgb colour[1], \
        '' skip 1 using 1:2:3:4 with yerrorbars ps 0 lc rgb colour[2], \
        '' skip 1 using 1:2:(sprintf('%.17g: mass %.8g [%.6g, %.6g]', $1, $2, $3, $4)) with labels hypertext point pt 7 ps 0.5 lc rgb '#666666'
