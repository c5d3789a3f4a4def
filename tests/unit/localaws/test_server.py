# SPDX-License-Identifier: MIT
"""How the server listens."""

import asyncio
import socket

import pytest

from localaws import process, server


def test_connections_wait_for_no_delayed_acknowledgement() -> None:
    assert asyncio.run(option_of_an_accepted_connection(socket.TCP_NODELAY))


async def option_of_an_accepted_connection(option: int) -> int:
    accepted: asyncio.Future[int] = asyncio.get_running_loop().create_future()

    def accept(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        accepted.set_result(writer.get_extra_info("socket").getsockopt(socket.IPPROTO_TCP, option))
        writer.close()

    [listener] = server.configuration(server.listen(0)).create_sockets().insecure_sockets
    async with await asyncio.start_server(accept, sock=listener):
        _, writer = await asyncio.open_connection(*listener.getsockname())
        value = await asyncio.wait_for(accepted, 10)
        writer.close()
    return value


def test_a_taken_port_is_named_and_what_to_do_about_it() -> None:
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        pytest.raises(process.ServerError, match="in use") as caught,
    ):
        server.listen(taken.getsockname()[1])
    assert "up --port" in str(caught.value)
