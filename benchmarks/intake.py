"""How quickly mail is accepted for good, beside a server that throws it away.

The reference is aiosmtpd as it is with a handler that forgets. Ours answers 250 after the commit,
with fsync on a real disk. Both run as processes of their own and take turns under the same load.
"""

import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from benchmarks.processes import cpu_seconds

ROUNDS = 5
CONNECTIONS = 50
CLIENTS = 2
DISK = Path("/var/tmp")  # not /tmp, which may be memory


@dataclass(slots=True)
class Server:
    """A running server and what it has shown."""

    name: str
    port: int
    process: "subprocess.Popen[str]"
    rates: list[float] = field(default_factory=list)
    cpu: list[float] = field(default_factory=list)
    """Milliseconds of CPU per mail."""

    def run(self, count: int, size: int) -> None:
        """Send it ``count`` mails and note how it did."""
        before = cpu_seconds(self.process.pid)
        took = send(self.port, count, size)
        self.rates.append(count / took)
        self.cpu.append((cpu_seconds(self.process.pid) - before) * 1000 / count)


def main() -> None:
    """Measure 4 KB, where the target is, and 100 KB."""
    with tempfile.TemporaryDirectory(dir=DISK, prefix="deskbridge-bench-") as folder:
        _compare(Path(folder) / "4k", 4096, count=3000, least=1.5)
        _compare(Path(folder) / "100k", 100 * 1024, count=400, least=None)


def _compare(folder: Path, size: int, *, count: int, least: float | None) -> None:
    with ExitStack() as stack:
        stock = stack.enter_context(running("stock"))
        durable = stack.enter_context(running("durable", "sqlite", str(folder)))
        for server in (stock, durable):
            server.run(count // 5, size)
            server.rates.clear()
            server.cpu.clear()
        for _ in range(ROUNDS):
            stock.run(count, size)
            durable.run(count, size)
        ratio = statistics.median(
            ours / theirs for ours, theirs in zip(durable.rates, stock.rates, strict=True)
        )
        cpu = statistics.median(stock.cpu) / statistics.median(durable.cpu)
        for server in (stock, durable):
            _tell(server, size)
        durable.process.send_signal(signal.SIGTERM)
        kept, commits = map(int, (durable.process.communicate(timeout=30)[0]).split())
    sent = count // 5 + ROUNDS * count
    aim = f" (at least {least})" if least else ""
    print(f"durable intake {size // 1024} KB: {ratio:.2f} x stock{aim}; by CPU {cpu:.2f} x")
    print(f"  {kept} of {sent} mails kept, in {commits} commits with fsync")
    if kept != sent:
        raise SystemExit("mails were lost")


def _tell(server: Server, size: int) -> None:
    rate, low, high = statistics.median(server.rates), min(server.rates), max(server.rates)
    cpu = statistics.median(server.cpu)
    print(
        f"  {server.name:8} {size // 1024:4} KB: {rate:6.0f} mails/s"
        f" ({low:.0f} to {high:.0f}), {cpu:.2f} ms CPU each"
    )


@contextmanager
def running(name: str, *arguments: str) -> Iterator[Server]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    command = [sys.executable, "-m", "benchmarks.mail_servers", name, str(port), *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        try:
            _wait_for(port, process)
            yield Server(name, port, process)
        finally:
            process.kill()


def _wait_for(port: int, process: "subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and process.poll() is None:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise SystemExit("a server did not start")


def send(port: int, count: int, size: int) -> float:
    """Let client processes of their own share the work; return the time of the slowest."""
    shares = [str(n // CLIENTS) for n in (CONNECTIONS, count)]
    command = [sys.executable, "-m", "benchmarks.mail_load", str(port), *shares, str(size)]
    clients = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(CLIENTS)]
    times = [client.communicate(timeout=300)[0] for client in clients]
    if any(client.returncode for client in clients):
        raise SystemExit("a client was refused")
    return max(map(float, times))


if __name__ == "__main__":
    main()
