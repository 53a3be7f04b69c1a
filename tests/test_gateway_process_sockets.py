"""The sockets of a gateway: which are opened, how they are called, and how the door is closed."""

import socket
import sys

import pytest

from codestral_ls.gateway.listening import (
    NotListening,
    address_of,
    close_door,
    is_somebody_waiting,
    listen,
)


def test_all_addresses_of_a_name_are_listened_on_at_one_port() -> None:
    """`localhost` has two on most machines, and clients try them in an order of their own."""
    sockets = listen("localhost", 0)
    try:
        assert len({each.getsockname()[1] for each in sockets}) == 1
        (port,) = {each.getsockname()[1] for each in sockets}
        assert address_of(sockets, "localhost", is_tls=False)[0] == f"http://localhost:{port}"
        with pytest.raises(NotListening, match="in use"):
            listen("localhost", port)
    finally:
        for each in sockets:
            each.close()


def test_addresses_are_written_as_browsers_take_them() -> None:
    """With brackets, and for every address of the machine one that leads there."""
    (bound,) = listen("127.0.0.1", 0)
    with bound:
        port = bound.getsockname()[1]
        assert address_of([bound], "::", is_tls=True) == (
            f"https://[::]:{port}",
            f"https://[::1]:{port}",
        )
        assert address_of([bound], "0.0.0.0", is_tls=False)[1] == f"http://127.0.0.1:{port}"


@pytest.mark.skipif(sys.platform != "linux", reason="others let a few in even then")
def test_behind_a_closed_door_nobody_is_told_that_he_is_connected() -> None:
    """Who was told so before is let in still; a reset would leave him in doubt."""
    (listener,) = listen("127.0.0.1", 0)
    place = listener.getsockname()
    with listener, socket.create_connection(place) as inside, socket.socket() as outside:
        close_door(listener)
        outside.setblocking(False)
        assert outside.connect_ex(place) != 0
        assert is_somebody_waiting([listener])
        accepted, _ = listener.accept()
        with accepted:
            inside.sendall(b"a")
            accepted.settimeout(10)
            assert accepted.recv(1) == b"a"
        assert not is_somebody_waiting([listener])
