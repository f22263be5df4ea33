# SPDX-License-Identifier: GPL-3.0-or-later
    set yrange [points + 0.6 : 0.4]; set border 1; set xtics step nomirror
    set ytics () scale 0; do for [p = 1:points] { set ytics add (name[p] p) }
    set xrange [0:widest * 1.05]; set style fill solid 0.85 border; unset ylabel
    set bmargin at screen (72. + 18 * (1 + words(present) / 3)) / high
    set key at screen 0.5, 4. / high bottom center horizontal samplen 2 maxcols 3
    drawn(p) = p == parts ? 2 : p == parts - 1 ? 8 : p == 1 ? 1 : 3 + (p - 2) % 5
    holds(p, q) = p == q ? 1 : NaN
    plot for [p in present] data skip 1 using (holds($3, p) * ($6 + $7) / 2):1:6:7:($1 - 0.36):($1 + 0.36) with boxxyerror lc rgb colour[drawn(int(p))] title part[int(p)], \
        data skip 1 using (($6 + $7) / 2):($1 + 0.2):(sprintf('%s, %s: %.0f modes', strcol(2), strcol(4), $5)) with labels hypertext point pt 7 ps 0.3 lc rgb '#ffffff' notitle, \
        data skip 1 using (($6 + $7) / 2):($7 - $6 > 0.08 * widest ? $1 - 0.06 : NaN):(sprintf('%.0f', $5)) with labels tc rgb '#ffffff' notitle
