-- Links to clips that were given out. A link without its row opens nothing: so it is withdrawn.
CREATE TABLE shared_links (
    file_id BLOB PRIMARY KEY CHECK (length(file_id) = 16),
    job_id INTEGER NOT NULL REFERENCES jobs (id) ON DELETE CASCADE,
    expires_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE INDEX shared_links_of_job ON shared_links (job_id, expires_at);
