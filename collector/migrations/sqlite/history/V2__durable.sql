-- The highest sequence that the agent had on its disk when it sent it: a spool that begins below it again is an old copy.
ALTER TABLE incarnation ADD COLUMN durable INTEGER NOT NULL DEFAULT 0;
