-- SPDX-License-Identifier: GPL-3.0-or-later
-- The tables of a search for critical points.
CREATE TABLE search (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  plan TEXT NOT NULL,
  version TEXT NOT NULL
) STRICT;
CREATE TABLE points (
  point INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  verdict TEXT NOT NULL,
  doubt TEXT NOT NULL,
  loss REAL,
  gradient_norm REAL,
  norm REAL,
  smallest REAL,
  rank INTEGER NOT NULL,
  negative INTEGER NOT NULL,
  zero INTEGER NOT NULL,
  symmetry INTEGER NOT NULL,
  first INTEGER NOT NULL,
  certified INTEGER NOT NULL CHECK (certified IN (0, 1)),
  rayleigh REAL,
  rayleigh_lower REAL,
  rayleigh_upper REAL,
  gradient_upper REAL,
  step REAL,
  decrease REAL,
  theta BLOB NOT NULL CHECK (length(theta) % 8 = 0),
  direction BLOB CHECK (length(direction) = length(theta))
) STRICT;
CREATE TABLE starts (
  idx INTEGER PRIMARY KEY CHECK (idx >= 0),
  kind TEXT NOT NULL,
  method TEXT NOT NULL,
  reason TEXT NOT NULL,
  gradient_norm REAL,
  iterations INTEGER NOT NULL,
  point INTEGER REFERENCES points
) STRICT;
