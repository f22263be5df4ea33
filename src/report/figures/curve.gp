# SPDX-License-Identifier: GPL-3.0-or-later
    set border 3; set tics nomirror; unset key; set rmargin 5; set xtics rotate by -30
    if (logarithmic) { set logscale y } else { set yrange [0:*] }
    low(x, e) = logarithmic && x <= e ? NaN : x - e
    plot data skip 1 using 1:(low($2, $3)):($2 + $3) with filledcurves lc rgb colour[6] fs transparent solid 0.3 noborder, '' skip 1 using 1:2 with lines lw 1.5 lc rgb colour[1]
