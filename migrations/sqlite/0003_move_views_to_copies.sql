-- Parsing the views cost every command half a millisecond, for programs that are to read a copy anyway:
-- `hal9-migrate ledger backup` makes them there, from schema/views.sql.

DROP VIEW rollbacks;
DROP VIEW shares;
DROP VIEW timeline;
DROP VIEW events;
