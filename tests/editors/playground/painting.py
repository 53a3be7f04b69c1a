"""Pictures of few colours: a PNG file as Chromium writes it is three times as large."""

import base64
import struct
import zlib
from typing import Any

from playwright.async_api import BrowserContext

REDUCE = """async (png) => {
  const bytes = Uint8Array.from(atob(png), (each) => each.charCodeAt(0));
  const image = await createImageBitmap(new Blob([bytes], { type: 'image/png' }));
  const { width, height } = image;
  const context = new OffscreenCanvas(width, height).getContext('2d');
  context.drawImage(image, 0, 0);
  const { data } = context.getImageData(0, 0, width, height);
  const colourAt = (i) => (data[4 * i] << 16) | (data[4 * i + 1] << 8) | data[4 * i + 2];
  const counts = new Map();
  for (let i = 0; i < width * height; i++) {
    counts.set(colourAt(i), (counts.get(colourAt(i)) ?? 0) + 1);
  }
  const common = [...counts].sort((a, b) => b[1] - a[1] || a[0] - b[0]).map(([each]) => each);
  const alike = new Map();
  for (const each of common) {
    if (!alike.has(each & 0xf0f0f0)) alike.set(each & 0xf0f0f0, each);
  }
  const palette = [...alike.values()].slice(0, 256);
  const far = (a, b) => [16, 8, 0].reduce((sum, bits) =>
    sum + (((a >> bits) & 255) - ((b >> bits) & 255)) ** 2, 0);
  const nearest = new Map(common.map((colour) => [colour, palette.reduce(
    (best, each, i) => far(each, colour) < far(palette[best], colour) ? i : best, 0)]));
  let text = '';
  for (let i = 0; i < width * height; i++) text += String.fromCharCode(nearest.get(colourAt(i)));
  return { width, height, palette, pixels: btoa(text) };
}"""
"""Of colours that are much alike the most common one stands for all."""


async def reduce_colours(context: BrowserContext, png: bytes) -> bytes:
    """The same picture with at most 256 colours."""
    page = await context.new_page()  # a blank one: ours lets no picture in
    found: dict[str, Any] = await page.evaluate(REDUCE, base64.b64encode(png).decode())
    await page.close()
    width, height = found["width"], found["height"]
    pixels = base64.b64decode(found["pixels"])
    rows = (b"\0" + pixels[at : at + width] for at in range(0, width * height, width))
    palette = b"".join(each.to_bytes(3, "big") for each in found["palette"])
    return b"".join(
        (
            b"\x89PNG\r\n\x1a\n",
            _chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 3, 0, 0, 0)),
            _chunk(b"PLTE", palette),
            _chunk(b"IDAT", zlib.compress(b"".join(rows), 9)),
            _chunk(b"IEND", b""),
        )
    )


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
