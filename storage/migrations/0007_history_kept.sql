-- History and ledger are only ever added to. The history of a job goes with the job, and not without it.
CREATE TRIGGER job_events_keep BEFORE DELETE ON job_events
WHEN EXISTS (SELECT 1 FROM jobs WHERE id = OLD.job_id)
BEGIN
    SELECT RAISE(ABORT, 'history is never changed');
END;

-- A REPLACE takes a line away without asking the trigger of DELETE.
CREATE TRIGGER ledger_add BEFORE INSERT ON ledger
WHEN EXISTS (
    SELECT 1 FROM ledger
    WHERE job_id = NEW.job_id AND (booking = 'reserved') = (NEW.booking = 'reserved')
)
BEGIN
    SELECT RAISE(ABORT, 'the ledger is never changed');
END;
