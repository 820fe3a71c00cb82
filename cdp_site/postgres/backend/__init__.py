"""Django's PostgreSQL backend, which asks an idle connection only whether it still works."""
