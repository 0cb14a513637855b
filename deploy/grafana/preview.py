"""Draws masque-relay.json with what a Prometheus has, to look at without Grafana.

Wants matplotlib. Arguments: the URL of the Prometheus, the PNG file, and how many minutes to show (10).
Says on standard output which panels are empty; exits with 1 when the Prometheus refuses an expression.
"""

import json
import math
import re
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from datetime import datetime, timezone
from pathlib import Path

import matplotlib

matplotlib.use("Agg")
import matplotlib.dates as dates
import matplotlib.pyplot as plt
from matplotlib.ticker import FuncFormatter

COLUMNS = 24
ROW_INCHES = 0.3
STEP = 5
INTERVAL = "30s"
SCALED = {"bps": "bit/s", "bytes": "B", "pps": "packets/s", "reqps": "req/s", "ops": "ops/s", "short": ""}
DASHBOARD = json.loads(Path(__file__).with_name("masque-relay.json").read_text())
VARIABLES = {
    "$" + one["name"]: one["allValue"] for one in DASHBOARD["templating"]["list"] if "allValue" in one
} | {"$__rate_interval": INTERVAL}


def series(prometheus, expression, now, minutes):
    for name, value in VARIABLES.items():
        expression = expression.replace(name, value)
    question = {"query": expression, "start": now - 60 * minutes, "end": now, "step": STEP}
    try:
        url = f"{prometheus}/api/v1/query_range?{urllib.parse.urlencode(question)}"
        with urllib.request.urlopen(url, timeout=30) as answer:
            return json.load(answer)["data"]["result"]
    except urllib.error.HTTPError as refused:
        sys.exit(f"{expression}: {refused.read().decode()}")


def legend(form, labels):
    return re.sub(r"{{(\w+)}}", lambda label: labels.get(label[1], ""), form).strip() or " ".join(labels.values())


def shown(value, unit):
    if unit == "percentunit":
        return f"{100 * value:.3g} %"
    if unit == "d":
        return f"{value:.4g} days"
    if unit == "s":
        for length, name in ((86400, "days"), (60, "min"), (1, "s"), (1e-3, "ms"), (0, "µs")):
            if abs(value) >= length:
                return f"{value / (length or 1e-6):.3g} {name}"
    for size, prefix in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if abs(value) >= size:
            return f"{value / size:.3g} {prefix}{SCALED.get(unit, '')}"
    return f"{value:.3g} {SCALED.get(unit, '')}".strip()


def draw(axes, panel, lines, now, minutes):
    unit = panel["fieldConfig"]["defaults"].get("unit", "short")
    axes.set_title(panel["title"], loc="left", fontsize=10, fontweight="bold")
    if panel["type"] == "stat":
        axes.axis("off")
        last = lines[0][1][-1][1] if lines else None
        axes.text(0.5, 0.4, "no data" if last is None else shown(last, unit), ha="center", va="center", fontsize=20)
        return
    for name, points in lines:
        axes.plot([datetime.fromtimestamp(at, timezone.utc) for at, _ in points], [v for _, v in points], label=name)
    if lines:
        axes.legend(fontsize=7, ncols=2, loc="upper left", bbox_to_anchor=(0, -0.12), frameon=False)
    else:
        axes.text(0.5, 0.5, "no data", transform=axes.transAxes, ha="center", color="gray")
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: shown(value, unit)))
    axes.xaxis.set_major_formatter(dates.DateFormatter("%H:%M"))
    axes.set_xlim(datetime.fromtimestamp(now - 60 * minutes, timezone.utc), datetime.fromtimestamp(now, timezone.utc))
    axes.tick_params(labelsize=7)
    axes.grid(alpha=0.3)
    if "min" in panel["fieldConfig"]["defaults"]:
        axes.set_ylim(bottom=panel["fieldConfig"]["defaults"]["min"])


def lines_of(prometheus, panel, now, minutes):
    lines = []
    for target in panel["targets"]:
        for one in series(prometheus, target["expr"], now, minutes):
            labels = {name: value for name, value in one["metric"].items() if name != "__name__"}
            points = [(at, float(value)) for at, value in one["values"] if math.isfinite(float(value))]
            if points:
                lines.append((legend(target.get("legendFormat", ""), labels), points))
    return lines


def main(prometheus, picture, minutes="10"):
    now, minutes = time.time(), int(minutes)
    rows = max(panel["gridPos"]["y"] + panel["gridPos"]["h"] for panel in DASHBOARD["panels"])
    figure = plt.figure(figsize=(18, rows * ROW_INCHES))
    empty = []
    for panel in DASHBOARD["panels"]:
        place = panel["gridPos"]
        left, top = place["x"] / COLUMNS, 1 - place["y"] / rows
        if panel["type"] == "row":
            figure.text(left + 0.005, top - 0.8 / rows, panel["title"], fontsize=12, fontweight="bold")
            continue
        width, height = place["w"] / COLUMNS, place["h"] / rows
        below = 0.42 if panel["type"] == "timeseries" else 0.1
        inner = height * (0.86 - below * 0.8)
        axes = figure.add_axes((left + 0.04, top - 0.8 / rows - inner, width - 0.055, inner))
        lines = lines_of(prometheus, panel, now, minutes)
        draw(axes, panel, lines, now, minutes)
        if not lines:
            empty.append(panel["title"])
    figure.savefig(picture, dpi=72)
    print(f"{len(DASHBOARD['panels'])} panels and rows drawn; empty: {', '.join(empty) or 'none'}")


if __name__ == "__main__":
    main(*sys.argv[1:])
