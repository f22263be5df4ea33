-- SPDX-License-Identifier: GPL-3.0-or-later
-- The tables of a campaign (docs/formats/campaign.md). A blob of doubles is a whole number of them.
-- The end points have a table of their own, so that giving a restart its class does not write its end
-- point again.
CREATE TABLE campaign (
  id INTEGER PRIMARY KEY CHECK (id = 1),
  plan TEXT NOT NULL,
  version TEXT NOT NULL
) STRICT;
CREATE TABLE settings (
  setting INTEGER PRIMARY KEY,
  restarts INTEGER NOT NULL CHECK (restarts >= 0),
  text TEXT NOT NULL,
  next INTEGER NOT NULL DEFAULT 0
) STRICT;
CREATE TABLE restarts (
  setting INTEGER NOT NULL REFERENCES settings,
  idx INTEGER NOT NULL CHECK (idx >= 0),
  class INTEGER,
  seed INTEGER NOT NULL,
  reason TEXT NOT NULL,
  loss REAL,
  gradient_norm REAL,
  slack REAL,
  rank INTEGER NOT NULL,
  negative INTEGER,
  zero INTEGER,
  steps INTEGER NOT NULL,
  evaluations INTEGER NOT NULL,
  products INTEGER NOT NULL,
  time REAL,
  seconds REAL,
  singular_values BLOB NOT NULL CHECK (length(singular_values) % 8 = 0),
  class_logits BLOB NOT NULL CHECK (length(class_logits) % 8 = 0),
  PRIMARY KEY (setting, idx)
) STRICT;
CREATE TABLE points (
  setting INTEGER NOT NULL,
  idx INTEGER NOT NULL,
  theta BLOB NOT NULL CHECK (length(theta) % 8 = 0),
  PRIMARY KEY (setting, idx)
) STRICT;
CREATE TABLE classes (
  setting INTEGER NOT NULL REFERENCES settings,
  class INTEGER NOT NULL,
  name TEXT NOT NULL,
  rank INTEGER NOT NULL,
  loss REAL,
  count INTEGER NOT NULL,
  first INTEGER NOT NULL,
  PRIMARY KEY (setting, class)
) STRICT, WITHOUT ROWID;
CREATE TABLE sessions (
  session INTEGER PRIMARY KEY AUTOINCREMENT,
  host TEXT NOT NULL,
  boot TEXT NOT NULL,
  pid INTEGER NOT NULL,
  start INTEGER NOT NULL
) STRICT;
CREATE TABLE claims (
  setting INTEGER NOT NULL REFERENCES settings,
  idx INTEGER NOT NULL,
  session INTEGER REFERENCES sessions,
  PRIMARY KEY (setting, idx)
) STRICT, WITHOUT ROWID;
