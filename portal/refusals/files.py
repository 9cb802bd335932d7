"""Refusals of uploaded files."""

from portal.language import _l

SENTENCES = {
    "file-too-large": _l("The file is too large: at most 10 MB."),
    "too-many-pixels": _l(
        "The picture has too many pixels: at most 25 million, which is 5,000 by 5,000. "
        "Take it again at a lower resolution, or save a smaller copy."
    ),
    "picture-too-small": _l(
        "The picture is too small to recognise anything in it: %(width)s by %(height)s pixels, and the shorter side "
        "needs at least %(least)s. Take a new photo, or choose the original and not a small copy of it."
    ),
    "not-an-image": _l("This file is not a picture that can be read. Use JPEG or PNG."),
    "pictures-busy": _l("Many pictures are coming in at this moment. Wait a minute, then send yours again."),
}
STATUS = {"file-too-large": 413, "too-many-pixels": 413, "pictures-busy": 503}
