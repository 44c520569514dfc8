-- What a room is restored from: its state as the shortest log that leads to it (server/rooms/image.h), lines of
-- room_event's kind. The two newest of a room are kept.
CREATE TABLE room_image (
  room TEXT NOT NULL REFERENCES event (id) ON DELETE CASCADE,
  seq INTEGER NOT NULL,                           -- of the last event in it
  at INTEGER NOT NULL,
  lines TEXT NOT NULL,
  PRIMARY KEY (room, seq)
) STRICT, WITHOUT ROWID;

-- What was promised over HTTP and a live room has yet to hear of.
ALTER TABLE event ADD COLUMN end_asked_at INTEGER;
ALTER TABLE user ADD COLUMN void_before INTEGER NOT NULL DEFAULT 0; -- Unix seconds: tickets minted until then are void
