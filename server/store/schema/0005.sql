-- Slides of an event: a PDF somebody uploads, and what was made of it. Its files are in DATA/decks/<event>/.
CREATE TABLE deck (
  id TEXT PRIMARY KEY,
  event TEXT NOT NULL REFERENCES event (id) ON DELETE CASCADE,
  title TEXT NOT NULL,
  bytes INTEGER NOT NULL,                         -- of the PDF, as promised
  state TEXT NOT NULL DEFAULT 'uploading' CHECK (state IN ('uploading', 'waiting', 'working', 'ready', 'failed')),
  percent INTEGER NOT NULL DEFAULT 0,
  pages INTEGER NOT NULL DEFAULT 0,
  why TEXT NOT NULL DEFAULT '',                   -- a failed one: broken, locked, pages, office, heavy, server
  told INTEGER NOT NULL DEFAULT 0,                -- the room knows of it
  created_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX deck_event ON deck (event, created_at);
CREATE INDEX deck_state ON deck (state, told, created_at);
