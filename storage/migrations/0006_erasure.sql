-- What a member wants erased, noted until all of it is done. Below zero stands a pseudonym: a number that
-- chance gave, in the place of a member's in what stays.
CREATE TABLE erasures (
    pseudonym INTEGER PRIMARY KEY CHECK (pseudonym < 0),
    member_id INTEGER NOT NULL UNIQUE CHECK (member_id > 0),
    asked_at INTEGER NOT NULL,
    -- The periods in which the member's use goes on counting for the member, as a JSON array.
    held TEXT NOT NULL DEFAULT '[]'
) STRICT;

-- What jobs that were erased come to on accounts that are still the member's: erasing frees no allowance.
CREATE TABLE held_usage (
    pseudonym INTEGER NOT NULL REFERENCES erasures (pseudonym),
    period TEXT NOT NULL,
    videos INTEGER NOT NULL,
    spent INTEGER NOT NULL,
    PRIMARY KEY (pseudonym, period)
) STRICT, WITHOUT ROWID;

-- Who did something with a job, without reading through all that happened: mostly nobody is named.
CREATE INDEX job_events_of_person ON job_events (actor) WHERE actor NOT IN ('matinee', 'member');

-- A job moves, or is erased where it has ended; what was erased stays as it is. Whoever moved it last may
-- be given a pseudonym. One trigger does it all: each that is run costs a twentieth of a move.
DROP TRIGGER jobs_event;

CREATE TRIGGER jobs_event AFTER UPDATE ON jobs
BEGIN
    SELECT RAISE(ABORT, 'illegal move')
    WHERE CASE
        WHEN NEW.version = OLD.version + 1 AND NEW.requester_id = OLD.requester_id THEN
            OLD.requester_id < 0
            OR NOT EXISTS (SELECT 1 FROM allowed WHERE before = OLD.state AND after = NEW.state)
        WHEN NEW.version = OLD.version + 1 THEN
            NEW.state <> OLD.state
            OR OLD.next_at IS NOT NULL
            OR NOT EXISTS (SELECT 1 FROM endings WHERE state = OLD.state)
            OR (NEW.id, NEW.ordered_at, NEW.guild_id, NEW.parent_id, NEW.next_at)
                IS NOT (OLD.id, OLD.ordered_at, OLD.guild_id, OLD.parent_id, OLD.next_at)
            OR (NEW.price, NEW.attempts, NEW.provider, NEW.submitted_at, NEW.ticket)
                IS NOT (OLD.price, OLD.attempts, OLD.provider, OLD.submitted_at, OLD.ticket)
            OR NOT EXISTS (
                SELECT 1 FROM erasures
                WHERE pseudonym = NEW.requester_id
                    AND member_id = OLD.requester_id
                    AND asked_at >= OLD.ordered_at
            )
        ELSE
            (
                NEW.id, NEW.requester_id, NEW.channel_id, NEW.guild_id, NEW.ordered_at, NEW.parent_id,
                NEW.state, NEW.version, NEW.updated_at, NEW.next_at, NEW.detail, NEW.price, NEW.attempts,
                NEW.provider, NEW.submitted_at, NEW.request, NEW.destination, NEW.ticket, NEW.result,
                NEW.video, NEW.delivery, NEW.reason, NEW.limits
            ) IS NOT (
                OLD.id, OLD.requester_id, OLD.channel_id, OLD.guild_id, OLD.ordered_at, OLD.parent_id,
                OLD.state, OLD.version, OLD.updated_at, OLD.next_at, OLD.detail, OLD.price, OLD.attempts,
                OLD.provider, OLD.submitted_at, OLD.request, OLD.destination, OLD.ticket, OLD.result,
                OLD.video, OLD.delivery, OLD.reason, OLD.limits
            )
            OR NOT EXISTS (
                SELECT 1 FROM erasures
                WHERE CAST(member_id AS TEXT) = OLD.actor AND CAST(pseudonym AS TEXT) = NEW.actor
            )
    END;
    INSERT INTO job_events (job_id, version, at, before, after, actor, detail)
    SELECT NEW.id, NEW.version, NEW.updated_at, OLD.state, NEW.state, NEW.actor, NEW.detail
    WHERE NEW.version <> OLD.version;
END;

-- Of the history of a job that was erased the states stay, and when they were reached; of a member who is
-- erased, that somebody did it.
DROP TRIGGER job_events_guard;

CREATE TRIGGER job_events_guard BEFORE UPDATE ON job_events
WHEN (NEW.line, NEW.job_id, NEW.version, NEW.at, NEW.before, NEW.after)
        IS NOT (OLD.line, OLD.job_id, OLD.version, OLD.at, OLD.before, OLD.after)
    OR NOT (
        NEW.actor = OLD.actor
        OR EXISTS (
            SELECT 1 FROM erasures
            WHERE CAST(member_id AS TEXT) = OLD.actor AND CAST(pseudonym AS TEXT) = NEW.actor
        )
    )
    OR NOT (
        NEW.detail IS OLD.detail
        OR (NEW.detail IS NULL AND EXISTS (SELECT 1 FROM jobs WHERE id = OLD.job_id AND requester_id < 0))
    )
BEGIN
    SELECT RAISE(ABORT, 'history is never changed');
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
    JOIN (
        SELECT
            sum(CASE booking WHEN 'reserved' THEN 1 WHEN 'returned' THEN -1 ELSE 0 END) AS videos,
            sum(spent) AS spent
        FROM ledger WHERE job_id = NEW.id
    ) ON true
    WHERE accounts.job_id = NEW.id AND scope = 'member' AND (videos <> 0 OR spent <> 0)
    ON CONFLICT (pseudonym, period) DO UPDATE SET
        videos = held_usage.videos + excluded.videos,
        spent = held_usage.spent + excluded.spent;

    DELETE FROM held_usage
    WHERE pseudonym = NEW.requester_id AND period NOT IN (
        SELECT value FROM erasures, json_each(held) WHERE erasures.pseudonym = NEW.requester_id
    );
END;

CREATE TRIGGER erasures_held AFTER UPDATE OF held ON erasures
BEGIN
    DELETE FROM held_usage
    WHERE pseudonym = NEW.pseudonym AND period NOT IN (SELECT value FROM json_each(NEW.held));
END;

-- It is taken from one account and added to another, in one step: their sum stays what it was.
CREATE TRIGGER held_usage_released AFTER DELETE ON held_usage
BEGIN
    UPDATE usage SET videos = videos - OLD.videos, spent = spent - OLD.spent
    WHERE scope = 'member'
        AND owner = (SELECT member_id FROM erasures WHERE pseudonym = OLD.pseudonym)
        AND period = OLD.period;

    DELETE FROM usage
    WHERE scope = 'member'
        AND owner = (SELECT member_id FROM erasures WHERE pseudonym = OLD.pseudonym)
        AND period = OLD.period
        AND (open_jobs, videos, reserved, spent) = (0, 0, 0, 0);

    INSERT INTO usage (scope, owner, period, open_jobs, videos, reserved, spent)
    VALUES ('member', OLD.pseudonym, OLD.period, 0, OLD.videos, 0, OLD.spent)
    ON CONFLICT (scope, owner, period) DO UPDATE SET
        videos = usage.videos + excluded.videos,
        spent = usage.spent + excluded.spent;
END;
