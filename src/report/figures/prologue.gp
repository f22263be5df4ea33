# SPDX-License-Identifier: GPL-3.0-or-later
if (!exists('formats')) formats = 'svg pdf png'
if (!exists('logarithmic')) logarithmic = 0
set encoding utf8
set datafile separator comma
# Okabe and Ito's palette, which people with any kind of colour vision tell apart.
array colour[8] = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#8c6d31', '#666666']
