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
