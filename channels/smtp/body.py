"""Where a message ends, and what its bytes were before the sender stuffed dots into them."""

END = b"\r\n.\r\n"


class Body:
    """Takes DATA apart, however it is cut into chunks (RFC 5321 4.5.2).

    Nothing is decided about bytes that may still become part of an end, a stuffed dot or a CRLF:
    they are held until the next chunk.
    """

    def __init__(self) -> None:
        self.bare = False
        """Was there a CR or LF on its own? Servers disagree where such a message ends."""
        self.finished = False
        self.rest = b""
        """What the client sent behind the end: its next command."""
        self._held = b"\r\n"  # a dot at the very beginning is at the beginning of a line, too
        self._invented = 2

    def feed(self, chunk: bytes) -> bytes:
        """Return the bytes of the message that are certain by now."""
        raw = self._held + chunk
        end = raw.find(END)
        if end >= 0:
            self.finished = True
            self.rest = raw[end + len(END) :]
            raw = raw[: end + 2]
        else:
            raw, self._held = _split(raw)
        lines = raw.count(b"\r\n")
        if raw.count(b"\n") != lines or raw.count(b"\r") != lines:
            self.bare = True
        raw = raw.replace(b"\r\n.", b"\r\n")
        if self._invented and raw:
            raw = raw[self._invented :]
            self._invented = 0
        return raw


def _split(raw: bytes) -> tuple[bytes, bytes]:
    """Cut off the longest tail that an end may begin with."""
    for length in (4, 3, 2, 1):
        if raw.endswith(END[:length]):
            return raw[:-length], raw[-length:]
    return raw, b""
