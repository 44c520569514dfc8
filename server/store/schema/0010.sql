-- Captions among the other lines of a room's log (caption, captioner, caption_edit, caption_dropped).
CREATE INDEX room_captions ON room_event (room, seq) WHERE substr(json, 1, 13) = '{"type":"capt';
-- What a lesson's editors made of its captions afterwards; corrections made in the room are lines of its log.
CREATE TABLE caption_change (
  event TEXT NOT NULL REFERENCES event (id) ON DELETE CASCADE,
  lang TEXT NOT NULL,                             -- of a file's cue, '' = of a line typed in the room
  n INTEGER NOT NULL,                             -- the cue's number in the file, the line's in the log
  text TEXT NOT NULL,                             -- '' = withdrawn
  did INTEGER REFERENCES user (id) ON DELETE SET NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (event, lang, n)
) STRICT, WITHOUT ROWID;
CREATE INDEX caption_change_did ON caption_change (did);
-- Captions brought as a file: they stand in the place of what was typed in that language.
CREATE TABLE caption_file (
  event TEXT NOT NULL REFERENCES event (id) ON DELETE CASCADE,
  lang TEXT NOT NULL,
  name TEXT NOT NULL,                             -- of the file, as it was called where it came from
  vtt TEXT NOT NULL,                              -- its cues, numbered from 1
  did INTEGER REFERENCES user (id) ON DELETE SET NULL,
  at INTEGER NOT NULL,
  PRIMARY KEY (event, lang)
) STRICT;
CREATE INDEX caption_file_did ON caption_file (did);
