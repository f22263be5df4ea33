# SPDX-License-Identifier: GPL-3.0-or-later
    set border 3; set tics nomirror; set logscale x; set format x '1e%T'
    set key outside bottom center height 1 horizontal maxcols 1
    if (logarithmic) { set logscale y; set format y '1e%T' } else { set yrange [0:*] }
    if (star > 0) { set arrow from star, graph 0 to star, graph 1 nohead dt 2 lc rgb colour[8]; set label sprintf('beta* = %.6g', star) at star, graph 0.95 left offset char 0.5, 0 }
    plot for [p = 1:points] data skip 1 using ($1 == p ? $2 : NaN):4 with lines lw 2 lc rgb colour[1 + (p - 1) % 8] title name[p], \
        data skip 1 using 2:4:(sprintf('beta %.6g: %.10g above the lowest', $2, $4)) with labels hypertext point pt 7 ps 0.2 lc rgb '#666666' notitle
