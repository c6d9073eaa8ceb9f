-- A ledger: one migration's list of events, one file. Forward only; what stands here is never
-- edited once it was released (its SHA-256 is kept in every ledger and compared on opening).
--
-- Everything but `line` can be recomputed from the lines, and `ledger verify` does so.

-- Which schema migrations this file has seen.
CREATE TABLE migration (
  number INTEGER PRIMARY KEY,
  name TEXT NOT NULL,
  digest BLOB NOT NULL CHECK (length(digest) = 32)
) STRICT;

-- The ledger's name: what stands in the `source` of its lines.
CREATE TABLE ledger (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  name TEXT NOT NULL
) STRICT;

-- The head: one row. `frontier` is the RFC 9162 roots of the complete subtrees, largest first, one
-- behind the other; `least_reader` the least format version that may read this file.
CREATE TABLE head (
  one INTEGER PRIMARY KEY CHECK (one = 1),
  sequence INTEGER NOT NULL CHECK (sequence >= 0),
  root BLOB NOT NULL CHECK (length(root) = 32),
  frontier BLOB NOT NULL CHECK (length(frontier) % 32 = 0),
  recorded INTEGER NOT NULL,
  least_reader INTEGER NOT NULL
) STRICT;

-- Types, subjects and actors as integer codes: a row that repeats their text is 1.7 times the line.
-- kind 1: type, 2: subject, 3: actor.
CREATE TABLE term (
  code INTEGER PRIMARY KEY,
  kind INTEGER NOT NULL CHECK (kind IN (1, 2, 3)),
  text TEXT NOT NULL,
  UNIQUE (kind, text)
) STRICT;

-- The events. `line` is stored, hashed and exported as it is; `recorded` is microseconds since the
-- epoch and grows with the sequence, so that it needs no index.
CREATE TABLE event (
  sequence INTEGER PRIMARY KEY CHECK (sequence > 0),
  type INTEGER NOT NULL REFERENCES term (code),
  subject INTEGER REFERENCES term (code),
  actor INTEGER NOT NULL REFERENCES term (code),
  recorded INTEGER NOT NULL,
  correlation BLOB NOT NULL CHECK (length(correlation) = 16),
  line TEXT NOT NULL
) STRICT;
CREATE INDEX event_by_type ON event (type);
CREATE INDEX event_by_subject ON event (subject) WHERE subject IS NOT NULL;
CREATE INDEX event_by_actor ON event (actor);
CREATE INDEX event_by_correlation ON event (correlation);

-- Complete subtrees of the Merkle tree, from 256 leaves (level 8) up.
CREATE TABLE node (
  level INTEGER NOT NULL CHECK (level >= 8),
  place INTEGER NOT NULL CHECK (place >= 0),
  digest BLOB NOT NULL CHECK (length(digest) = 32),
  PRIMARY KEY (level, place)
) STRICT, WITHOUT ROWID;

-- Commands that were executed: the same id again gets the first answer.
CREATE TABLE command (
  id BLOB PRIMARY KEY CHECK (length(id) = 16),
  digest BLOB NOT NULL CHECK (length(digest) = 32),
  first INTEGER NOT NULL,
  count INTEGER NOT NULL CHECK (count >= 0)
) STRICT, WITHOUT ROWID;

-- Folded states: disposable.
CREATE TABLE snapshot (
  sequence INTEGER NOT NULL,
  fold TEXT NOT NULL,
  state BLOB NOT NULL,
  UNIQUE (fold, sequence)
) STRICT;

-- What was recorded stays. The hashes find what gets past this; this keeps honest mistakes out.
CREATE TRIGGER event_keeps_lines BEFORE UPDATE ON event
BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER event_keeps_all BEFORE DELETE ON event
BEGIN SELECT RAISE(ABORT, 'events are never deleted'); END;
CREATE TRIGGER event_has_no_gap BEFORE INSERT ON event
WHEN NEW.sequence <> (SELECT coalesce(max(sequence), 0) + 1 FROM event)
BEGIN SELECT RAISE(ABORT, 'sequences have no gaps'); END;
CREATE TRIGGER term_keeps_text BEFORE UPDATE ON term
BEGIN SELECT RAISE(ABORT, 'terms are never changed'); END;
CREATE TRIGGER term_keeps_all BEFORE DELETE ON term
BEGIN SELECT RAISE(ABORT, 'terms are never deleted'); END;
CREATE TRIGGER node_keeps_digest BEFORE UPDATE ON node
BEGIN SELECT RAISE(ABORT, 'nodes are never changed'); END;
CREATE TRIGGER node_keeps_all BEFORE DELETE ON node
BEGIN SELECT RAISE(ABORT, 'nodes are never deleted'); END;
CREATE TRIGGER command_keeps_answer BEFORE UPDATE ON command
BEGIN SELECT RAISE(ABORT, 'commands are never changed'); END;
CREATE TRIGGER command_keeps_all BEFORE DELETE ON command
BEGIN SELECT RAISE(ABORT, 'commands are never deleted'); END;
CREATE TRIGGER head_moves_forward BEFORE UPDATE ON head
WHEN NEW.sequence < OLD.sequence
  OR (NEW.sequence = OLD.sequence AND NEW.root <> OLD.root)
  OR NEW.recorded < OLD.recorded
BEGIN SELECT RAISE(ABORT, 'the head moves forward only'); END;
CREATE TRIGGER head_stays BEFORE DELETE ON head
BEGIN SELECT RAISE(ABORT, 'the head is never deleted'); END;
CREATE TRIGGER ledger_keeps_name BEFORE UPDATE ON ledger
BEGIN SELECT RAISE(ABORT, 'a ledger keeps its name'); END;
CREATE TRIGGER ledger_stays BEFORE DELETE ON ledger
BEGIN SELECT RAISE(ABORT, 'a ledger keeps its name'); END;
