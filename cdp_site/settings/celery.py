"""Background jobs: Celery's broker is PostgreSQL unless CELERY_BROKER_URL says otherwise."""
