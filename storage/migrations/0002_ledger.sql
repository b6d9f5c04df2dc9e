-- What jobs cost: a ledger that is only ever added to, and what it comes to on each account.
-- Both are written by triggers, in the same statement as the job; so are the limits checked.

-- A video that was kept may be delivered once more, when somebody asks for it.
INSERT INTO allowed (before, after) VALUES ('UNDELIVERABLE', 'DELIVERING');

-- One trigger does what two did: each that is run costs a twentieth of a move.
DROP TRIGGER jobs_guard;
DROP TRIGGER jobs_event;

CREATE TRIGGER jobs_event AFTER UPDATE ON jobs
BEGIN
    SELECT RAISE(ABORT, 'illegal move')
    WHERE NEW.version <> OLD.version + 1
        OR NOT EXISTS (SELECT 1 FROM allowed WHERE before = OLD.state AND after = NEW.state);
    INSERT INTO job_events (job_id, version, at, before, after, actor, detail)
    VALUES (NEW.id, NEW.version, NEW.updated_at, OLD.state, NEW.state, NEW.actor, NEW.detail);
END;

-- Where a job ends (core/jobs.py, ENDED), and whether it may have cost nothing there (TOLD_OF).
CREATE TABLE endings (
    state TEXT PRIMARY KEY,
    may_be_free INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

INSERT INTO endings (state, may_be_free) VALUES
    ('DONE', 0), ('DISMISSED', 0), ('SUPERSEDED', 0),
    ('REJECTED', 1), ('FAILED', 1), ('CANCELLED', 1), ('LOST', 1), ('RESULT_GONE', 1), ('UNDELIVERABLE', 1);

-- The limits under which a job was admitted, as a JSON array: each an account's scope, owner and period,
-- then what is counted (`open_jobs`, `videos`, `money`) and the most of it.
ALTER TABLE jobs ADD COLUMN limits TEXT;

-- By how much `reserved` and `spent` change. A line names a job and no person, so that it can stay when
-- somebody's jobs are erased.
CREATE TABLE ledger (
    line INTEGER PRIMARY KEY,
    job_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    booking TEXT NOT NULL CHECK (booking IN ('reserved', 'returned', 'settled')),
    reserved INTEGER NOT NULL,
    spent INTEGER NOT NULL CHECK (spent >= 0)
) STRICT;

-- What is reserved once is returned or settled once.
CREATE UNIQUE INDEX ledger_of_job ON ledger (job_id, booking = 'reserved');

-- The sums of the ledger, kept with each line of it. An account is a member's, a server's or the whole
-- bot's (owner 0); its period is a day `2026-03-01` or a month `2026-03` in UTC, or empty for all time.
CREATE TABLE usage (
    scope TEXT NOT NULL,
    owner INTEGER NOT NULL,
    period TEXT NOT NULL,
    open_jobs INTEGER NOT NULL,
    videos INTEGER NOT NULL,
    reserved INTEGER NOT NULL,
    spent INTEGER NOT NULL,
    PRIMARY KEY (scope, owner, period)
) STRICT, WITHOUT ROWID;

-- The accounts on which a job counts: those of the time at which it was ordered.
CREATE VIEW accounts (job_id, scope, owner, period) AS
WITH
    lengths (length) AS (VALUES (0), (7), (10)),
    periods (job_id, requester_id, guild_id, period) AS NOT MATERIALIZED ( -- of one job, not of all
        SELECT id, requester_id, guild_id, substr(date(ordered_at / 1000000, 'unixepoch'), 1, length)
        FROM jobs CROSS JOIN lengths
    )
SELECT job_id, 'member', requester_id, period FROM periods
UNION ALL
SELECT job_id, 'server', guild_id, period FROM periods WHERE guild_id IS NOT NULL
UNION ALL
SELECT job_id, 'bot', 0, period FROM periods;

CREATE TRIGGER ledger_usage AFTER INSERT ON ledger
BEGIN
    INSERT INTO usage (scope, owner, period, open_jobs, videos, reserved, spent)
    SELECT
        scope, owner, period,
        iif(NEW.booking = 'reserved', 1, -1),
        CASE NEW.booking WHEN 'reserved' THEN 1 WHEN 'returned' THEN -1 ELSE 0 END,
        NEW.reserved, NEW.spent
    FROM accounts
    WHERE job_id = NEW.job_id
    ON CONFLICT (scope, owner, period) DO UPDATE SET
        open_jobs = usage.open_jobs + excluded.open_jobs,
        videos = usage.videos + excluded.videos,
        reserved = usage.reserved + excluded.reserved,
        spent = usage.spent + excluded.spent;
END;

-- Jobs that were there before: all of them were reserved, and those that ended were returned or settled.
INSERT INTO ledger (job_id, at, booking, reserved, spent)
SELECT id, ordered_at, 'reserved', coalesce(price, 0), 0 FROM jobs ORDER BY ordered_at, id;

INSERT INTO ledger (job_id, at, booking, reserved, spent)
SELECT
    id, updated_at,
    iif(is_free, 'returned', 'settled'),
    -coalesce(price, 0),
    iif(is_free, 0, coalesce(price, 0))
FROM (
    SELECT id, updated_at, price, may_be_free AND reason ->> 'charge' IS 'nothing' AS is_free
    FROM jobs JOIN endings USING (state)
)
ORDER BY updated_at, id;

-- One that does not fit is passed over, in silence: it is not among the ids that the statement returns.
CREATE TRIGGER jobs_limits BEFORE INSERT ON jobs
WHEN NEW.limits IS NOT NULL AND EXISTS (
    SELECT 1
    FROM json_each(NEW.limits) AS asked
    LEFT JOIN usage
        ON usage.scope = asked.value ->> 0
        AND usage.owner = asked.value ->> 1
        AND usage.period = asked.value ->> 2
    WHERE (
        CASE asked.value ->> 3
            WHEN 'open_jobs' THEN coalesce(usage.open_jobs, 0) + 1
            WHEN 'videos' THEN coalesce(usage.videos, 0) + 1
            ELSE coalesce(usage.reserved + usage.spent, 0) + NEW.price -- without a price: no room
        END <= asked.value ->> 4
    ) IS NOT TRUE
)
BEGIN
    SELECT RAISE(IGNORE);
END;

CREATE TRIGGER jobs_opening AFTER INSERT ON jobs
WHEN NEW.state NOT IN (SELECT state FROM endings)
BEGIN
    INSERT INTO ledger (job_id, at, booking, reserved, spent)
    VALUES (NEW.id, NEW.updated_at, 'reserved', coalesce(NEW.price, 0), 0);
END;

CREATE TRIGGER jobs_closing AFTER UPDATE ON jobs
WHEN NEW.state <> OLD.state AND EXISTS (SELECT 1 FROM endings WHERE state = NEW.state)
BEGIN
    INSERT INTO ledger (job_id, at, booking, reserved, spent)
    SELECT
        NEW.id, NEW.updated_at,
        iif(is_free, 'returned', 'settled'),
        -reserved,
        iif(is_free, 0, min(coalesce(NEW.price, reserved), reserved))
    FROM (
        SELECT reserved, may_be_free AND NEW.reason ->> 'charge' IS 'nothing' AS is_free
        FROM ledger JOIN endings ON endings.state = NEW.state
        WHERE job_id = NEW.id
        GROUP BY job_id
        HAVING count(*) = 1 -- a video that was delivered once more was settled before
    );
END;

CREATE TRIGGER ledger_guard BEFORE UPDATE ON ledger
BEGIN
    SELECT RAISE(ABORT, 'the ledger is never changed');
END;

CREATE TRIGGER ledger_keep BEFORE DELETE ON ledger
BEGIN
    SELECT RAISE(ABORT, 'the ledger is never changed');
END;
