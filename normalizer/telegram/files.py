"""The files that a Telegram message names; their bytes are fetched afterwards."""

from collections.abc import Callable, Iterator, Mapping

from inquiry.understood import Attachment
from inquiry.untrusted import Object, inner, objects, size, string
from normalizer.encoded_words import one_line
from normalizer.names import file_name

LONGEST = 500
"""Letters of a reference: Telegram's own are about 90."""
_Named = tuple[str, str]
"""A name and a media type."""


def files_of(message: Object) -> Iterator[Attachment]:
    """Yield the file of a message; of a photo, which comes in several sizes, the largest."""
    for kind, named in _NAMED.items():
        file = inner(message, kind) or max(objects(message, kind, 20), key=_pixels, default={})
        if 0 < len(reference := string(file, "file_id")) <= LONGEST:
            name, content_type = named(file)
            yield Attachment(
                filename=name,
                content_type=content_type,
                size=size(file, "file_size"),
                sha256="",
                remote=reference,
                content_id=string(file, "file_unique_id")[:LONGEST],
            )
            return  # a message holds one; what is named further is the same in older words


def _pixels(picture: Object) -> int:
    width, height = picture.get("width"), picture.get("height")
    return width * height if isinstance(width, int) and isinstance(height, int) else 0


def _as_told(name: str, content_type: str) -> Callable[[Object], _Named]:
    """Return name and type as the sender's program tells them, else these."""

    def named(file: Object) -> _Named:
        told = file_name(string(file, "file_name"))
        return told or name, one_line(string(file, "mime_type"))[:100] or content_type

    return named


def _sticker(file: Object) -> _Named:
    if file.get("is_animated") is True:
        return "sticker.tgs", "application/x-tgsticker"
    if file.get("is_video") is True:
        return "sticker.webm", "video/webm"
    return "sticker.webp", "image/webp"


_NAMED: Mapping[str, Callable[[Object], _Named]] = {
    "photo": lambda _: ("photo.jpg", "image/jpeg"),
    "video": _as_told("video.mp4", "video/mp4"),
    "animation": _as_told("animation.mp4", "video/mp4"),
    "audio": _as_told("audio.mp3", "audio/mpeg"),
    "voice": _as_told("voice.ogg", "audio/ogg"),
    "video_note": lambda _: ("video-message.mp4", "video/mp4"),
    "document": _as_told("file.bin", "application/octet-stream"),
    "sticker": _sticker,
}
