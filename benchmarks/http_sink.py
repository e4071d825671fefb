"""The other system of the benchmark of sending: takes every answer, and notes when it came."""

import json
import sys
import time
from pathlib import Path

from aiohttp import web


def main() -> None:
    """``PORT FILE``: a line for each answer goes into the file, its text and the monotonic time."""
    port, path = int(sys.argv[1]), Path(sys.argv[2])
    with path.open("w", buffering=1) as notes:

        async def take(request: web.Request) -> web.Response:
            data = json.loads(await request.read())["data"]
            notes.write(f"{time.monotonic()} {data['text'].split(maxsplit=1)[0]}\n")
            return web.json_response({"id": data["dispatch"]})

        app = web.Application(client_max_size=64 * 1024 * 1024)
        app.add_routes([web.post("/send", take)])
        web.run_app(app, host="127.0.0.1", port=port, print=None, access_log=None)


if __name__ == "__main__":
    main()
