-- A job that is rejected without having been sent goes there from the queue. It went by way of SUBMITTING
-- before, to a provider called `none`; what is on that way has come to its end now.
INSERT INTO allowed (before, after) VALUES ('QUEUED', 'REJECTED');

UPDATE jobs SET
    state = 'REJECTED',
    version = version + 1,
    actor = 'matinee',
    detail = 'not_sent',
    reason = json_object(
        'code', 'not_sent',
        'said', 'This request could not be sent to any provider. Nothing was charged. '
            || 'Order the video again when you still want it.',
        'charge', 'nothing'
    )
WHERE state = 'SUBMITTING' AND provider = 'none';

-- How far the notice is that tells the member how a job stands: `announced` or `given`. The text of the last
-- move said so before. A new column has every row checked, and one that is damaged must not be in the way.
PRAGMA ignore_check_constraints = ON;
ALTER TABLE jobs ADD COLUMN notice TEXT;
PRAGMA ignore_check_constraints = OFF;

DROP TRIGGER jobs_event;

UPDATE jobs SET notice = 'announced' WHERE state = 'DELIVERED' AND detail = 'pinging';
UPDATE jobs SET notice = 'given' WHERE detail = 'told' AND state IN (
    'UNKNOWN', 'REJECTED', 'FAILED', 'CANCELLED', 'LOST', 'RESULT_GONE', 'UNDELIVERABLE'
);

-- As it was, but that a notice is part of a job.
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
                NEW.video, NEW.delivery, NEW.reason, NEW.notice, NEW.limits
            ) IS NOT (
                OLD.id, OLD.requester_id, OLD.channel_id, OLD.guild_id, OLD.ordered_at, OLD.parent_id,
                OLD.state, OLD.version, OLD.updated_at, OLD.next_at, OLD.detail, OLD.price, OLD.attempts,
                OLD.provider, OLD.submitted_at, OLD.request, OLD.destination, OLD.ticket, OLD.result,
                OLD.video, OLD.delivery, OLD.reason, OLD.notice, OLD.limits
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
