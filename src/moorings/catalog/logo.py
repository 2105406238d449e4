"""A letter mark for integrations that bring no logo of their own."""

import zlib
from urllib.parse import quote


def letter_mark(integration_id: str, name: str) -> str:
    """An SVG data URI: the name's first letter on a colour that depends on the id alone."""
    hue = zlib.crc32(integration_id.encode()) % 360
    svg = (
        "<svg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 40 40'>"
        f"<rect width='40' height='40' rx='9' fill='hsl({hue} 45% 38%)'/>"
        "<text x='20' y='27' text-anchor='middle' font-family='sans-serif' font-size='20' fill='white'>"
        f"{name[0].upper()}</text></svg>"
    )
    return "data:image/svg+xml," + quote(svg, safe=" ='/:%()")
