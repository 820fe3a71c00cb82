"""The settings of the embedded server, fitted to the machine."""

import os

MIB = 1024 * 1024


def server_settings(socket_directory: str, port: int, *, by_tcp: bool = True) -> dict[str, str]:
    """What goes into postgresql.conf. `wal_recycle=off` so that erased rows do not live on in old WAL files."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // MIB
    shared = max(64, min(memory // 8, 1024))
    return {
        "listen_addresses": "'127.0.0.1'" if by_tcp else "''",
        "port": str(port),
        "unix_socket_directories": f"'{socket_directory}'",
        "max_connections": "200",
        "password_encryption": "'scram-sha-256'",
        "shared_buffers": f"{shared}MB",
        "effective_cache_size": f"{memory // 2}MB",
        "work_mem": "16MB",
        "maintenance_work_mem": f"{max(64, min(memory // 16, 512))}MB",
        "wal_recycle": "off",
        "wal_init_zero": "off",
        "wal_buffers": "16MB",
        "wal_level": "replica",
        "min_wal_size": "256MB",
        "max_wal_size": "4GB",
        "checkpoint_timeout": "'15min'",
        "checkpoint_completion_target": "0.9",
        "random_page_cost": "1.1",
        "jit": "off",
        "autovacuum_naptime": "'20s'",
        "autovacuum_vacuum_cost_delay": "'1ms'",
        "idle_in_transaction_session_timeout": "0",
        "timezone": "'UTC'",
        "log_timezone": "'UTC'",
        "log_checkpoints": "off",
        "log_parameter_max_length": "0",
        "log_parameter_max_length_on_error": "0",
        "log_error_verbosity": "terse",
        "log_min_error_statement": "panic",
    }
