"""The lease of the scheduler that acts, and the runs that it dispatched: tables of SQL, without Django models."""

from django.db import migrations

CREATE = """
CREATE TABLE scheduler_lease (
    only_row boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    term bigint NOT NULL DEFAULT 0,
    holder text NOT NULL DEFAULT '',
    backend_pid integer,
    backend_start timestamptz,
    taken_at timestamptz,
    expires_at timestamptz NOT NULL DEFAULT '-infinity'
);
COMMENT ON COLUMN scheduler_lease.term IS 'raised by each new holder: a run that is dispatched under another term is refused';
COMMENT ON COLUMN scheduler_lease.backend_pid IS 'the session that a new holder ends, so that a frozen one lets go of its locks';
INSERT INTO scheduler_lease DEFAULT VALUES;

CREATE TABLE scheduler_run (
    job text NOT NULL,
    number bigint NOT NULL,
    term bigint NOT NULL,
    due_at timestamptz NOT NULL,
    dispatched_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (job, number)
);
COMMENT ON TABLE scheduler_run IS 'the newest runs of each periodic job; a number is dispatched once';
"""
DROP = "DROP TABLE scheduler_run, scheduler_lease"


class Migration(migrations.Migration):
    dependencies = [("cdp_site", "0001_task_queue")]
    operations = [migrations.RunSQL(CREATE, DROP)]
