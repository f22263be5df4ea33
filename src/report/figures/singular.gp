# SPDX-License-Identifier: GPL-3.0-or-later
    set key outside bottom center height 1 horizontal maxcols 1; set border 3; set tics nomirror
    set grid ytics lt 1 lc rgb '#cccccc'; set offsets 0.3, 0.3, 0, 0
    set xtics rank > 12 ? 5 * (1 + rank / 60) : 1
    if (logarithmic) { set logscale y; set format y '%.0e' } else { set yrange [0:*] }
    plot for [p = 1:points] data skip 1 using ($1 == p ? $3 : NaN):4 with linespoints lc rgb colour[1 + (p - 1) % 8] pt 4 + p % 10 ps 0.8 title name[p], \
        data skip 1 using 3:4:(sprintf('%s: value %.0f is %.17g', strcol(2), $3, $4)) with labels hypertext point pt 7 ps 0.3 lc rgb '#666666' notitle
