# SPDX-License-Identifier: GPL-3.0-or-later
    set yrange [settings - 0.4:-0.6]; set xrange [0:1]; set border 1; set xtics nomirror
    set ytics () scale 0; do for [i = 1:settings] {
        set ytics add (sprintf('%d', i - 1) (i - 1))
        set label i setting[i] at graph 0.01, first i - 1.47 left front
    }
    set grid xtics lt 1 lc rgb '#cccccc'; set ylabel 'setting'
    set bmargin at screen (70. + 20 * ((classes + 1) / 2)) / high
    set key at screen 0.5, 4. / high bottom center horizontal maxcols 2 samplen 2
    dodge(c) = (c - (classes + 1) / 2.) * 0.6 / classes + 0.07
    plot for [c = 1:classes] data skip 1 using ($2 == c ? $6 : NaN):($1 + dodge($2)):7:8 with xerrorbars pt 4 + c ps 0.8 lw 1.5 lc rgb colour[c] title class[c], \
        data skip 1 using 6:($1 + dodge($2)):(sprintf('setting %.0f, %s: %.0f of %.0f, %.4f [%.4f, %.4f]', $1, strcol(3), $4, $5, $6, $7, $8)) with labels hypertext point pt 7 ps 0.3 lc rgb '#666666' notitle
