"""Colours that can be read on the organization's own."""

_BRIGHTNESS = (0.2126, 0.7152, 0.0722)
"""How bright red, green and blue are to the eye (WCAG 2.2, relative luminance)."""
_BLACK = "#000"
_WHITE = "#fff"
# Where black and white have the same contrast (WCAG 2.2, contrast ratio).
_MIDDLE = 0.179


def readable_on(background: str) -> str:
    """Return black or white, whichever can be read better.

    Args:
        background: `#rrggbb`.
    """
    channels = (int(background[place : place + 2], 16) / 255 for place in (1, 3, 5))
    bright = sum(weight * _linear(channel) for weight, channel in zip(_BRIGHTNESS, channels, strict=True))
    return _BLACK if bright > _MIDDLE else _WHITE


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4  # noqa: PLR2004 - of sRGB (IEC 61966-2-1)
