"""Whether the web server will be able to listen where it should."""

import socket


class AddressInUse(OSError):
    """Something else listens there."""


def check_address(host: str, port: int) -> None:
    """Raise AddressInUse when somebody listens on the address, OSError when it is none of this machine."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise AddressInUse(
                f"port {port} of {host} cannot be used ({error.strerror}): stop what listens there, or set PORT or HOST"
            ) from error
