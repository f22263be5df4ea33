# SPDX-License-Identifier: GPL-3.0-or-later
    set view map; set contour base; unset surface; unset key; set tics out
    stats data skip 1 using 3 nooutput; low = STATS_min; span = STATS_max - STATS_min
    if (span <= 0) { span = 1 }
    array level[10]; do for [i = 1:10] { level[i] = low + span * (i / 11.)**(logarithmic ? 3 : 1) }
    set cntrparam levels discrete level[1], level[2], level[3], level[4], level[5], level[6], level[7], level[8], level[9], level[10]
    set size ratio 1; set lmargin at screen 0.12
    set rmargin at screen 0.8; set palette defined (0 '#2a7fb8', 0.5 '#5aa469', 1 '#e08a1e')
    set cbrange [level[1]:level[10]]; set cblabel 'loss f'; set format cb '%.3g'
    splot data skip 1 using 1:2:3 with lines lw 1.5 lc palette z
