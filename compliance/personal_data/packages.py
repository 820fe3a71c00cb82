"""The tables of Django and of the packages that the installation uses, field by field."""

from compliance.enums import Category
from compliance.stores import table_store

OF_PACKAGES = (
    table_store(
        "django_session",
        "Open sessions of staff",
        "session_key expire_date",
        session_data=Category.UNCLASSIFIED,
    ),
    table_store(
        "django_admin_log",
        "Changes that staff made to configuration",
        "id action_time user content_type object_id action_flag",
        object_repr=Category.UNCLASSIFIED,
        change_message=Category.UNCLASSIFIED,
    ),
    table_store(
        "axes_accessattempt",
        "Wrong passwords of the last day, by address and by keyed hash of the name that was typed",
        "id user_agent http_accept path_info get_data post_data attempt_time failures_since_start",
        username=Category.IDENTITY,
        ip_address=Category.CONTACT,
    ),
    table_store(
        "axes_accessattemptexpiration",
        "Not used: the handler of ours keeps none",
        "access_attempt expires_at",
    ),
    table_store(
        "axes_accessfailurelog",
        "Not used: the audit trail has failed sign-ins",
        "id user_agent http_accept path_info attempt_time locked_out",
        username=Category.IDENTITY,
        ip_address=Category.CONTACT,
    ),
    table_store(
        "axes_accesslog",
        "Not used: the audit trail has sign-ins",
        "id user_agent http_accept path_info attempt_time logout_time session_hash",
        username=Category.IDENTITY,
        ip_address=Category.CONTACT,
    ),
    table_store(
        "auditlog_logentry",
        "History of configuration objects",
        "id content_type object_pk object_id action timestamp actor cid remote_port",
        object_repr=Category.UNCLASSIFIED,
        changes=Category.UNCLASSIFIED,
        changes_text=Category.UNCLASSIFIED,
        serialized_data=Category.UNCLASSIFIED,
        additional_data=Category.UNCLASSIFIED,
        remote_addr=Category.CONTACT,
        actor_email=Category.CONTACT,
    ),
    table_store("django_content_type", "Kinds of objects", "id app_label model"),
    table_store("django_migrations", "Migrations that were applied", "id app name applied"),
    table_store("auth_group", "Groups of staff", "id name"),
    table_store("auth_group_permissions", "Permissions of groups", "id group permission"),
    table_store("auth_permission", "Permissions of Django", "id name content_type codename"),
    table_store(
        "guardian_userobjectpermission",
        "Permissions for objects",
        "id object_pk content_type permission user",
    ),
    table_store(
        "guardian_groupobjectpermission",
        "Permissions for objects",
        "id object_pk content_type permission group",
    ),
    table_store(
        "django_celery_beat_periodictask",
        "Periodic jobs; their arguments are ids",
        "id name task args kwargs queue exchange routing_key expires enabled last_run_at total_run_count date_changed"
        " description crontab interval solar one_off start_time priority headers clocked expire_seconds",
    ),
    table_store(
        "scheduler_lease",
        "Which scheduler of periodic jobs acts",
        "only_row term holder backend_pid backend_start taken_at expires_at",
    ),
    table_store("scheduler_run", "Runs of periodic jobs", "job number term due_at dispatched_at"),
    table_store("django_celery_beat_periodictasks", "When periodic jobs changed", "ident last_update"),
    table_store("django_celery_beat_clockedschedule", "Schedules", "id clocked_time"),
    table_store("django_celery_beat_intervalschedule", "Schedules", "id every period"),
    table_store("django_celery_beat_solarschedule", "Schedules", "id event latitude longitude"),
    table_store(
        "django_celery_beat_crontabschedule",
        "Schedules",
        "id minute hour day_of_week day_of_month month_of_year timezone",
    ),
    table_store("pgmq.meta", "Queues of jobs", "queue_name is_partitioned is_unlogged created_at"),
    table_store(
        "pgmq.notify_insert_throttle", "Queues of jobs", "queue_name throttle_interval_ms last_notified_at"
    ),
    table_store("pgmq.topic_bindings", "Queues of jobs", "pattern queue_name bound_at compiled_regex"),
    table_store(
        "pgmq.[qa]_*",
        "Jobs that wait for a worker, or did; their arguments are ids",
        "msg_id read_ct enqueued_at archived_at last_read_at vt message headers",
    ),
)
