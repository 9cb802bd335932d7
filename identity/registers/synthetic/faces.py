"""Faces of made-up people, drawn with a few round shapes: plainly nobody's, and another one for each person.

The photo of the register and the portrait of the counter share the face; ground, clothes and distance differ, so that
somebody has to look.
"""

from __future__ import annotations

import io
from dataclasses import dataclass
from random import Random

from PIL import Image, ImageDraw

SIZE, FINER, QUALITY = (240, 320), 2, 70
"""Drawn in twice the size and then made smaller, so that edges are smooth."""
GREY_FROM = 58
SKIN = ("#f2d3b3", "#e8bf98", "#d9a57c", "#c68e66", "#a8714d")
HAIR, GREY = ("#1c1a1a", "#2e2422", "#3d2b22", "#54382a"), ("#8d8a86", "#b9b6b1")
CLOTHES = ("#34506b", "#7a3b46", "#3f6b58", "#6a5a86", "#8a6a3a", "#4a4a55")
LINE, GROUND, COUNTER = "#2b2321", "#dfe7ee", "#efe9de"


def drawn_face(number: str, sex: str, age: int, *, at_counter: bool = False) -> bytes:
    """A JPEG of whoever has this number: as a register keeps it, or as it is taken at a counter."""
    taken = Random(f"{number}:{at_counter}")
    picture = Image.new("RGB", (SIZE[0] * FINER, SIZE[1] * FINER), COUNTER if at_counter else GROUND)
    Face(Random(number), sex, age).draw(Pen(ImageDraw.Draw(picture), 1.08 if at_counter else 1), taken.choice(CLOTHES))
    out = io.BytesIO()
    picture.reduce(FINER).save(out, "JPEG", quality=QUALITY)
    return out.getvalue()


@dataclass(frozen=True, slots=True)
class Pen:
    """Draws around the middle of the face, in points of a picture of 240 by 320, as near as it was taken."""

    on: ImageDraw.ImageDraw
    near: float

    def round(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """An ellipse with its middle there."""
        self.on.ellipse(self._box(x, y, width, height), fill=colour)

    def square(self, x: float, y: float, width: float, height: float, colour: str, corner: float = 0) -> None:
        """A rectangle likewise."""
        self.on.rounded_rectangle(self._box(x, y, width, height), corner * FINER * self.near, fill=colour)

    def bow(self, x: float, y: float, width: float, height: float, start: int, end: int, thick: float = 3) -> None:
        """Part of an ellipse's line, from one angle to another."""
        self.on.arc(self._box(x, y, width, height), start, end, fill=LINE, width=round(thick * FINER))

    def half(self, x: float, y: float, width: float, height: float, colour: str) -> None:
        """The upper half of an ellipse."""
        self.on.pieslice(self._box(x, y, width, height), 180, 360, fill=colour)

    def _box(self, x: float, y: float, width: float, height: float) -> tuple[float, float, float, float]:
        middle, scale = (SIZE[0] / 2 * FINER, SIZE[1] * 0.45 * FINER), FINER * self.near
        left, top = middle[0] + (x - width / 2) * scale, middle[1] + (y - height / 2) * scale
        return left, top, left + width * scale, top + height * scale


class Face:
    """What stays of a person from one picture to the next."""

    def __init__(self, draw: Random, sex: str, age: int) -> None:
        self.skin, self.hair = draw.choice(SKIN), draw.choice(GREY if age >= GREY_FROM else HAIR)
        self.width, self.height = draw.uniform(88, 116), draw.uniform(122, 146)
        self.eyes, self.eye, self.brow = draw.uniform(38, 52), draw.uniform(9, 14), draw.uniform(14, 20)
        self.nose, self.mouth, self.smile = draw.uniform(9, 17), draw.uniform(28, 48), draw.uniform(6, 20)
        self.fringe, self.is_long = draw.uniform(0.5, 0.85), draw.random() < (0.7 if sex == "female" else 0.05)
        self.is_bald = sex == "male" and age > 45 and draw.random() < 0.3
        self.has_beard = sex == "male" and age > 25 and draw.random() < 0.25
        self.has_glasses, self.mole = draw.random() < 0.25, draw.choice((-1, 0, 0, 1))

    def draw(self, pen: Pen, clothes: str) -> None:
        """From the back to the front."""
        if self.is_long:
            pen.square(0, 30, self.width + 34, self.height + 40, self.hair, 50)
        pen.square(0, 84, 44, 80, self.skin, 14)
        pen.round(0, 178, 210, 150, clothes)
        pen.round(0, 104, 52, 34, self.skin)
        if not self.is_bald:
            pen.round(0, -14, self.width + 18, self.height + 14, self.hair)
        for side in (-1, 1):
            pen.round(side * self.width / 2, 4, 18, 30, self.skin)
        pen.round(0, 6, self.width, self.height, self.skin)
        if not self.is_bald:
            pen.half(0, -self.height * 0.3, self.width * 0.96, self.height * self.fringe * 0.7, self.hair)
        self._features(pen)

    def _features(self, pen: Pen) -> None:
        for side in (-1, 1):
            x = side * self.eyes / 2
            pen.round(x, 2, self.eye * 1.7, self.eye, "#ffffff")
            pen.round(x, 2, self.eye * 0.75, self.eye * 0.75, LINE)
            pen.bow(x, -8, self.brow * 1.5, 14, 200, 340)
            if self.has_glasses:
                pen.bow(x, 2, 34, 30, 0, 360, 2)
        pen.bow(0, 14, self.nose, 30, 20, 160, 2)
        if self.has_beard:
            pen.round(0, 56, self.width * 0.5, 30, self.hair)
        pen.bow(0, 42, self.mouth, self.smile, 10, 170)
        if self.mole:
            pen.round(self.mole * self.width * 0.28, 30, 6, 6, LINE)
