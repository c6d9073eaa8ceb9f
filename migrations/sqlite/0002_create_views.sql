-- Views for other programs: schema/views.sql says what each column means, and repeats these words.
-- Forward only, as every migration: a view that changes is dropped and made anew by a later one.

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

CREATE VIEW rollbacks AS
SELECT
  s.rollback,
  json_extract(s.line, '$.data.kind') AS kind,
  CASE substr(end_.type, 15)
    WHEN 'completed.v1' THEN 'completed' WHEN 'superseded.v1' THEN 'superseded' ELSE 'open'
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
      AND text IN ('hal9.rollback.completed.v1', 'hal9.rollback.superseded.v1'))
    AND t.sequence > s.sequence
    AND json_extract(t.line, '$.data.rollback') = s.rollback
)
ORDER BY s.sequence;
