-- Chat among the other lines of a room's log, for looking for something in it: what a line is, is its first member
-- (chat…, direct…, unchat, undirect).
CREATE INDEX room_talk ON room_event (room, seq)
  WHERE substr(json, 1, 13) IN ('{"type":"chat', '{"type":"dire', '{"type":"unch', '{"type":"undi');
