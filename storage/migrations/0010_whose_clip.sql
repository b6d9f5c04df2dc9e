-- A clip that was offered without saying whose it is may be taken for the job's own, when somebody asks for it.
INSERT INTO allowed (before, after) VALUES ('LOST', 'READY');

-- What an answer may be about: the job that has a link, and those whose task nobody knows.
CREATE INDEX jobs_link ON jobs (result ->> 'mark') WHERE result ->> 'mark' IS NOT NULL;
CREATE INDEX jobs_in_doubt ON jobs (provider) WHERE state = 'UNKNOWN';
