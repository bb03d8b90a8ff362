-- What was found is kept in pieces, so that the arc of ten years is read without every word of them. What stood there in one
-- piece is found again by reading anew.
DELETE FROM findings;

CREATE TABLE found (
    circle INTEGER NOT NULL REFERENCES findings ON DELETE CASCADE,
    session INTEGER NOT NULL,
    body TEXT NOT NULL,           -- findings::MeetingFindings as JSON, of its words only those that are quoted
    words BLOB NOT NULL,          -- all of its words
    PRIMARY KEY (circle, session)
) STRICT;
