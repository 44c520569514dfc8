-- Accounts and their sign-ins.
CREATE TABLE user (
  id INTEGER PRIMARY KEY AUTOINCREMENT,           -- never used again: tickets and logs name it
  email TEXT NOT NULL UNIQUE,                     -- lower case
  name TEXT NOT NULL,
  role TEXT NOT NULL CHECK (role IN ('admin', 'staff', 'teacher', 'learner')),
  pass TEXT NOT NULL,                             -- argon2id, libsodium's string form
  state TEXT NOT NULL DEFAULT 'active' CHECK (state IN ('active', 'blocked')),
  created_at INTEGER NOT NULL
) STRICT;
CREATE TABLE session (
  hash BLOB PRIMARY KEY,                          -- of the cookie's token: a stolen copy of the file signs nobody in
  user INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
  csrf TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX session_user ON session (user);
CREATE INDEX session_expires ON session (expires_at);
CREATE TABLE login_try (
  key TEXT PRIMARY KEY,                           -- account at address, account, address
  fails INTEGER NOT NULL,
  until_at INTEGER NOT NULL,                      -- no try before
  last_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

-- What is planned, live, and over: event, room and lesson are one thing with one id.
CREATE TABLE space (
  id TEXT PRIMARY KEY,
  name_uk TEXT NOT NULL, name_en TEXT NOT NULL,
  about_uk TEXT NOT NULL, about_en TEXT NOT NULL,
  place INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE event (
  n INTEGER PRIMARY KEY,                          -- the search index's row
  id TEXT NOT NULL UNIQUE,
  title TEXT NOT NULL,
  description TEXT NOT NULL,
  space TEXT REFERENCES space (id) ON DELETE SET NULL,
  format TEXT NOT NULL,
  starts_at INTEGER,                              -- NULL: now
  duration_min INTEGER NOT NULL,
  record TEXT NOT NULL CHECK (record IN ('auto', 'manual', 'never')),
  access TEXT NOT NULL CHECK (access IN ('public', 'link', 'members', 'list')),
  lobby INTEGER NOT NULL,
  standing INTEGER NOT NULL DEFAULT 0,            -- opens by itself when somebody joins: made on the command line
  visibility TEXT NOT NULL CHECK (visibility IN ('private', 'unlisted', 'public')),
  state TEXT NOT NULL DEFAULT 'scheduled' CHECK (state IN ('scheduled', 'open', 'ended')),
  host INTEGER NOT NULL REFERENCES user (id),
  code_attendee TEXT NOT NULL, code_speaker TEXT NOT NULL, code_cohost TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  opened_at INTEGER,
  ended_at INTEGER
) STRICT;
CREATE INDEX event_host ON event (host);
CREATE INDEX event_state ON event (state, starts_at);
CREATE TABLE event_person (                       -- named beforehand, with the role to join with
  event TEXT NOT NULL REFERENCES event (id) ON DELETE CASCADE,
  user INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
  role TEXT NOT NULL CHECK (role IN ('cohost', 'speaker', 'attendee')),
  PRIMARY KEY (event, user)
) STRICT, WITHOUT ROWID;
CREATE INDEX event_person_user ON event_person (user);
CREATE TABLE room_event (                         -- the log
  room TEXT NOT NULL REFERENCES event (id) ON DELETE CASCADE,
  seq INTEGER NOT NULL,
  at INTEGER NOT NULL,
  json TEXT NOT NULL,
  PRIMARY KEY (room, seq)
) STRICT, WITHOUT ROWID;
CREATE TABLE came (                               -- projected from the log: who was really let in
  event TEXT NOT NULL REFERENCES event (id) ON DELETE CASCADE,
  member TEXT NOT NULL,                           -- u<account> or g<guest>
  banned INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (event, member)
) STRICT, WITHOUT ROWID;
CREATE INDEX came_member ON came (member);

CREATE TABLE recording (
  event TEXT PRIMARY KEY REFERENCES event (id) ON DELETE CASCADE,
  state TEXT NOT NULL CHECK (state IN ('recording', 'ready', 'failed')),
  started_at INTEGER NOT NULL,
  duration_ms INTEGER NOT NULL DEFAULT 0,
  bytes INTEGER NOT NULL DEFAULT 0,
  manifest TEXT NOT NULL DEFAULT '{}'             -- somhub-pipe's manifest.json
) STRICT, WITHOUT ROWID;
CREATE TABLE download (
  event TEXT NOT NULL REFERENCES event (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,                             -- mp4, poster
  file TEXT NOT NULL,
  bytes INTEGER NOT NULL,
  PRIMARY KEY (event, kind)
) STRICT, WITHOUT ROWID;
CREATE TABLE position (                           -- where somebody stopped watching
  user INTEGER NOT NULL REFERENCES user (id) ON DELETE CASCADE,
  event TEXT NOT NULL REFERENCES event (id) ON DELETE CASCADE,
  ms INTEGER NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (user, event)
) STRICT, WITHOUT ROWID;
CREATE TABLE job (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  event TEXT NOT NULL REFERENCES event (id) ON DELETE CASCADE,
  kind TEXT NOT NULL,                             -- finish, poster, mp4
  state TEXT NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'running', 'done', 'failed')),
  percent INTEGER NOT NULL DEFAULT 0,
  attempts INTEGER NOT NULL DEFAULT 0,
  run_at INTEGER NOT NULL,
  text TEXT NOT NULL DEFAULT '',                  -- why it failed
  created_at INTEGER NOT NULL,
  UNIQUE (event, kind)
) STRICT;
CREATE INDEX job_due ON job (state, run_at);

-- Search. Text is normalised before it comes here (apostrophes; see catalogue/search).
CREATE VIRTUAL TABLE event_fts USING fts5 (
  title, description, host, tokenize = 'unicode61 remove_diacritics 2', prefix = '2 3'
);
