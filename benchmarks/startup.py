"""How quickly the program answers and starts, and what it takes while nothing happens.

Reported, not judged: ``--help``, from start to accepting mail, memory of the idle desk.
"""

import os
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from benchmarks.processes import family, free_ports, memory

ROUNDS = 5
PROGRAM = Path(sys.executable).with_name("deskbridge")


def main() -> None:
    """Measure, and print medians."""
    helps = [_help() for _ in range(ROUNDS)]
    starts, memories = zip(*(_start() for _ in range(ROUNDS)), strict=True)
    print(f"--help                 {statistics.median(helps) * 1000:6.0f} ms")
    print(f"start to ready         {statistics.median(starts):6.2f} s")
    print(f"idle memory, whole     {statistics.median(memories) / 1024:6.0f} MB (sum of PSS)")


def _help() -> float:
    began = time.perf_counter()
    subprocess.run([PROGRAM, "--help"], check=True, capture_output=True)
    return time.perf_counter() - began


def _start() -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        smtp, web = free_ports()
        environment = {
            **os.environ,
            "DESKBRIDGE_DEMO_DATA": folder,
            "DESKBRIDGE_DEMO_SMTP": f"127.0.0.1:{smtp}",
            "DESKBRIDGE_DEMO_WEB": f"127.0.0.1:{web}",
        }
        began = time.perf_counter()
        desk = subprocess.Popen(
            [PROGRAM, "demo", "--speed", "0"],
            env=environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            _wait_until_ready(f"http://127.0.0.1:{web}/readyz", desk)
            took = time.perf_counter() - began
            time.sleep(2)
            return took, sum(map(memory, family(desk.pid)))
        finally:
            desk.send_signal(signal.SIGTERM)
            desk.wait(30)


def _wait_until_ready(url: str, desk: "subprocess.Popen[bytes]") -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and desk.poll() is None:
        try:
            with urllib.request.urlopen(url, timeout=1) as answer:
                if answer.status == 200:
                    return
        except (urllib.error.URLError, OSError):
            time.sleep(0.02)
    raise SystemExit("the desk did not become ready")


if __name__ == "__main__":
    main()
