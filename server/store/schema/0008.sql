-- What somebody was made in the room itself, projected from the log: host, cohost, speaker, attendee, '' = nothing.
ALTER TABLE came ADD COLUMN granted TEXT NOT NULL DEFAULT '';
