"""Mail that no person wrote: told by its headers (RFC 3834 and what programs do instead)."""

from inquiry.journey import Envelope
from inquiry.understood import Known
from inquiry.words import Automated
from normalizer.headers import Headers


def automated(headers: Headers, envelope: Envelope, known: Known) -> tuple[Automated, str]:
    """Return the kind of automatic mail, and the header that gave it away."""
    submitted = headers.text("auto-submitted").lower()
    if submitted and not submitted.startswith("no"):
        return Automated.AUTO_REPLY, f"Auto-Submitted: {submitted}"
    if headers.raw("list-id"):
        return Automated.LIST, "List-Id"
    return Automated.NONE, ""
