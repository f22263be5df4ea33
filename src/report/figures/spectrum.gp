# SPDX-License-Identifier: GPL-3.0-or-later
    symlog(x) = sgn(x) * log10(1 + abs(x) / linear)
    strip = 84. / high + 18. / high * (1 + sectors / 2); panel = (1. - strip) / panels
    margin = 0.05 * (right - left); set xrange [left - margin:right + margin]
    set logscale y; set yrange [0.6:top * 8]; set border 3
    set tics nomirror; set format y '1e%T'; set ytics (1, 100, 1e4, 1e6, 1e8, 1e10); set boxwidth 0.02 * (right - left)
    set style fill solid; set lmargin at screen 0.13; set rmargin at screen 0.97
    eval tics; set multiplot; unset key
    do for [p = 1:panels] {
        set bmargin at screen strip + (panels - p) * panel + 34. / high
        set tmargin at screen strip + (panels - p + 1) * panel - 34. / high
        set title name[p] offset 0, -0.3
        if (p < panels) { unset xlabel } else { set xlabel 'eigenvalue t of the Hessian (loss per squared parameter)'
            set key at screen 0.55, 6. / high bottom center horizontal maxcols 2 }
        plot data skip 1 using ($1 == p && $7 == 1 ? 0 : NaN):4 with boxes lc rgb colour[2] title p == panels ? 'zero modes' : '', \
            for [s = 1:sectors] '' skip 1 using ($1 == p && $6 == s ? symlog($3) : NaN):4 with impulses lw 3 lc rgb colour[s == 1 ? 1 : 1 + s] title p == panels ? sector[s] : '', \
            '' skip 1 using ($1 == p && $6 == 0 && $7 == 0 ? symlog($3) : NaN):4 with impulses lw 2 lc rgb colour[1] notitle, \
            '' skip 1 using ($1 == p ? symlog($3) : NaN):4:(sprintf('%s: %.17g x %.0f', strcol(5), $3, $4)) with labels hypertext point pt 7 ps 0.5 lc rgb '#666666' notitle, \
            '' skip 1 using ($1 == p && $8 == 1 ? symlog($3) : NaN):4:(sprintf('%.0f', $4)) with labels offset 0, 0.7 notitle
    }
    unset multiplot
