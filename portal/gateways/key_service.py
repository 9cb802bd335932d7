"""Keys from a key service that speaks the KV-2 interface of Vault and OpenBao: one secret holds the whole set.

    GET  ADDRESS                    {"data": {"data": {"encryption-1": base64, …}, "metadata": {"version": 7}}}
    POST ADDRESS  X-Vault-Token     {"options": {"cas": 7}, "data": {…}}

The set is written only over the version that was read (check-and-set), so that two operators never lose a key to each
other. The token is read from its file each time: an agent renews it there.
"""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import requests

from identity.vault import KEY_BYTES, Keys, Purpose, key_name
from portal.gateways.key_set import LASTING, KeysMissing, key_set, next_version

TIMEOUT_SECONDS = 10


@dataclass(frozen=True, slots=True)
class KeyService:
    """`address` is the secret's, for example https://vault.example:8200/v1/secret/data/portal."""

    address: str
    token_file: Path

    def read(self) -> Keys:
        """Every key that is there now; raises `KeysMissing` when the service does not answer or holds no full set."""
        named, _version = self._get()
        return key_set(named, "the key service")

    def make(self, purpose: Purpose) -> int:
        """Add the next version of a key to the set."""
        named, version = self._get()
        number = next_version(key_set(named, "the key service"), purpose)
        self._put({**named, key_name(purpose, number): os.urandom(KEY_BYTES)}, version)
        return number

    def drop(self, purpose: Purpose, version: int) -> None:
        """Write the set without one version, and keep what pseudonyms are derived from. The service's own older
        versions of the secret still hold it until they are destroyed there."""
        named, at = self._get()
        lasting = key_set(named, "the key service").lasting if purpose is Purpose.PEPPER else named.get(LASTING)
        kept = {name: key for name, key in named.items() if name != key_name(purpose, version)}
        self._put(kept | ({LASTING: lasting} if lasting else {}), at)

    def _get(self) -> tuple[dict[str, bytes], int]:
        answer = self._call("GET")
        try:
            data = answer["data"]
            named = {name: base64.b64decode(key, validate=True) for name, key in data["data"].items()}
            return named, int(data["metadata"]["version"])
        except (KeyError, TypeError, ValueError):
            raise KeysMissing("the key service answered with something else") from None

    def _put(self, named: dict[str, bytes], version: int) -> None:
        data = {name: base64.b64encode(key).decode() for name, key in named.items()}
        self._call("POST", {"options": {"cas": version}, "data": data})

    def _call(self, method: str, body: dict[str, Any] | None = None) -> Any:
        try:
            token = self.token_file.read_text().strip()
            answer = requests.request(
                method,
                self.address,
                json=body,
                headers={"X-Vault-Token": token},
                timeout=TIMEOUT_SECONDS,
                allow_redirects=False,
            )
            answer.raise_for_status()
            return answer.json()
        except (OSError, ValueError) as error:  # requests' errors are OSErrors; none of them shows the token or a key
            status = getattr(getattr(error, "response", None), "status_code", None)
            raise KeysMissing(f"the key service did not give the keys: {status or type(error).__name__}") from None
