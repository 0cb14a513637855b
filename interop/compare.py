"""Compares two screenshots of the page in site/ pixel by pixel. Arguments: the two files."""

import sys
from collections import Counter

from PIL import Image, ImageChops

DRAWN = (0x1B, 0x7F, 0x3A)  # the background of #drawn once script.js has run
DRAWN_PIXELS = 20_000
PICTURE = [(0x2A, 0x6F, 0xB0), (0xE0, 0xA0, 0x30), (0x7A, 0x3F, 0xA0)]  # the circles of picture.svg
PICTURE_PIXELS = 2_000

direct, relayed = (Image.open(name).convert("RGB") for name in sys.argv[1:3])

# Two error pages would be equal as well: first, both have to be the page, with all that it is made of.
for name, image in (("direct", direct), ("relayed", relayed)):
    pixels = Counter(dict((colour, count) for count, colour in image.getcolors(image.width * image.height)))
    if pixels[DRAWN] < DRAWN_PIXELS:
        sys.exit(f"the {name} screenshot does not show what the script draws")
    if any(pixels[colour] < PICTURE_PIXELS for colour in PICTURE):
        sys.exit(f"the {name} screenshot does not show the picture")

if direct.size != relayed.size:
    sys.exit(f"the screenshots measure {direct.size} and {relayed.size}")
if (difference := ImageChops.difference(direct, relayed).getbbox()) is not None:
    sys.exit(f"the screenshots differ within {difference}")
print(f"{direct.width} x {direct.height} pixels are the same")
