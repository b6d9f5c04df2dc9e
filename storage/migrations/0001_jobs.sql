-- Jobs, their history, and the small notes that the program keeps about itself.
-- Times are microseconds since 1970-01-01 UTC; money is in millionths of a US dollar.

-- Every move there is (core/jobs.py, LEGAL_MOVES).
CREATE TABLE allowed (
    before TEXT NOT NULL,
    after TEXT NOT NULL,
    PRIMARY KEY (before, after)
) STRICT, WITHOUT ROWID;

INSERT INTO allowed (before, after) VALUES
    ('QUEUED', 'SUBMITTING'), ('QUEUED', 'CANCELLED'),
    ('SUBMITTING', 'QUEUED'), ('SUBMITTING', 'RUNNING'),
    ('SUBMITTING', 'UNKNOWN'), ('SUBMITTING', 'REJECTED'),
    ('RUNNING', 'RUNNING'), ('RUNNING', 'READY'), ('RUNNING', 'FAILED'),
    ('RUNNING', 'LOST'), ('RUNNING', 'RESULT_GONE'),
    ('READY', 'RUNNING'), ('READY', 'STORED'), ('READY', 'RESULT_GONE'),
    ('STORED', 'DELIVERING'),
    ('DELIVERING', 'DELIVERING'), ('DELIVERING', 'DELIVERED'), ('DELIVERING', 'UNDELIVERABLE'),
    ('DELIVERED', 'DELIVERED'), ('DELIVERED', 'DONE'),
    ('UNKNOWN', 'RUNNING'), ('UNKNOWN', 'UNKNOWN'), ('UNKNOWN', 'DISMISSED'), ('UNKNOWN', 'SUPERSEDED'),
    -- An ended job moves once more onto itself when its member has been told.
    ('REJECTED', 'REJECTED'), ('FAILED', 'FAILED'), ('CANCELLED', 'CANCELLED'),
    ('LOST', 'LOST'), ('RESULT_GONE', 'RESULT_GONE'), ('UNDELIVERABLE', 'UNDELIVERABLE');

CREATE TABLE jobs (
    id INTEGER PRIMARY KEY,
    -- What no move changes: who ordered it, where, when, and what it is a re-run of.
    requester_id INTEGER NOT NULL,
    channel_id INTEGER NOT NULL,
    guild_id INTEGER,
    ordered_at INTEGER NOT NULL,
    parent_id INTEGER,

    state TEXT NOT NULL CHECK (state IN (
        'QUEUED', 'SUBMITTING', 'RUNNING', 'READY', 'STORED', 'DELIVERING', 'DELIVERED', 'DONE',
        'UNKNOWN', 'REJECTED', 'FAILED', 'CANCELLED', 'LOST', 'RESULT_GONE', 'UNDELIVERABLE',
        'DISMISSED', 'SUPERSEDED'
    )),
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    next_at INTEGER,
    actor TEXT NOT NULL,
    detail TEXT,

    price INTEGER,
    attempts INTEGER NOT NULL,
    provider TEXT,
    submitted_at INTEGER,

    -- The job's parts, as JSON objects.
    request TEXT NOT NULL,
    destination TEXT NOT NULL,
    ticket TEXT,
    result TEXT,
    video TEXT,
    delivery TEXT,
    reason TEXT,

    -- A job that has not ended is looked at again.
    CHECK (next_at IS NOT NULL OR state IN (
        'DONE', 'REJECTED', 'FAILED', 'CANCELLED', 'LOST', 'RESULT_GONE', 'UNDELIVERABLE',
        'DISMISSED', 'SUPERSEDED'
    ))
) STRICT;

-- A paid task belongs to one job.
CREATE UNIQUE INDEX jobs_task ON jobs (ticket ->> 'provider', ticket ->> 'task_id') WHERE ticket IS NOT NULL;
CREATE INDEX jobs_pending ON jobs (ordered_at, id) WHERE next_at IS NOT NULL;
CREATE INDEX jobs_recent ON jobs (ordered_at, id);
CREATE INDEX jobs_of_requester ON jobs (requester_id, ordered_at, id);

-- A job's history: one line for each version of it, never changed. Lines are appended, whatever
-- job they belong to, so that many moves at once write few pages.
CREATE TABLE job_events (
    line INTEGER PRIMARY KEY,
    job_id INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    version INTEGER NOT NULL,
    at INTEGER NOT NULL,
    before TEXT,
    after TEXT NOT NULL,
    actor TEXT NOT NULL,
    detail TEXT,
    UNIQUE (job_id, version)
) STRICT;

CREATE TRIGGER jobs_guard BEFORE UPDATE ON jobs
WHEN NEW.version <> OLD.version + 1
    OR NOT EXISTS (SELECT 1 FROM allowed WHERE before = OLD.state AND after = NEW.state)
BEGIN
    SELECT RAISE(ABORT, 'illegal move');
END;

CREATE TRIGGER jobs_first_event AFTER INSERT ON jobs
BEGIN
    INSERT INTO job_events (job_id, version, at, before, after, actor, detail)
    VALUES (NEW.id, NEW.version, NEW.updated_at, NULL, NEW.state, NEW.actor, NEW.detail);
END;

CREATE TRIGGER jobs_event AFTER UPDATE ON jobs
BEGIN
    INSERT INTO job_events (job_id, version, at, before, after, actor, detail)
    VALUES (NEW.id, NEW.version, NEW.updated_at, OLD.state, NEW.state, NEW.actor, NEW.detail);
END;

CREATE TRIGGER job_events_guard BEFORE UPDATE ON job_events
BEGIN
    SELECT RAISE(ABORT, 'history is never changed');
END;

CREATE TABLE notes (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT, WITHOUT ROWID;
