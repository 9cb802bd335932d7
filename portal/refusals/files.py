"""Refusals of uploaded files."""

from portal.language import _l

SENTENCES = {
    "file-too-large": _l("The file is too large: at most 10 MB and 25 million pixels."),
    "not-an-image": _l("This file is not a picture that can be read. Use JPEG or PNG."),
}
STATUS = {"file-too-large": 413}
