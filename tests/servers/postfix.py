"""A real Postfix: in front of the desk, as the way out to customers, or both at once."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.servers.ports import free_port, wait_for_port
from tests.servers.programs import needed

MAIN = """
compatibility_level = 3.6
queue_directory = {folder}/queue
data_directory = {folder}/data
meta_directory = {folder}/etc
maillog_file_prefixes = {folder}
maillog_file = {folder}/log
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
myhostname = mx.example
mydestination =
alias_maps =
local_recipient_maps =
mynetworks = 127.0.0.0/8
relay_domains = {ours}
relay_transport = {inward}
default_transport = {outward}
smtpd_relay_restrictions = permit_mynetworks, reject
disable_dns_lookups = yes
smtp_host_lookup = native
smtp_tls_security_level = none
lmtp_tls_security_level = none
minimal_backoff_time = 1s
maximal_backoff_time = 2s
queue_run_delay = 1s
maximal_queue_lifetime = 60s
smtp_connection_cache_on_demand = no
smtputf8_enable = no
"""

MASTER = """
127.0.0.1:{port} inet n - n - - smtpd
pickup    unix n - n 60 1 pickup
cleanup   unix n - n - 0 cleanup
qmgr      unix n - n 1 1 qmgr
rewrite   unix - - n - - trivial-rewrite
bounce    unix - - n - 0 bounce
defer     unix - - n - 0 bounce
trace     unix - - n - 0 bounce
verify    unix - - n - 1 verify
flush     unix n - n 1000? 0 flush
proxymap  unix - - n - - proxymap
proxywrite unix - - n - 1 proxymap
smtp      unix - - n - - smtp
relay     unix - - n - - smtp
lmtp      unix - - n - - lmtp
error     unix - - n - - error
retry     unix - - n - - error
discard   unix - - n - - discard
anvil     unix - - n - 1 anvil
scache    unix - - n - 1 scache
tlsmgr    unix - - n 1000? 1 tlsmgr
postlog   unix-dgram n - n - 1 postlogd
"""


@dataclass(frozen=True, slots=True)
class Postfix:
    """A running one. Its log says what became of each mail."""

    port: int
    folder: Path

    @property
    def log(self) -> str:
        path = self.folder / "log"
        return path.read_text(errors="replace") if path.exists() else ""

    def queued(self) -> str:
        """Return what it still has to deliver, as its own program says it."""
        command = ["postqueue", "-c", str(self.folder / "etc"), "-p"]
        asked = subprocess.run(command, capture_output=True, text=True, check=False)
        return asked.stdout


@contextmanager
def postfix(
    *,
    inward: str = "error:5.1.2 nowhere",
    outward: str = "error:5.1.2 nowhere",
    ours: str = "nordlys.example",
) -> Iterator[Postfix]:
    """Run a Postfix that takes mail on a port of its own, from 127.0.0.1 only; needs root.

    ``inward`` is where mail for ``ours`` goes, ``outward`` all other, as Postfix writes it:
    ``lmtp:unix:PATH``, ``lmtp:inet:127.0.0.1:PORT``, ``smtp:[127.0.0.1]:PORT``.
    """
    needed("postfix", root=True)
    folder = Path(tempfile.mkdtemp(prefix="postfix-", dir="/tmp"))
    folder.chmod(0o755)
    server = Postfix(free_port(), folder)
    for name in ("etc", "etc/postfix-files.d", "etc/dynamicmaps.cf.d", "queue", "data"):
        (folder / name).mkdir()
    for name in ("postfix-files", "dynamicmaps.cf"):
        shutil.copy(Path("/etc/postfix") / name, folder / "etc")
    shutil.chown(folder / "data", "postfix")
    values = {"folder": folder, "inward": inward, "outward": outward, "ours": ours}
    (folder / "etc/main.cf").write_text(MAIN.format(**values))
    (folder / "etc/master.cf").write_text(MASTER.format(port=server.port))
    command: list[str | Path] = ["postfix", "-c", folder / "etc"]
    try:
        subprocess.run([*command, "start"], check=True, capture_output=True)
        wait_for_port(server.port)
        yield server
    finally:
        subprocess.run([*command, "stop"], check=False, capture_output=True)
        shutil.rmtree(folder, ignore_errors=True)
