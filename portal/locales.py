"""The languages that the portal can be offered in, by the names they give themselves."""

from __future__ import annotations

NAMES = {"vi": "Tiếng Việt", "en": "English", "ko": "한국어", "zh-Hans": "简体中文", "ja": "日本語"}
