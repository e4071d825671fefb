"""Mails signed with DKIM, and what their domain says in the DNS."""

import base64
from functools import cache

import dkim
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)


@cache
def key() -> RSAPrivateKey:
    return generate_private_key(public_exponent=65537, key_size=2048)


def signed(
    raw: bytes,
    domain: str = "fjell.example",
    *,
    length: bool = False,
    algorithm: bytes = b"rsa-sha256",
) -> bytes:
    secret = key().private_bytes(Encoding.PEM, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    made: bytes = dkim.sign(
        raw,
        b"s1",
        domain.encode(),
        secret,
        canonicalize=(b"relaxed", b"relaxed"),
        length=length,
        signature_algorithm=algorithm,
    )
    return made + raw


def txt(*texts: str) -> str:
    """Zone lines; a text longer than 255 letters is cut, as the DNS wants it."""
    cut = [[text[n : n + 200] for n in range(0, len(text), 200)] for text in texts]
    return "\n".join(" ".join(f'"{piece}"' for piece in pieces) for pieces in cut)


def public_key() -> str:
    der = key().public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return txt(f"v=DKIM1; k=rsa; p={base64.b64encode(der).decode()}")
