"""Cuts Be Vietnam Pro (OFL-1.1) to what the pages need; run with the folder of the unpacked original TTF files.

    pip install fonttools[woff] fontpkg-be-vietnam-pro==1.2
    python static/tools/make_fonts.py path/to/fontpkg_be_vietnam_pro/files

Latin and Vietnamese stay in ONE file a weight, so that a slow line never shows half a word in another typeface. The
family has proportional figures only; a tiny companion gives the ten digits equal widths for columns and counters.
"""

from __future__ import annotations

import sys
import tempfile
import unicodedata
from pathlib import Path

from fontTools.pens.transformPen import TransformPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from fontTools.subset import main as subset
from fontTools.ttLib import TTFont

FONTS = Path(__file__).resolve().parent.parent / "fonts"
WEIGHTS = {"Regular": (400, 640), "SemiBold": (600, 664)}
"""Face → weight and width of a digit of the companion."""
VOWELS = "aăâeêioôơuưy"
TONES = ["", "\u0300", "\u0301", "\u0303", "\u0309", "\u0323"]
SIGNS = "\u00a0©«»°±·×÷–—‘’“”•…−≤≥₫\u0300\u0301\u0302\u0303\u0306\u0309\u031b\u0323"


def letters() -> str:
    """All that a page may contain: ASCII, Western letters, the Vietnamese alphabet, some signs."""
    vietnamese = {
        unicodedata.normalize("NFC", case + tone) for v in VOWELS for tone in TONES for case in (v, v.upper())
    }
    ascii_and_latin = {chr(code) for code in (*range(0x20, 0x7F), *range(0xC0, 0x100))}
    return "".join(sorted(ascii_and_latin | vietnamese | set("đĐ") | set(SIGNS)))


def equal_digits(source: Path, target: Path, width: int) -> None:
    """Centre each digit in the same width."""
    font = TTFont(source, recalcTimestamp=False)
    names, glyphs = font.getBestCmap(), font.getGlyphSet()
    for digit in "0123456789":
        name = names[ord(digit)]
        pen = TTGlyphPen(glyphs)
        glyphs[name].draw(TransformPen(pen, (1, 0, 0, 1, round((width - font["hmtx"][name][0]) / 2), 0)))
        font["glyf"][name] = pen.glyph()
        font["glyf"][name].recalcBounds(font["glyf"])
        font["hmtx"][name] = (width, font["glyf"][name].xMin)
    font.save(target)


def cut(source: Path, target: Path, text: str, features: str) -> None:
    subset(
        [
            str(source),
            f"--text={text}",
            f"--layout-features={features}",
            "--flavor=woff2",
            "--no-hinting",
            f"--output-file={target}",
        ]
    )
    print(target.name, target.stat().st_size, "bytes")


def main(originals: Path) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for face, (weight, width) in WEIGHTS.items():
            source = originals / f"BeVietnamPro-{face}.ttf"
            cut(source, FONTS / f"bvp-{weight}.woff2", letters(), "kern,mark,mkmk,ccmp,locl")
            digits = Path(folder) / f"{weight}.ttf"
            equal_digits(source, digits, width)
            cut(digits, FONTS / f"bvp-num-{weight}.woff2", "0123456789", "")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
