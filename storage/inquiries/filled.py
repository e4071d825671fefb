"""What customers filled in beside their words: a form's fields, a webhook's, the page of a chat."""

import json
from collections.abc import Mapping

from inquiry.journey import InquiryId
from storage.database import Transaction

Filled = Mapping[str, str]


async def filled_in(tx: Transaction, inquiry: InquiryId) -> dict[int, Filled]:
    """Return it by message: what is new there, as chats and webhooks say the same each time."""
    found: dict[int, Filled] = {}
    before: dict[int, Filled] = {}
    for row in await tx.all("reading.filled", inquiry=inquiry):
        form: Filled = json.loads(row["understood"]).get("form", {})
        known = before.get(row["contact_point"], {})
        found[row["id"]] = {name: said for name, said in form.items() if known.get(name) != said}
        before[row["contact_point"]] = {**known, **form}
    return found
