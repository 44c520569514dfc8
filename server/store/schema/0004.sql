-- The calendar: what repeats, when it was moved, that it is called off.
CREATE TABLE series (
  id TEXT PRIMARY KEY,
  rule TEXT NOT NULL,                             -- RFC 5545 RRULE, of what server/calendar/recur.h takes
  zone TEXT NOT NULL,                             -- IANA name: where "every Tuesday at 18:00" is meant
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
ALTER TABLE event ADD COLUMN zone TEXT NOT NULL DEFAULT '';       -- '': the centre's
ALTER TABLE event ADD COLUMN series TEXT REFERENCES series (id) ON DELETE SET NULL;
ALTER TABLE event ADD COLUMN slot_at INTEGER;                     -- the time the series gives it; starts_at differs: moved alone
ALTER TABLE event ADD COLUMN sequence INTEGER NOT NULL DEFAULT 0; -- RFC 5545 3.8.7.4
ALTER TABLE event ADD COLUMN changed_at INTEGER NOT NULL DEFAULT 0;
ALTER TABLE event ADD COLUMN cancelled_at INTEGER;
CREATE INDEX event_starts ON event (starts_at);
CREATE INDEX event_series ON event (series, slot_at);
ALTER TABLE user ADD COLUMN feed INTEGER NOT NULL DEFAULT 0;      -- which address of his calendar is good: odd = one is

-- Registration. What is asked is the least the event needs: a row here, and only then anything is asked at all.
CREATE TABLE signup (
  event TEXT PRIMARY KEY REFERENCES event (id) ON DELETE CASCADE,
  required INTEGER NOT NULL,                      -- only who is registered may join
  capacity INTEGER NOT NULL,                      -- 0: as many as come
  approval INTEGER NOT NULL,
  email TEXT NOT NULL CHECK (email IN ('none', 'optional', 'needed')),
  consent TEXT NOT NULL,                          -- the centre's own sentence; '' = the usual one
  questions TEXT NOT NULL                         -- JSON, server/catalogue/form.h
) STRICT, WITHOUT ROWID;
CREATE TABLE registration (
  id INTEGER PRIMARY KEY AUTOINCREMENT,           -- the order of the waiting list
  event TEXT NOT NULL REFERENCES event (id) ON DELETE CASCADE,
  user INTEGER REFERENCES user (id) ON DELETE CASCADE, -- NULL: without an account
  code TEXT NOT NULL UNIQUE,                      -- his own address: see, cancel, enter
  name TEXT NOT NULL,
  email TEXT NOT NULL,
  lang TEXT NOT NULL CHECK (lang IN ('uk', 'en')),
  state TEXT NOT NULL CHECK (state IN ('invited', 'pending', 'waiting', 'confirmed', 'refused', 'cancelled')),
  answers TEXT NOT NULL,                          -- JSON
  remind INTEGER NOT NULL DEFAULT 1,
  member TEXT NOT NULL DEFAULT '',                -- who he was in the room
  created_at INTEGER NOT NULL,
  changed_at INTEGER NOT NULL
) STRICT;
CREATE INDEX registration_event ON registration (event, state, id);
CREATE UNIQUE INDEX registration_user ON registration (event, user) WHERE user IS NOT NULL;
CREATE INDEX registration_by_user ON registration (user);

-- What is to be sent. It is written when it is sent: the row says only what about, to whom.
CREATE TABLE mail (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  registration INTEGER NOT NULL REFERENCES registration (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  sequence INTEGER NOT NULL,                      -- of the event: the same news goes once
  state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'sending', 'sent', 'failed')),
  attempts INTEGER NOT NULL DEFAULT 0,
  run_at INTEGER NOT NULL,
  text TEXT NOT NULL DEFAULT '',                  -- why it failed
  created_at INTEGER NOT NULL,
  UNIQUE (registration, kind, sequence)
) STRICT;
CREATE INDEX mail_due ON mail (state, run_at);
