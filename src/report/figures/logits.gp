# SPDX-License-Identifier: GPL-3.0-or-later
    strip = 84. / high; cell = (1. - strip) / rows; unset key
    set palette maxcolors 25 defined (-1 '#2166ac', -0.5 '#92c5de', 0 '#f7f7f7', 0.5 '#f4a582', 1 '#b2182b'); set cbrange [-largest:largest]
    set xrange [-0.5:classes - 0.5]; set yrange [classes - 0.5:-0.5]; set size ratio -1
    set tics out nomirror; set xtics 0, every; set ytics 0, every; set style fill solid noborder; set multiplot
    do for [p = 1:panels] {
        column = (p - 1) % columns; row = (p - 1) / columns
        set lmargin at screen (column + 0.19) / columns
        set rmargin at screen (column + 0.97) / columns
        set bmargin at screen strip + (rows - row - 1 + 0.2) * cell
        set tmargin at screen strip + (rows - row) * cell - 34. / high
        n = name[p]; if (columns > 2 && strlen(n) > 20) { n = word(n, 1)." ..".substr(n, strlen(n) - 12, 99) }
        set title n offset 0, -0.5; unset colorbox; if (column > 0) { unset ylabel } else { set ylabel 'logit of class' }
        if (p == panels) { set colorbox horizontal user origin 0.2, 62. / high size 0.6, 12. / high; set label 'mean logit (nats)' at screen 0.5, 10. / high center }
        plot data skip 1 using ($1 == p ? $3 : NaN):4:($3 - 0.5):($3 + 0.5):($4 - 0.5):($4 + 0.5):5 with boxxyerror lc palette
    }
    unset multiplot
