-- A job that is done moves once more onto itself when its clip is removed from our disk.
INSERT INTO allowed (before, after) VALUES ('DONE', 'DONE');
