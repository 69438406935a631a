"""The port itself."""

import socket

import pytest

from ecsstep.sandbox.wire import served


def test_an_application_that_cannot_be_made_leaves_no_port_open() -> None:
    addresses = []

    def broken(host: str) -> object:
        addresses.append(host)
        raise LookupError("broken")

    with pytest.raises(LookupError, match="broken"), served(broken):  # type: ignore[arg-type]
        pass

    [address] = addresses
    host, _, port = address.partition(":")
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection((host, int(port)))


def test_an_application_that_fails_costs_its_caller_the_connection_and_nothing_else() -> None:
    ports = []

    def make(host: str) -> object:
        ports.append(int(host.partition(":")[2]))

        def application(_environ: object, _start_response: object) -> object:
            raise LookupError

        return application

    with served(make):  # type: ignore[arg-type]
        for _ in range(2):
            with socket.create_connection(("127.0.0.1", ports[0])) as connection:
                connection.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
                assert connection.recv(1) == b""


def test_what_is_no_http_is_answered_so() -> None:
    ports = []

    def make(host: str) -> object:
        ports.append(int(host.partition(":")[2]))
        return None

    with (
        served(make),  # type: ignore[arg-type]
        socket.create_connection(("127.0.0.1", ports[0])) as connection,
    ):
        connection.sendall(b"nonsense\r\n\r\n")
        assert b"400" in connection.recv(1000)
