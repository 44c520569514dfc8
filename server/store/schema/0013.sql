-- Who was named to interpret before the session: into these languages (BCP 47), one a line; '' = a listener as others.
ALTER TABLE registration ADD COLUMN langs TEXT NOT NULL DEFAULT '';
