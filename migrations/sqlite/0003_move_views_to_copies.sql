-- Parsing the views cost every command half a millisecond, for programs that are to read a copy anyway:
-- `hal9-migrate ledger backup` makes them there, from schema/views.sql.

DROP VIEW IF EXISTS rollbacks;
DROP VIEW IF EXISTS shares;
DROP VIEW IF EXISTS timeline;
DROP VIEW IF EXISTS events;
