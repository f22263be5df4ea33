# SPDX-License-Identifier: GPL-3.0-or-later
    set border 3; set tics nomirror; set logscale xy; set format '1e%T'
    set key outside bottom center height 1 horizontal maxcols 1
    plot for [p = 1:series] data skip 1 using ($1 == p ? $3 : NaN):7 with lines dt 2 lc rgb colour[p] title p == 1 ? 'second order' : '', \
        for [p = 1:series] '' skip 1 using ($1 == p ? $3 : NaN):4:5:6 with yerrorbars pt 4 + p ps 0.8 lc rgb colour[p] title name[p], \
        for [p = 1:series] '' skip 1 using ($1 == p ? $3 : NaN):4 with points pt 4 + p ps 0.8 lc rgb colour[p] notitle, \
        '' skip 1 using 3:4:(sprintf('%s at %.6g: %.17g', strcol(2), $3, $4)) with labels hypertext point pt 7 ps 0.3 lc rgb '#666666' notitle
