-- What the staff made of formats. Every change is a row with the whole of it, so the table is its own log: a format is
-- its last row, and an event that was opened keeps the row it was opened with.
CREATE TABLE format_change (
  n INTEGER PRIMARY KEY AUTOINCREMENT,
  format TEXT NOT NULL,
  did TEXT NOT NULL CHECK (did IN ('made', 'changed', 'restored', 'hidden', 'shown', 'default', 'deleted')),
  text TEXT NOT NULL,                             -- JSON as in config/formats; '' = as shipped
  hidden INTEGER NOT NULL DEFAULT 0,
  user INTEGER NOT NULL,
  user_name TEXT NOT NULL,
  at INTEGER NOT NULL
) STRICT;
CREATE INDEX format_change_format ON format_change (format, n);
-- The change its format was at when it was opened; 0 = as shipped, NULL = not opened yet: whatever is the last.
ALTER TABLE event ADD COLUMN format_n INTEGER;
UPDATE event SET format_n = 0 WHERE state <> 'scheduled';
CREATE INDEX event_format ON event (format);
