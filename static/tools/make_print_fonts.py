"""Whole Be Vietnam Pro (OFL-1.1) for paper: one TTF a weight; run with the folder of the unpacked original TTF files.

    pip install fonttools fontpkg-be-vietnam-pro==1.2
    python static/tools/make_print_fonts.py path/to/fontpkg_be_vietnam_pro/files

Split web fonts under one family name print wrong letters, so nothing here is split. The family lacks ƀ ĕ ŏ ŭ, which
Ê-đê, Gia-rai and Ba-na names need: they are put together from its own parts. Hinting is for screens and is left out.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

from fontTools.pens.boundsPen import BoundsPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import main as subset
from fontTools.ttLib import TTFont

FONTS = Path(__file__).resolve().parent.parent / "print"
WEIGHTS = {"Regular": 400, "SemiBold": 600}
BREVE = {"e": 0x115, "o": 0x14F, "u": 0x16D, "E": 0x114, "O": 0x14E, "U": 0x16C}
"""Base letter → the letter with a breve, which takes the place that it has on a (on A for capitals)."""
BARRED = {"b": 0x180, "B": 0x243}


def bounds(font: TTFont, name: str) -> tuple[float, float, float, float]:
    pen = BoundsPen(font.getGlyphSet())
    font.getGlyphSet()[name].draw(pen)
    return pen.bounds


def keep(font: TTFont, code: int, base: str, pen: TTGlyphPen) -> None:
    """Add the drawn glyph under its code point, as wide as its base letter."""
    name = f"uni{code:04X}"
    font["glyf"][name] = pen.glyph()
    font["glyf"][name].recalcBounds(font["glyf"])
    font["hmtx"][name] = (font["hmtx"][base][0], font["glyf"][name].xMin)
    for table in font["cmap"].tables:
        if table.isUnicode():
            table.cmap[code] = name


def add_breves(font: TTFont) -> None:
    names = font.getBestCmap()
    mark = names[0x306]
    for letter, code in BREVE.items():
        base, model = names[ord(letter)], names[ord("a" if letter.islower() else "A")]
        left, _, right, _ = bounds(font, base)
        mark_left, mark_low, mark_right, _ = bounds(font, mark)
        low = bounds(font, names[ord("ă" if letter.islower() else "Ă")])[3] - (bounds(font, mark)[3] - mark_low)
        shift = (round((left + right - mark_left - mark_right) / 2), round(low - mark_low))
        shift = (shift[0], shift[1] + round(bounds(font, base)[3] - bounds(font, model)[3]))
        pen = TTGlyphPen(font.getGlyphSet())
        pen.addComponent(base, (1, 0, 0, 1, 0, 0))
        pen.addComponent(mark, (1, 0, 0, 1, *shift))
        keep(font, code, base, pen)


def add_bars(font: TTFont) -> None:
    names = font.getBestCmap()
    _, hyphen_low, _, hyphen_high = bounds(font, names[ord("-")])
    for letter, code in BARRED.items():
        base = names[ord(letter)]
        left, _, right, high = bounds(font, base)
        middle, half = high * 0.8, (hyphen_high - hyphen_low) * 0.42
        end = left + (right - left) * 0.62
        corners = [(left - 60, middle - half), (left - 60, middle + half), (end, middle + half), (end, middle - half)]
        pen = TTGlyphPen(font.getGlyphSet())
        font.getGlyphSet()[base].draw(pen)
        pen.moveTo(corners[0])
        for corner in corners[1:]:
            pen.lineTo(corner)
        pen.closePath()
        keep(font, code, base, pen)


def main(originals: Path) -> None:
    FONTS.mkdir(exist_ok=True)
    for face, weight in WEIGHTS.items():
        font = TTFont(originals / f"BeVietnamPro-{face}.ttf", recalcTimestamp=False)
        add_breves(font)
        add_bars(font)
        with tempfile.TemporaryDirectory() as folder:
            whole, target = Path(folder) / "whole.ttf", FONTS / f"bvp-{weight}.ttf"
            font.save(whole)
            features = "--layout-features=kern,mark,mkmk,ccmp,locl"
            subset([str(whole), "--unicodes=*", features, "--no-hinting", f"--output-file={target}"])
        print(target.name, target.stat().st_size, "bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
