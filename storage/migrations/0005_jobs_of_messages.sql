-- A job is found by the message that shows it: its card, or the result where that stands elsewhere.
CREATE INDEX jobs_card ON jobs (destination ->> 'card_id') WHERE destination ->> 'card_id' IS NOT NULL;
CREATE INDEX jobs_result ON jobs (delivery ->> 'message_id') WHERE delivery ->> 'message_id' IS NOT NULL;
