"""Where a command listens."""

import socket

from clockodo_mcp.errors import ClockodoMcpError


class PortTaken(ClockodoMcpError):
    """Nothing can listen on the port that was asked for."""


def listener_on(port: int, address: str = "127.0.0.1") -> socket.socket:
    """A socket that listens on the loopback address, or another one.

    Raises:
        PortTaken: something else listens there.
    """
    try:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        listener = socket.create_server((address, port), family=family)
    except OSError as error:
        raise PortTaken(
            f"cannot listen on port {port} of {address} ({error.strerror}); choose another port."
        ) from error
    # Sockets that it accepts inherit this; without it an answer waits some 40 ms for the client's delayed ACK.
    listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return listener
