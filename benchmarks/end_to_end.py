"""From the first byte of a mail to an inquiry with its acknowledgement waiting to be sent.

One desk process with 100 rules, SQLite with fsync; beside it, in turns, the same reference as for
intake: stock aiosmtpd that throws mail away. Reported, no floor yet.
"""

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import apsw

from benchmarks.intake import DISK, Server, running, send
from benchmarks.mail_load import RECIPIENT
from benchmarks.processes import cpu_seconds, family, free_ports

ROUNDS = 3
COUNT = 1500
SIZE = 4096
RULES = 100
PATIENCE = 60.0
HEAD = """version: 1
desk:
  name: Bench
  url: http://127.0.0.1:{web}
  languages: [en, nb, pl, et, ru]
  data_dir: {folder}
  hold: {{mail: 0s, chat: 0s}}
web: {{listen: "127.0.0.1:{web}"}}
channels:
  mail:
    kind: smtp
    listen: 127.0.0.1:{smtp}
    addresses: [{address}]
    send: {{folder: {folder}/out, from: Bench <{address}>}}
specialists:
  ola: {{name: Ola Hansen, email: ola@nordlys.example, languages: [en]}}
queues:
  first-line: {{line: 1, members: [ola], assign: {{by: pull}}}}
rules:
"""
RULE = "  - {{name: rule-{n}, when: {{body: 'never said {n}'}}, then: {{category: c{n}}}}}\n"
LAST = "  - {name: rest, when: always, then: {category: other, queue: first-line, reply: ack}}\n"


def main() -> None:
    """Measure, in turns, and print the ratio."""
    with tempfile.TemporaryDirectory(dir=DISK, prefix="deskbridge-bench-") as folder:
        with running("stock") as stock, _desk(Path(folder)) as desk:
            ours: list[float] = []
            ratios: list[float] = []
            spent: list[float] = []
            for number in range(1, ROUNDS + 1):
                stock.run(COUNT, SIZE)
                before = sum(map(cpu_seconds, family(desk.process.pid)))
                ours.append(_round(desk, Path(folder), COUNT * number))
                after = sum(map(cpu_seconds, family(desk.process.pid)))
                spent.append((after - before) * 1000 / COUNT)
                ratios.append(ours[-1] / stock.rates[-1])
        print(f"  stock    {statistics.median(stock.rates):6.0f} mails/s")
        print(
            f"  desk     {statistics.median(ours):6.0f} inquiries/s acknowledged,"
            f" {statistics.median(spent):.2f} ms CPU each in all its processes"
        )
        print(f"end to end, {RULES} rules: {statistics.median(ratios):.2f} x stock")


def _round(desk: Server, folder: Path, expected: int) -> float:
    began = time.perf_counter()
    send(desk.port, COUNT, SIZE)
    connection = apsw.Connection(str(folder / "deskbridge.db"), flags=apsw.SQLITE_OPEN_READONLY)
    connection.set_busy_timeout(5000)
    count = 0
    while time.perf_counter() - began < PATIENCE:
        ((count,),) = connection.execute("SELECT count(*) FROM outbox")
        if count >= expected:
            connection.close()
            return COUNT / (time.perf_counter() - began)
        time.sleep(0.02)
    raise SystemExit(f"only {count} of {expected} were acknowledged in time")


@contextmanager
def _desk(folder: Path) -> Iterator[Server]:
    smtp, web = free_ports()
    yaml = folder / "desk.yaml"
    rules = "".join(RULE.format(n=n) for n in range(RULES - 1))
    head = HEAD.format(folder=folder, smtp=smtp, web=web, address=RECIPIENT)
    yaml.write_text(head + rules + LAST)
    (folder / "out").mkdir()
    program = Path(sys.executable).with_name("deskbridge")
    with (folder / "log").open("wb") as log:
        command = [str(program), "run", "-c", str(yaml)]
        with subprocess.Popen(command, stdout=log, stderr=log, text=True) as process:
            try:
                _wait_for(folder / "deskbridge.sock", process)
                yield Server("desk", smtp, process)
            finally:
                process.terminate()
                process.wait(30)


def _wait_for(socket_file: Path, process: "subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + 30
    while not socket_file.exists():
        if time.monotonic() > deadline or process.poll() is not None:
            raise SystemExit("the desk did not start")
        time.sleep(0.05)
    time.sleep(1)


if __name__ == "__main__":
    os.environ.pop("DESKBRIDGE_FAILPOINTS", None)
    main()
