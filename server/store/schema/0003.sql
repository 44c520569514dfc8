-- What a list of spaces counts, without reading the events themselves; and what else goes with an event.
CREATE INDEX event_space ON event (space, access, state, visibility, id);
CREATE INDEX position_event ON position (event);
