"""A file from the person's device."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from flask import request
from werkzeug.datastructures import FileStorage
from wtforms.validators import ValidationError

from portal.fields.base import HouseField
from portal.frame import only_for
from portal.language import _, _l

SIGNATURES = {
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/png": (b"\x89PNG\r\n\x1a\n",),
    "application/pdf": (b"%PDF-",),
}
NAMES = {
    "image/jpeg": "JPEG",
    "image/png": "PNG",
    "application/pdf": "PDF",
}
MEGABYTE = 1024 * 1024
LARGEST_ANSWER = 100 * MEGABYTE
"""Far more than a file may have: one that is too large is answered on its form, where nothing typed is lost."""


def take_large_files(*endpoints: str) -> Callable[[], None]:
    """Register it before the requests of a slice: these views read what is larger than other requests may be."""

    @only_for(endpoints)
    def allow() -> None:
        request.max_content_length = LARGEST_ANSWER

    return allow


class UploadField(HouseField):
    """`.data` is the content or None. The type is read from the content; what the browser claims counts for nothing.

    The form needs `enctype="multipart/form-data"`.
    """

    component = "field_upload"
    missing = _l("Choose a file for “%(label)s”")

    def __init__(
        self,
        label: Any = "",
        *,
        accept: Iterable[str] = ("image/jpeg", "image/png"),
        megabytes: int = 10,
        camera: str = "",
        **kwargs: Any,
    ) -> None:
        super().__init__(label, **kwargs)
        self.accept = tuple(accept)
        self.megabytes = megabytes
        self.camera = camera
        self.filename = ""

    @property
    def kinds(self) -> str:
        return ", ".join(NAMES[kind] for kind in self.accept)

    @property
    def must_come_again(self) -> bool:
        """A right file of a form that was wrong elsewhere: browsers never give a file back."""
        return bool(self.filename) and not self.errors

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = None
        sent = next(
            (part for part in valuelist if isinstance(part, FileStorage) and part.filename),
            None,
        )
        if sent is not None:
            self.filename = sent.filename or ""
            self.data = sent.stream.read(self.megabytes * MEGABYTE + 1)

    def is_empty(self) -> bool:
        return self.data is None

    def check(self) -> None:
        if len(self.data) == 0:
            raise ValidationError(_("The file “%(name)s” is empty. Choose it again.", name=self.filename))
        if len(self.data) > self.megabytes * MEGABYTE:
            raise ValidationError(
                _(
                    "The file is larger than %(size)s MB. Choose a smaller picture.",
                    size=self.megabytes,
                )
            )
        if not any(self.data.startswith(start) for kind in self.accept for start in SIGNATURES[kind]):
            raise ValidationError(_("The file must be one of: %(kinds)s.", kinds=self.kinds))
