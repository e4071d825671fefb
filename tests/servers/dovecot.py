"""A real Dovecot with as many mailboxes as one likes, as an unprivileged user."""

import grp
import os
import pwd
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from imapclient import IMAPClient

from tests.servers.ports import free_port, wait_for_port
from tests.servers.programs import needed

PASSWORD = "secret-of-dovecot"

CONFIG = """
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/log
protocols = imap
listen = 127.0.0.1
ssl = {ssl}
disable_plaintext_auth = no
default_internal_user = {user}
default_internal_group = {group}
default_login_user = {user}
first_valid_uid = 1
first_valid_gid = 1
mail_location = maildir:{folder}/mail/%u
namespace inbox {{
  inbox = yes
  separator = /
  mailbox Reklame {{
    auto = create
    special_use = \\Junk
  }}
}}
mailbox_idle_check_interval = 1s
auth_failure_delay = 0
auth_mechanisms = plain login xoauth2
mail_max_userip_connections = 100
{oauth}
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/home/%u
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {port}
  }}
  inet_listener imaps {{
    port = {tls_port}
  }}
}}
service anvil {{
  chroot =
  unix_listener anvil-auth-penalty {{
    mode = 0
  }}
}}
service stats {{
  chroot =
}}
"""


OAUTH = """
passdb {{
  driver = oauth2
  mechanisms = xoauth2
  args = {folder}/oauth2.conf.ext
}}
"""
INTROSPECTION = """
introspection_mode = post
introspection_url = http://127.0.0.1:{port}/introspect
username_attribute = username
active_attribute = active
active_value = true
force_introspection = yes
"""


@dataclass(frozen=True, slots=True)
class Dovecot:
    """Where it listens. Any user exists, with the password ``PASSWORD``."""

    port: int
    tls_port: int
    """0 without a certificate."""
    folder: Path

    def client(self, user: str) -> IMAPClient:
        """Sign in as somebody with a mail program."""
        client = IMAPClient("127.0.0.1", self.port, ssl=False, timeout=10)
        client.login(user, PASSWORD)
        return client

    def append(self, user: str, raw: bytes, *, folder: str = "INBOX") -> int:
        """Put a mail in a folder; return its UID."""
        with self.client(user) as client:
            said = client.append(folder, raw)
        found = re.search(rb"APPENDUID \d+ (\d+)", said)
        assert found
        return int(found[1])

    def flags(self, user: str, *, folder: str = "INBOX") -> dict[int, tuple[bytes, ...]]:
        """Return each mail's UID and flags."""
        with self.client(user) as client:
            client.select_folder(folder, readonly=True)
            return {
                uid: tuple(flag for flag in flags if flag != rb"\Recent")
                for uid, flags in client.get_flags(client.search() or [2**31]).items()
            }

    def lose_index(self, user: str) -> None:
        """Forget all UIDs, as a restored backup does: UIDVALIDITY changes."""
        for path in (self.folder / "mail" / user).glob("dovecot*"):
            path.unlink()

    def kick(self) -> None:
        """End every session, as a restart for an update does."""
        command: list[str | Path] = ["doveadm", "-c", self.folder / "dovecot.conf", "kick", "*"]
        subprocess.run(command, check=False, capture_output=True)


@contextmanager
def dovecot(
    certificate: tuple[Path, Path] | None = None, *, introspection: int = 0
) -> Iterator[Dovecot]:
    """Run a Dovecot; with a certificate chain and key it also offers TLS.

    With ``introspection`` access tokens are good too, if a server on that port says so.
    """
    needed("dovecot")
    account = pwd.getpwnam("nobody") if os.geteuid() == 0 else pwd.getpwuid(os.geteuid())
    folder = Path(tempfile.mkdtemp(prefix="dovecot-", dir="/tmp"))
    server = Dovecot(free_port(), free_port() if certificate else 0, folder)
    _configure(server, account, certificate, introspection)
    whoami: dict[str, Any] = {}
    if os.geteuid() == 0:
        subprocess.run(["chown", "-R", f"{account.pw_uid}:{account.pw_gid}", folder], check=True)
        whoami = {"user": account.pw_uid, "group": account.pw_gid, "extra_groups": []}
    program: list[str | Path] = ["dovecot", "-F", "-c", folder / "dovecot.conf"]
    with subprocess.Popen(program, **whoami) as process:
        try:
            wait_for_port(server.port)
            yield server
        finally:
            process.terminate()
            _stopped(process)
            shutil.rmtree(folder, ignore_errors=True)


def _configure(
    server: Dovecot,
    account: pwd.struct_passwd,
    certificate: tuple[Path, Path] | None,
    introspection: int,
) -> None:
    text = CONFIG.format(
        folder=server.folder,
        user=account.pw_name,
        group=grp.getgrgid(account.pw_gid).gr_name,
        uid=account.pw_uid,
        gid=account.pw_gid,
        port=server.port,
        tls_port=server.tls_port,
        ssl="yes" if certificate else "no",
        password=PASSWORD,
        oauth=OAUTH.format(folder=server.folder) if introspection else "",
    )
    (server.folder / "oauth2.conf.ext").write_text(INTROSPECTION.format(port=introspection))
    if certificate:
        for source, name in zip(certificate, ("chain.pem", "key.pem"), strict=True):
            shutil.copy(source, server.folder / name)
        text += f"ssl_cert = <{server.folder}/chain.pem\nssl_key = <{server.folder}/key.pem\n"
        text += "ssl_dh =\n"
    (server.folder / "dovecot.conf").write_text(text)


def _stopped(process: "subprocess.Popen[Any]") -> None:
    deadline = time.monotonic() + 5
    while process.poll() is None and time.monotonic() < deadline:
        time.sleep(0.02)
    if process.poll() is None:
        process.kill()
