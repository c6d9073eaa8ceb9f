-- The views of a ledger's copy, for `sqlite3`, Datasette, Grafana and whatever else reads SQLite.
--
-- A contract: names, order, units and types of these columns stay; a later version may add columns at
-- the end and views beside these. Tables are not part of it. What `hal9-migrate ledger backup FOLDER`
-- makes has exactly these views, and `ledger verify` finds one that is not what stands here. A ledger's
-- own file has none: other programs that open it can hold up an emergency, and parsing the views would
-- cost every command half a millisecond.
--
-- Nothing here writes. SQLite before 3.41 refuses JSON functions in every view while trusted_schema is
-- off; it is on unless a program turns it off, and newer versions do not mind.
--
-- In all of them:
--   *_time      TEXT     ISO-8601, UTC, always 27 characters: 2026-08-01T03:04:05.000006Z
--   *_unix      REAL     the same moment in seconds since 1970, with fractions (Grafana: time column)
--   *_percent   REAL     0.0 to 100.0
--   *_hundredths INTEGER 0 to 10000: hundredths of a percent, exact; what the lines hold
--   yes or no   INTEGER  1 or 0
--   a `?` behind a type: NULL where the event does not say it
-- Time without a name is when it happened; recorded time is when the ledger took it, and grows with
-- the sequence. A condition on `sequence` is quick; one on anything else reads every line.

-- events: one row an event, with everything that its line says.
--   sequence        INTEGER  its place in the ledger, from 1 without gaps
--   time            TEXT     when it happened
--   time_unix       REAL     the same
--   recorded_time   TEXT     when it was recorded
--   recorded_unix   REAL     the same
--   type            TEXT     hal9.traffic.observed.v1; schema/events has a JSON Schema of each
--   subject         TEXT?    a route (region.component), a feature, or all
--   actor           TEXT     who: os:alice, system:executor
--   auth            TEXT     how the actor is known: user, unverified, system, service_account, unknown
--   role            TEXT?    viewer, operator, lead, manager, admin
--   via             TEXT     cli, server, spool
--   reason          TEXT?    why, in the actor's words
--   correlation     TEXT     UUID of the rollback or command that it belongs to
--   causation       TEXT?    UUID of the command that caused it
--   data            TEXT     the event's own members, a JSON object
--   id              TEXT     UUID of the event
--   line            TEXT     the line as it is stored, hashed and exported
CREATE VIEW events AS
SELECT
  sequence,
  json_extract(line, '$.time') AS time,
  strftime('%s', json_extract(line, '$.time'))
    + substr(json_extract(line, '$.time'), 21, 6) / 1000000.0 AS time_unix,
  json_extract(line, '$.recordedtime') AS recorded_time,
  recorded / 1000000.0 AS recorded_unix,
  json_extract(line, '$.type') AS type,
  json_extract(line, '$.subject') AS subject,
  json_extract(line, '$.authid') AS actor,
  json_extract(line, '$.authtype') AS auth,
  json_extract(line, '$.role') AS role,
  json_extract(line, '$.via') AS via,
  json_extract(line, '$.reason') AS reason,
  json_extract(line, '$.correlationid') AS correlation,
  json_extract(line, '$.causationid') AS causation,
  json_extract(line, '$.data') AS data,
  json_extract(line, '$.id') AS id,
  line
FROM event;

-- timeline: one row an event, for a person or as annotations of a graph.
--   sequence        INTEGER  the event
--   time            TEXT     when it happened
--   time_unix       REAL     the same
--   area            TEXT     what it is about: traffic, rollback, phase, halt, gates, feature, ...
--   fact            TEXT     what happened: observed, started, entered, set, checked, applied, ...
--   subject         TEXT?    a route, a feature, or all
--   phase           TEXT     the migration's phase behind this event: none, shadow, canary,
--                            state-migration, ramp-up, full
--   actor           TEXT     who
--   via             TEXT     cli, server, spool
--   text            TEXT?    the reason; a note's text; the error of what failed
--   rollback        TEXT?    UUID of the rollback that it belongs to or speaks about
CREATE VIEW timeline AS
SELECT
  e.sequence,
  e.time,
  e.time_unix,
  substr(e.type, 6, instr(substr(e.type, 6), '.') - 1) AS area,
  substr(
    substr(e.type, 6 + instr(substr(e.type, 6), '.')),
    1,
    instr(substr(e.type, 6 + instr(substr(e.type, 6), '.')), '.') - 1
  ) AS fact,
  e.subject,
  coalesce((
    SELECT json_extract(p.line, '$.data.to') FROM event AS p
    WHERE p.type = (SELECT code FROM term WHERE kind = 1 AND text = 'hal9.phase.entered.v1')
      AND p.sequence <= e.sequence
    ORDER BY p.sequence DESC LIMIT 1
  ), 'none') AS phase,
  e.actor,
  e.via,
  coalesce(e.reason, json_extract(e.data, '$.text'), json_extract(e.data, '$.error')) AS text,
  coalesce(
    json_extract(e.data, '$.rollback'),
    json_extract(e.data, '$.joined'),
    (
      SELECT e.correlation FROM event AS s
      WHERE s.type = (SELECT code FROM term WHERE kind = 1 AND text = 'hal9.rollback.started.v1')
        AND json_extract(s.line, '$.data.rollback') = e.correlation
      LIMIT 1
    )
  ) AS rollback
FROM events AS e;

-- shares: one row for each route or feature that an event gives a share, oldest first.
--   sequence            INTEGER  the event
--   time                TEXT     when it happened
--   time_unix           REAL     the same
--   kind                TEXT     route or feature
--   name                TEXT     region.component, or the feature
--   region              TEXT?    of a route
--   component           TEXT?    of a route
--   fact                TEXT     requested: somebody wants it; target: a rollback that started comes
--                                down to it; applied: sent to the router; observed: read back from
--                                the router; recorded: the router is ledger-only, nobody saw it
--   share_hundredths    INTEGER? of requests to the hierarchical system; NULL: left as it was
--   share_percent       REAL?    the same
--   mirror_hundredths   INTEGER? of requests copied to the hierarchical system; NULL: left as it was
--   mirror_percent      REAL?    the same
--   actor               TEXT     who
CREATE VIEW shares AS
SELECT
  e.sequence,
  e.time,
  e.time_unix,
  a.kind,
  a.name,
  CASE a.kind WHEN 'route' THEN substr(a.name, 1, instr(a.name, '.') - 1) END AS region,
  CASE a.kind WHEN 'route' THEN substr(a.name, instr(a.name, '.') + 1) END AS component,
  a.fact,
  a.share AS share_hundredths,
  a.share / 100.0 AS share_percent,
  a.mirror AS mirror_hundredths,
  a.mirror / 100.0 AS mirror_percent,
  e.actor
FROM (
  SELECT
    event.sequence,
    'route' AS kind,
    json_extract(one.value, '$.route') AS name,
    substr(term.text, 14, length(term.text) - 16) AS fact,
    json_extract(one.value, '$.share') AS share,
    json_extract(one.value, '$.mirror') AS mirror,
    one.key AS place
  FROM term
  JOIN event ON event.type = term.code
  JOIN json_each(event.line, '$.data.routes') AS one
  WHERE term.kind = 1 AND term.text IN (
    'hal9.traffic.requested.v1', 'hal9.traffic.applied.v1',
    'hal9.traffic.observed.v1', 'hal9.traffic.recorded.v1')
  UNION ALL
  SELECT
    event.sequence,
    'route',
    json_extract(one.value, '$.route'),
    'target',
    json_extract(one.value, '$.share_to'),
    json_extract(one.value, '$.mirror_to'),
    one.key
  FROM term
  JOIN event ON event.type = term.code
  JOIN json_each(event.line, '$.data.routes') AS one
  WHERE term.kind = 1 AND term.text = 'hal9.rollback.started.v1'
  UNION ALL
  SELECT
    event.sequence,
    'feature',
    json_extract(one.value, '$.feature'),
    substr(term.text, 14, length(term.text) - 16),
    json_extract(one.value, '$.percentage'),
    NULL,
    one.key
  FROM term
  JOIN event ON event.type = term.code
  JOIN json_each(event.line, '$.data.features') AS one
  WHERE term.kind = 1 AND term.text IN (
    'hal9.feature.requested.v1', 'hal9.feature.applied.v1',
    'hal9.feature.observed.v1', 'hal9.feature.recorded.v1')
) AS a
JOIN events AS e ON e.sequence = a.sequence
ORDER BY a.sequence, a.place;

-- rollbacks: one row a rollback, oldest first.
--   rollback            TEXT     its UUID
--   kind                TEXT     immediate, gradual, emergency
--   status              TEXT     open, completed, superseded, cancelled
--   observed            INTEGER? 1: read back at its target; 0: ledger-only, recorded; NULL: not
--                                completed
--   started_sequence    INTEGER  the event that started it
--   started_time        TEXT     when it began
--   started_unix        REAL     the same
--   due_time            TEXT     when a gradual one has to be at its target; otherwise when it began
--   due_unix            REAL     the same
--   ended_sequence      INTEGER? the event that completed, superseded or cancelled it
--   ended_time          TEXT?    when
--   ended_unix          REAL?    the same
--   seconds             REAL?    from its beginning to its end
--   from_phase          TEXT     the phase in which it began
--   to_phase            TEXT     the phase that is entered when it has completed
--   routes              INTEGER  how many routes it is about
--   highest_percent     REAL     the highest share among them when it began
--   partial             INTEGER  1: it stops above 0%, its routes are held
--   force               INTEGER  1: without a look at flat first
--   preserve_data       INTEGER  1: asked to check that data stays
--   stalls              INTEGER  how often it could not go on
--   joined              INTEGER  how often somebody asked for it again while it ran
--   superseded_by       TEXT?    UUID of the rollback that took its targets over
--   actor               TEXT     who started it
--   via                 TEXT     cli, server, spool
--   reason              TEXT?    why, said when it was started
CREATE VIEW rollbacks AS
SELECT
  s.rollback,
  json_extract(s.line, '$.data.kind') AS kind,
  CASE substr(end_.type, 15)
    WHEN 'completed.v1' THEN 'completed' WHEN 'superseded.v1' THEN 'superseded'
    WHEN 'cancelled.v1' THEN 'cancelled' ELSE 'open'
  END AS status,
  json_extract(end_.data, '$.observed') AS observed,
  s.sequence AS started_sequence,
  json_extract(s.line, '$.data.started') AS started_time,
  strftime('%s', json_extract(s.line, '$.data.started'))
    + substr(json_extract(s.line, '$.data.started'), 21, 6) / 1000000.0 AS started_unix,
  json_extract(s.line, '$.data.ends') AS due_time,
  strftime('%s', json_extract(s.line, '$.data.ends'))
    + substr(json_extract(s.line, '$.data.ends'), 21, 6) / 1000000.0 AS due_unix,
  end_.sequence AS ended_sequence,
  end_.time AS ended_time,
  end_.time_unix AS ended_unix,
  round(end_.time_unix - strftime('%s', json_extract(s.line, '$.data.started'))
    - substr(json_extract(s.line, '$.data.started'), 21, 6) / 1000000.0, 6) AS seconds,
  json_extract(s.line, '$.data.from_phase') AS from_phase,
  json_extract(s.line, '$.data.to_phase') AS to_phase,
  json_array_length(s.line, '$.data.routes') AS routes,
  coalesce((
    SELECT max(json_extract(one.value, '$.share_from'))
    FROM json_each(s.line, '$.data.routes') AS one
  ), 0) / 100.0 AS highest_percent,
  json_extract(s.line, '$.data.partial') AS partial,
  json_extract(s.line, '$.data.force') AS force,
  json_extract(s.line, '$.data.preserve_data') AS preserve_data,
  (
    SELECT count(*) FROM event AS t
    WHERE t.type = (SELECT code FROM term WHERE kind = 1 AND text = 'hal9.rollback.stalled.v1')
      AND json_extract(t.line, '$.data.rollback') = s.rollback
  ) AS stalls,
  (
    SELECT count(*) FROM event AS t
    WHERE t.type = (SELECT code FROM term WHERE kind = 1 AND text = 'hal9.rollback.asked.v1')
      AND json_extract(t.line, '$.data.joined') = s.rollback
  ) AS joined,
  json_extract(end_.data, '$.by') AS superseded_by,
  json_extract(s.line, '$.authid') AS actor,
  json_extract(s.line, '$.via') AS via,
  json_extract(s.line, '$.reason') AS reason
FROM (
  SELECT event.sequence, event.line, json_extract(event.line, '$.data.rollback') AS rollback
  FROM event
  WHERE event.type = (SELECT code FROM term WHERE kind = 1 AND text = 'hal9.rollback.started.v1')
) AS s
LEFT JOIN events AS end_ ON end_.sequence = (
  SELECT min(t.sequence) FROM event AS t
  WHERE t.type IN (
      SELECT code FROM term WHERE kind = 1
      AND text IN (
        'hal9.rollback.completed.v1', 'hal9.rollback.superseded.v1', 'hal9.rollback.cancelled.v1'
      ))
    AND t.sequence > s.sequence
    AND json_extract(t.line, '$.data.rollback') = s.rollback
)
ORDER BY s.sequence;
