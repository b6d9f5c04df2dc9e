-- Of a member who was erased, not even an account stays on which nothing is left: one of a video that cost
-- nothing, for instance.
CREATE TRIGGER erasures_done AFTER DELETE ON erasures
BEGIN
    DELETE FROM usage
    WHERE scope = 'member' AND owner = OLD.member_id AND (open_jobs, videos, reserved, spent) = (0, 0, 0, 0);
END;
