-- The price that counts is the one at the moment of sending, and a request that nobody confirmed gives its
-- place back when its member has been told. Each line of the ledger says itself by how much it changes
-- each sum: `raised` reserves more for a dearer offer, `freed` gives back a place and keeps the money.

DROP TRIGGER jobs_opening;
DROP TRIGGER jobs_closing;
DROP TRIGGER jobs_erased;

CREATE TABLE lines (
    line INTEGER PRIMARY KEY,
    job_id INTEGER NOT NULL,
    at INTEGER NOT NULL,
    booking TEXT NOT NULL CHECK (booking IN ('reserved', 'raised', 'freed', 'returned', 'settled')),
    open_jobs INTEGER NOT NULL,
    videos INTEGER NOT NULL,
    reserved INTEGER NOT NULL,
    spent INTEGER NOT NULL CHECK (spent >= 0)
) STRICT;

INSERT INTO lines (line, job_id, at, booking, open_jobs, videos, reserved, spent)
SELECT
    line, job_id, at, booking,
    iif(booking = 'reserved', 1, -1),
    CASE booking WHEN 'reserved' THEN 1 WHEN 'returned' THEN -1 ELSE 0 END,
    reserved, spent
FROM ledger ORDER BY line;

DROP TABLE ledger;
ALTER TABLE lines RENAME TO ledger;

-- A job is reserved for once, gives its place back early at most once, and is returned or settled once.
CREATE UNIQUE INDEX ledger_of_job ON ledger (
    job_id, CASE booking WHEN 'raised' THEN line WHEN 'returned' THEN 'settled' ELSE booking END
);

CREATE TRIGGER ledger_usage AFTER INSERT ON ledger
BEGIN
    INSERT INTO usage (scope, owner, period, open_jobs, videos, reserved, spent)
    SELECT scope, owner, period, NEW.open_jobs, NEW.videos, NEW.reserved, NEW.spent
    FROM accounts
    WHERE job_id = NEW.job_id
    ON CONFLICT (scope, owner, period) DO UPDATE SET
        open_jobs = usage.open_jobs + excluded.open_jobs,
        videos = usage.videos + excluded.videos,
        reserved = usage.reserved + excluded.reserved,
        spent = usage.spent + excluded.spent;
END;

CREATE TRIGGER ledger_guard BEFORE UPDATE ON ledger
BEGIN
    SELECT RAISE(ABORT, 'the ledger is never changed');
END;

CREATE TRIGGER ledger_keep BEFORE DELETE ON ledger
BEGIN
    SELECT RAISE(ABORT, 'the ledger is never changed');
END;

-- A REPLACE takes a line away without asking the trigger of DELETE.
CREATE TRIGGER ledger_add BEFORE INSERT ON ledger
WHEN EXISTS (SELECT 1 FROM ledger WHERE line = NEW.line)
    OR EXISTS (
        SELECT 1 FROM ledger
        WHERE job_id = NEW.job_id
            AND CASE booking WHEN 'raised' THEN line WHEN 'returned' THEN 'settled' ELSE booking END
                = iif(NEW.booking = 'returned', 'settled', NEW.booking)
    )
BEGIN
    SELECT RAISE(ABORT, 'the ledger is never changed');
END;

-- What was told of before gives its place back now.
INSERT INTO ledger (job_id, at, booking, open_jobs, videos, reserved, spent)
SELECT id, updated_at, 'freed', -1, 0, 0, 0
FROM jobs
WHERE state = 'UNKNOWN' AND detail = 'told' AND EXISTS (SELECT 1 FROM ledger WHERE job_id = jobs.id)
ORDER BY updated_at, id;

CREATE TRIGGER jobs_opening AFTER INSERT ON jobs
WHEN NEW.state NOT IN (SELECT state FROM endings)
BEGIN
    INSERT INTO ledger (job_id, at, booking, open_jobs, videos, reserved, spent)
    VALUES (NEW.id, NEW.updated_at, 'reserved', 1, 1, coalesce(NEW.price, 0), 0);
END;

-- Before a paid request is sent, the limits of this moment are looked at once more, with the price of this
-- moment in the place of what is reserved. One that does not fit is passed over, in silence.
CREATE TRIGGER jobs_limits_at_sending BEFORE UPDATE OF limits ON jobs
WHEN NEW.state = 'SUBMITTING' AND NEW.limits IS NOT NULL AND EXISTS (
    SELECT 1
    FROM json_each(NEW.limits) AS asked
    LEFT JOIN usage
        ON usage.scope = asked.value ->> 0
        AND usage.owner = asked.value ->> 1
        AND usage.period = asked.value ->> 2
    WHERE (
        CASE asked.value ->> 3
            WHEN 'open_jobs' THEN 0 -- the job has its place
            WHEN 'videos' THEN coalesce(usage.videos, 0)
            ELSE coalesce(usage.reserved + usage.spent, 0) + NEW.price -- without a price: no room
                - (SELECT coalesce(sum(reserved), 0) FROM ledger WHERE job_id = NEW.id)
        END <= asked.value ->> 4
    ) IS NOT TRUE
)
BEGIN
    SELECT RAISE(IGNORE);
END;

-- One trigger does it all: each that is run costs a twentieth of a move.
CREATE TRIGGER jobs_closing AFTER UPDATE ON jobs
WHEN NEW.state = 'SUBMITTING'
    OR (NEW.state = 'UNKNOWN' AND OLD.state = 'UNKNOWN') -- its member was told
    OR (NEW.state <> OLD.state AND EXISTS (SELECT 1 FROM endings WHERE state = NEW.state))
BEGIN
    INSERT INTO ledger (job_id, at, booking, open_jobs, videos, reserved, spent)
    SELECT
        NEW.id, NEW.updated_at, booking,
        iif(booking = 'raised', 0, -open_jobs),
        iif(booking = 'returned', -1, 0),
        CASE booking WHEN 'raised' THEN NEW.price WHEN 'freed' THEN counted ELSE 0 END - reserved,
        iif(booking = 'settled', counted, 0)
    FROM (
        SELECT
            open_jobs, reserved,
            min(coalesce(NEW.price, reserved), reserved) AS counted,
            CASE
                WHEN NEW.state = 'SUBMITTING' THEN iif(NEW.price > reserved, 'raised', NULL)
                WHEN NEW.state = 'UNKNOWN' THEN iif(open_jobs > 0, 'freed', NULL)
                WHEN is_closed IS NOT 0 THEN NULL -- a video that was delivered once more was settled before
                ELSE iif(may_be_free AND NEW.reason ->> 'charge' IS 'nothing', 'returned', 'settled')
            END AS booking
        FROM (
            SELECT
                sum(open_jobs) AS open_jobs,
                sum(reserved) AS reserved,
                max(booking IN ('returned', 'settled')) AS is_closed
            FROM ledger WHERE job_id = NEW.id
        )
        LEFT JOIN endings ON endings.state = NEW.state
    )
    WHERE booking IS NOT NULL;
END;

-- What a job that was erased came to goes to the pseudonym's accounts, or is held until it may.
CREATE TRIGGER jobs_erased AFTER UPDATE OF requester_id ON jobs
BEGIN
    UPDATE job_events
    SET detail = NULL, actor = iif(actor = CAST(OLD.requester_id AS TEXT), CAST(NEW.requester_id AS TEXT), actor)
    WHERE job_id = NEW.id AND version < NEW.version;

    INSERT INTO held_usage (pseudonym, period, videos, spent)
    SELECT NEW.requester_id, period, videos, spent
    FROM accounts
    JOIN (SELECT sum(videos) AS videos, sum(spent) AS spent FROM ledger WHERE job_id = NEW.id) ON true
    WHERE accounts.job_id = NEW.id AND scope = 'member' AND (videos <> 0 OR spent <> 0)
    ON CONFLICT (pseudonym, period) DO UPDATE SET
        videos = held_usage.videos + excluded.videos,
        spent = held_usage.spent + excluded.spent;

    DELETE FROM held_usage
    WHERE pseudonym = NEW.requester_id AND period NOT IN (
        SELECT value FROM erasures, json_each(held) WHERE erasures.pseudonym = NEW.requester_id
    );
END;
