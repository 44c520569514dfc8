-- Registration once for a whole series: a row of `registration` a date, tied together by one pass with one address.
CREATE TABLE pass (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  series TEXT NOT NULL REFERENCES series (id) ON DELETE CASCADE,
  code TEXT NOT NULL UNIQUE,                      -- his own address: see, cancel, enter any of the dates
  created_at INTEGER NOT NULL
) STRICT;
CREATE INDEX pass_series ON pass (series);
ALTER TABLE registration ADD COLUMN pass INTEGER REFERENCES pass (id) ON DELETE CASCADE; -- NULL: for this date alone
CREATE INDEX registration_pass ON registration (pass);
ALTER TABLE signup ADD COLUMN whole INTEGER NOT NULL DEFAULT 0; -- who registers is registered for all dates that have this
