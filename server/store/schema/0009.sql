-- Lessons an event's room may play for those in it. Who brought one might watch it then.
CREATE TABLE shared (
  event TEXT NOT NULL REFERENCES event (id) ON DELETE CASCADE,
  lesson TEXT NOT NULL REFERENCES event (id) ON DELETE CASCADE,
  at INTEGER NOT NULL,                            -- brought last: it is good for some hours from then
  PRIMARY KEY (event, lesson)
) STRICT, WITHOUT ROWID;
