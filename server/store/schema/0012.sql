-- Of which revision of a lesson's captions its files are (server/catalogue/revision.h).
CREATE TABLE caption_state (
  event TEXT PRIMARY KEY REFERENCES event (id) ON DELETE CASCADE,
  changes INTEGER NOT NULL DEFAULT 0,             -- what its editors did: corrections, files brought and taken
  cues TEXT NOT NULL DEFAULT '',                  -- the revision of the WebVTT files on disk,
  timeline TEXT NOT NULL DEFAULT ''               -- and of the timeline; '' = of none
) STRICT, WITHOUT ROWID;
