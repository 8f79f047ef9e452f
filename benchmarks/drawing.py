"""How the figures of the documentation look, and how they are written."""

import re
from io import StringIO
from pathlib import Path
from typing import Any

from matplotlib.figure import Figure as Canvas

INK, QUIET, FAINT = "#1b2a3a", "#7d8b99", "#e4e9ee"
BLUE, ORANGE, GREEN = "#2166ac", "#d6604d", "#3a8f6a"
# A tenth of a point is enough to draw with, and makes the file half as large.
_DECIMALS = re.compile(r"(\d\.\d)\d+")
STYLE: Any = {
    "font.size": 9,
    "axes.edgecolor": QUIET,
    "axes.labelcolor": INK,
    "axes.titlelocation": "left",
    "axes.titlesize": 10.5,
    "axes.titleweight": "bold",
    "axes.titlecolor": INK,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.grid": True,
    "axes.axisbelow": True,
    "grid.color": FAINT,
    "xtick.bottom": False,
    "ytick.left": False,
    "xtick.color": QUIET,
    "ytick.color": QUIET,
    "legend.frameon": False,
    "legend.labelcolor": INK,
    "font.sans-serif": ["DejaVu Sans"],
    "svg.fonttype": "none",
    "svg.hashsalt": "openbourse",
    "path.simplify_threshold": 0.5,
}


def save(canvas: Canvas, file: str) -> None:
    """Write it in the format of the file's suffix; an SVG is the same text for the same figure."""
    if file.endswith(".svg"):
        text = StringIO()
        canvas.savefig(text, format="svg", metadata={"Date": None})
        Path(file).write_text("".join(_shorter(line) for line in text.getvalue().splitlines()))
    else:
        canvas.savefig(Path(file), dpi=130)


def _shorter(line: str) -> str:
    """A line of SVG in fewer characters; what is written in the picture stays as it is."""
    line = line.strip() + "\n"
    return line if "</text>" in line or "</tspan>" in line else _DECIMALS.sub(r"\1", line)
