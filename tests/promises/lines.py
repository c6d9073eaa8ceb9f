"""RFC 9162 over a ledger's file by sqlite3 alone: what somebody who owns the file can do to it.

`force` goes round the triggers; `rewrite` brings nodes, frontier, root and head in line with the
lines as they are now, so that only a root kept elsewhere can tell.
"""

import contextlib
import hashlib
import json
import sqlite3

STORED_LEVEL = 8


@contextlib.contextmanager
def force(file):
    """A connection without the triggers; they stand again afterwards."""
    database = sqlite3.connect(file)
    triggers = database.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'").fetchall()
    for name, _ in triggers:
        database.execute(f"DROP TRIGGER {name}")
    yield database
    for _, sql in triggers:
        database.execute(sql)
    database.commit()
    database.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.close()


def leaf(line):
    return hashlib.sha256(b"\0" + line.encode()).digest()


def above(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


def rewrite(database):
    """As if the lines had been recorded like this."""
    rows = database.execute("SELECT sequence, line FROM event ORDER BY sequence").fetchall()
    level, nodes, frontier, number = [leaf(line) for _, line in rows], [], [], 0
    while level:
        if number >= STORED_LEVEL:
            nodes += [(number, place, digest) for place, digest in enumerate(level)]
        if len(level) % 2:
            frontier.append(level.pop())
        level = [above(level[i], level[i + 1]) for i in range(0, len(level), 2)]
        number += 1
    root = frontier[0] if frontier else hashlib.sha256(b"").digest()
    for digest in frontier[1:]:
        root = above(digest, root)
    recorded = database.execute("SELECT coalesce(max(recorded), 0) FROM event").fetchone()[0]
    database.execute("DELETE FROM node")
    database.executemany("INSERT INTO node VALUES (?, ?, ?)", nodes)
    database.execute("DELETE FROM command WHERE first > ?", (len(rows),))
    database.execute("DELETE FROM snapshot")
    database.execute("UPDATE head SET sequence = ?, root = ?, frontier = ?, recorded = ?",
                     (len(rows), root, b"".join(reversed(frontier)), recorded))


def edit_data(line, dice):
    """Another text in a line, in the form that lines have."""
    event = json.loads(line)
    text = event["data"].get("text", "")
    at = dice.randrange(len(text)) if text else 0
    event["data"]["text"] = text[:at] + ("x" if text[at:at + 1] != "x" else "y") + text[at + 1:]
    return json.dumps(event, separators=(",", ":"), ensure_ascii=False)


TABLES = ("migration", "ledger", "head", "term", "event", "node", "snapshot")


def answers(file):
    """Whatever can be asked of the file: each row of each table, each index's order, each view's rows,
    the schema. An error is an answer too.

    One column is left out, for no hash covers it: command.digest, by which the same command sent
    again is told from another one of its id. A changed one refuses a retry; it tells no other history.
    """
    found = []
    with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
        database.text_factory = bytes

        def ask(sql):
            try:
                found.append(database.execute(sql).fetchall())
            except (sqlite3.Error, OverflowError, UnicodeError) as error:
                found.append(str(error))
        for table in TABLES:
            ask(f"SELECT * FROM {table}")
        ask("SELECT id, first, count FROM command")
        for name in ("type", "subject", "actor", "correlation"):
            where = " WHERE subject IS NOT NULL" if name == "subject" else ""
            ask(f"SELECT {name}, sequence FROM event INDEXED BY event_by_{name}{where} "
                f"ORDER BY {name}, sequence")
        ask("SELECT kind, text, code FROM term INDEXED BY sqlite_autoindex_term_1 ORDER BY kind, text")
        ask("SELECT fold, sequence FROM snapshot INDEXED BY sqlite_autoindex_snapshot_1 "
            "ORDER BY fold, sequence")
        ask("SELECT type, name, tbl_name, sql FROM sqlite_master")
        ask("SELECT count(*) FROM events")
        ask("PRAGMA user_version")
        ask("PRAGMA application_id")
        ask("PRAGMA encoding")
    return found


def integrity(file):
    """What SQLite's own check says: the control."""
    try:
        with contextlib.closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as database:
            return database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    except (sqlite3.Error, UnicodeError):
        return False
