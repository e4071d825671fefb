"""Can a command talk to the service that runs on its data folder, and to no other?"""

import asyncio
import errno
import socket
import stat
from pathlib import Path

import pytest
from aiohttp import web

from deskbridge.local import SOCKET, Reply, call
from deskbridge.local_site import served
from inquiry.errors import TemporaryFailure


async def echo(request: web.Request) -> web.Response:
    return web.Response(body=request.query["q"].encode() + await request.read(), status=201)


async def breaks_off(request: web.Request) -> web.Response:
    assert request.transport
    request.transport.abort()
    return web.Response()


ROUTES = [web.post("/echo", echo), web.post("/breaks-off", breaks_off)]


@pytest.fixture(params=["short", "as deep as folders may be " * 5])
def folder(tmp_path: Path, request: pytest.FixtureRequest) -> Path:
    folder = tmp_path / str(request.param)
    folder.mkdir()
    return folder


async def test_the_running_service_answers(folder: Path) -> None:
    async with served(folder, ROUTES):
        answer = await call(folder, "POST", "/echo?q=%C4%85", b"\0\xff")
        assert answer == Reply(201, "ą".encode() + b"\0\xff")
        assert (await call(folder, "GET", "/nothing") or Reply(0, b"")).status == 404


async def test_only_its_user_can_ask(folder: Path) -> None:
    async with served(folder, ROUTES):
        assert stat.S_IMODE((folder / SOCKET).stat().st_mode) == 0o600


async def test_no_service_is_no_answer_and_no_trouble(folder: Path) -> None:
    assert await call(folder, "POST", "/echo?q=") is None
    async with served(folder, ROUTES):
        pass
    assert await call(folder, "POST", "/echo?q=") is None


async def test_a_file_in_place_of_the_data_folder_has_no_service(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert await call(tmp_path / "file", "GET", "/status") is None


async def test_whoever_may_not_open_the_socket_is_told_whose_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr("deskbridge.local.socket_name", refuse)
    with pytest.raises(TemporaryFailure) as refused:
        await call(tmp_path, "GET", "/status")
    assert str(refused.value) == f"may not open {tmp_path / SOCKET}: be the user the desk runs as"


async def test_what_a_killed_service_left_is_in_nobodys_way(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as left:
        left.bind(str(tmp_path / SOCKET))
    assert await call(tmp_path, "POST", "/echo?q=") is None
    async with served(tmp_path, ROUTES):
        assert await call(tmp_path, "POST", "/echo?q=a") == Reply(201, b"a")


async def test_a_service_that_dies_while_asked_may_have_done_it(tmp_path: Path) -> None:
    async with served(tmp_path, ROUTES):
        with pytest.raises(TemporaryFailure) as failure:
            await call(tmp_path, "POST", "/breaks-off")
    assert str(failure.value) == "the running service gave no answer; see its log"


async def test_many_may_ask_at_once(tmp_path: Path) -> None:
    async with served(tmp_path, ROUTES):
        calls = [call(tmp_path, "POST", f"/echo?q={number}") for number in range(20)]
        answers = await asyncio.gather(*calls)
    assert [answer and answer.body for answer in answers] == [str(n).encode() for n in range(20)]
