-- SPDX-License-Identifier: GPL-3.0-or-later
-- Every statement but the schemas, under the constant of src/campaign/store_private.h that means it.
-- Arguments are numbered in the order in which they are bound.

-- let restart_columns
r.setting, r.idx, seed, reason, loss, gradient_norm, slack, rank, negative, zero, steps,
evaluations, products, time, seconds, singular_values, class_logits

-- let finding_columns
name, verdict, doubt, loss, gradient_norm, norm, smallest, rank, negative, zero, symmetry, first,
certified, rayleigh, rayleigh_lower, rayleigh_upper, gradient_upper, step, decrease, theta,
direction

-- TW_SQL_BEGIN
BEGIN IMMEDIATE

-- TW_SQL_LOOK
BEGIN

-- TW_SQL_COMMIT
COMMIT

-- TW_SQL_IDENTITY
SELECT (SELECT application_id FROM pragma_application_id), (SELECT user_version FROM
pragma_user_version), (SELECT count(*) FROM sqlite_schema)

-- TW_SQL_PAGE_SIZE
SELECT page_size FROM pragma_page_size

-- TW_SQL_PLAN
SELECT plan FROM campaign

-- TW_SQL_SET_PLAN
INSERT INTO campaign (id, plan, version) VALUES (1, ?, ?)

-- TW_SQL_ADD_SETTING
INSERT INTO settings (setting, restarts, text) VALUES (?, ?, ?)

-- TW_SQL_COUNT_SETTINGS
SELECT count(*) FROM settings

-- TW_SQL_SETTING
SELECT restarts, next FROM settings WHERE setting = ?

-- TW_SQL_SETTING_TEXT
SELECT text FROM settings WHERE setting = ?

-- TW_SQL_COUNT_DONE
SELECT count(*) FROM restarts WHERE setting = ?

-- TW_SQL_IS_DONE
SELECT 1 FROM restarts WHERE setting = ? AND idx = ?

-- TW_SQL_COUNT_CLAIMS
SELECT host, boot, pid, start, session, (SELECT count(*) FROM claims c WHERE c.setting = ? AND
c.session = s.session) FROM sessions s

-- TW_SQL_SESSIONS
SELECT host, boot, pid, start, session FROM sessions

-- TW_SQL_STRANGERS
SELECT 1 FROM sessions WHERE host <> ?

-- TW_SQL_ADD_SESSION
INSERT OR IGNORE INTO sessions (session, host, boot, pid, start) VALUES (?, ?, ?, ?, ?)

-- TW_SQL_FREE_CLAIMS
UPDATE claims SET session = NULL WHERE session = ?

-- TW_SQL_DROP_SESSION
DELETE FROM sessions WHERE session = ?

-- TW_SQL_FIND_FREE
SELECT idx FROM claims WHERE setting = ? AND session IS NULL ORDER BY idx LIMIT ?

-- TW_SQL_TAKE_FREE
UPDATE claims SET session = ? WHERE setting = ? AND idx = ?

-- TW_SQL_ADD_CLAIM
INSERT INTO claims (session, setting, idx) VALUES (?, ?, ?)

-- TW_SQL_SET_NEXT
UPDATE settings SET next = ? WHERE setting = ?

-- TW_SQL_DROP_CLAIM
DELETE FROM claims WHERE setting = ? AND idx = ?

-- TW_SQL_ADD_RESTART
INSERT INTO restarts AS r (setting, idx, seed, reason, loss, gradient_norm, slack, rank, negative,
zero, steps, evaluations, products, time, seconds, singular_values, class_logits) VALUES (?, ?, ?,
?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (setting, idx) DO NOTHING

-- TW_SQL_ADD_POINT
INSERT INTO points (setting, idx, theta) VALUES (?, ?, ?)

-- TW_SQL_WALK
SELECT {restart_columns} FROM restarts r WHERE r.setting = ? ORDER BY r.idx

-- TW_SQL_WALK_POINTS
SELECT {restart_columns}, theta FROM restarts r LEFT JOIN points p ON p.setting = r.setting AND
p.idx = r.idx WHERE r.setting = ? ORDER BY r.idx

-- TW_SQL_DROP_CLASSES
DELETE FROM classes WHERE setting = ?

-- TW_SQL_ADD_CLASS
INSERT INTO classes (setting, class, rank, count, first, name, loss) VALUES (?, ?, ?, ?, ?, ?, ?)

-- TW_SQL_LIST_DONE
SELECT idx FROM restarts WHERE setting = ? ORDER BY idx

-- TW_SQL_SET_CLASS
UPDATE restarts SET class = ?1 WHERE setting = ?2 AND idx = ?3 AND class IS NOT ?1

-- TW_SQL_FINDINGS_PLAN
SELECT plan FROM search

-- TW_SQL_SET_FINDINGS_PLAN
INSERT INTO search (id, plan, version) VALUES (1, ?, ?)

-- TW_SQL_ADD_FINDING
INSERT INTO points (point, {finding_columns}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?,
?, ?, ?, ?, ?, ?, ?)

-- TW_SQL_FINDINGS
SELECT {finding_columns}, (SELECT count(*) FROM starts s WHERE s.point = p.point) FROM points p
ORDER BY p.point

-- TW_SQL_ADD_FINDING_START
INSERT INTO starts (idx, kind, method, reason, gradient_norm, iterations, point) VALUES (?, ?, ?,
?, ?, ?, ?)

-- TW_SQL_FINDING_STARTS
SELECT idx, kind, method, reason, gradient_norm, iterations, point FROM starts ORDER BY idx
