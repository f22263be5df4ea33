# SPDX-License-Identifier: GPL-3.0-or-later
    set border 3; set tics nomirror; set key outside bottom center height 1 horizontal
    if (logarithmic) { set logscale y }
    stats data skip 1 using 2 nooutput; set yrange [*:STATS_max + 0.05 * (STATS_max - STATS_min)]
    plot data skip 1 using 1:3 with lines dt 2 lc rgb colour[2] title 'second order at the point', '' skip 1 using 1:2 with linespoints pt 7 ps 0.3 lc rgb colour[1] title 'loss', \
        '' skip 1 using 1:2:(sprintf('s = %.6g: %.17g', $1, $2)) with labels hypertext point pt 7 ps 0.3 lc rgb colour[1] notitle
