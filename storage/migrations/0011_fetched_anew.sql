-- A finished clip whose file is gone before it was brought is fetched anew.
INSERT INTO allowed (before, after) VALUES ('DELIVERING', 'READY');
