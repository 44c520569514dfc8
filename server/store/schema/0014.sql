-- What is uploaded to an event: slides, as before, and videos for its room. A video's files are in DATA/clips/<event>/.
ALTER TABLE deck RENAME TO upload;
ALTER TABLE upload ADD COLUMN kind TEXT NOT NULL DEFAULT 'slides' CHECK (kind IN ('slides', 'video'));
ALTER TABLE upload ADD COLUMN length_ms INTEGER NOT NULL DEFAULT 0; -- a video's
DROP INDEX deck_event;
DROP INDEX deck_state;
CREATE INDEX upload_event ON upload (event, kind, created_at);
CREATE INDEX upload_state ON upload (state, kind, told, created_at);
-- Captions of an uploaded video, a file a language.
CREATE TABLE clip_caption (
  clip TEXT NOT NULL REFERENCES upload (id) ON DELETE CASCADE,
  lang TEXT NOT NULL,
  name TEXT NOT NULL,                             -- of the file, as it was called where it came from
  vtt TEXT NOT NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (clip, lang)
) STRICT;
