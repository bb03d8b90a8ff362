CREATE TABLE circle (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    about TEXT NOT NULL,          -- session::Circle as JSON
    keeper BLOB NOT NULL,         -- signing key of the vault for what is no person's act
    facilitator INTEGER           -- member's number in the ledger
) STRICT;

CREATE TABLE sealed_key (
    circle INTEGER NOT NULL REFERENCES circle ON DELETE CASCADE,
    member INTEGER NOT NULL,
    sealed BLOB NOT NULL,
    PRIMARY KEY (circle, member)
) STRICT;

CREATE TABLE ledger (
    circle INTEGER NOT NULL REFERENCES circle,
    seq INTEGER NOT NULL,
    prev BLOB NOT NULL,
    hash BLOB NOT NULL,
    body BLOB NOT NULL,
    PRIMARY KEY (circle, seq)
) STRICT;

-- The chain and the signatures are what proves the ledger; these only keep our own mistakes from breaking it.
CREATE TRIGGER ledger_is_not_changed BEFORE UPDATE ON ledger BEGIN SELECT raise(ABORT, 'the ledger only grows'); END;
CREATE TRIGGER ledger_is_not_cut BEFORE DELETE ON ledger BEGIN SELECT raise(ABORT, 'the ledger only grows'); END;

CREATE TABLE meeting (
    id INTEGER PRIMARY KEY,
    circle INTEGER NOT NULL REFERENCES circle ON DELETE CASCADE,
    session INTEGER NOT NULL,
    plan TEXT NOT NULL,           -- session::Meeting without utterances, as JSON
    state TEXT NOT NULL,
    notes TEXT NOT NULL DEFAULT '',
    UNIQUE (circle, session)
) STRICT;

CREATE TABLE spool (
    meeting INTEGER PRIMARY KEY REFERENCES meeting ON DELETE CASCADE,
    file TEXT NOT NULL,           -- name within the data folder
    wrapped BLOB NOT NULL,        -- the sound's key, locked; without it the file is noise
    frames INTEGER NOT NULL       -- most that was ever acknowledged: a shorter file was cut
) STRICT;

CREATE TABLE heard (
    meeting INTEGER NOT NULL REFERENCES meeting ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    piece BLOB NOT NULL,          -- wire::Heard without voices
    PRIMARY KEY (meeting, seq)
) STRICT;

CREATE TABLE voice (
    meeting INTEGER NOT NULL REFERENCES meeting ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    windows BLOB NOT NULL,        -- wire::VoiceWindow
    PRIMARY KEY (meeting, seq)
) STRICT;

CREATE TABLE utterance (
    meeting INTEGER NOT NULL REFERENCES meeting ON DELETE CASCADE,
    i INTEGER NOT NULL,
    speaker TEXT NOT NULL,
    text TEXT NOT NULL,
    start REAL NOT NULL,
    end REAL NOT NULL,
    pause_before REAL NOT NULL,
    confidence REAL NOT NULL,
    PRIMARY KEY (meeting, i)
) STRICT;

CREATE TABLE reading (
    meeting INTEGER PRIMARY KEY REFERENCES meeting ON DELETE CASCADE,
    models TEXT NOT NULL,         -- hashes of what made it; another hash means reading again
    scores BLOB NOT NULL
) STRICT;

CREATE TABLE findings (
    circle INTEGER PRIMARY KEY REFERENCES circle ON DELETE CASCADE,
    body TEXT NOT NULL            -- findings::Findings as JSON
) STRICT;
