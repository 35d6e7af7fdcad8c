-- When the newest event of each partition entered Kafka; null while none has told. It never moves back: a record that
-- was sent again with its old time leaves it.
alter table stream_positions add column newest_event_at timestamptz;
