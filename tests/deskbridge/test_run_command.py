"""Does an operator learn why the desk did not start?"""

import errno
from pathlib import Path

import pytest

from deskbridge.cli.run import why_not_started

DATA = Path("/srv/desk")


@pytest.mark.parametrize(
    ("failure", "said"),
    [
        pytest.param(
            OSError(errno.EADDRINUSE, "127.0.0.1:8080: address already in use"),
            "127.0.0.1:8080: address already in use: is something else listening there?",
            id="a port that is taken",
        ),
        pytest.param(
            PermissionError(errno.EACCES, "Permission denied", "/srv/desk/lock"),
            "cannot use data_dir: /srv/desk/lock: Permission denied",
            id="a data folder of somebody else",
        ),
        pytest.param(
            FileNotFoundError(errno.ENOENT, "No such file or directory", "/etc/certificate.pem"),
            "[Errno 2] No such file or directory: '/etc/certificate.pem'",
            id="a file that is missing",
        ),
    ],
)
def test_what_the_system_refused_is_named(failure: OSError, said: str) -> None:
    assert why_not_started(DATA, failure) == said
