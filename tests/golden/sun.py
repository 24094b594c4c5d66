"""Rises and settings of the sun as Home Assistant itself finds them (helpers/sun.py on astral), for tests/golden/sun.json.

Run with a Python that has Home Assistant: python tests/golden/sun.py > tests/golden/sun.json
"""

import datetime as dt
import json

import astral
import homeassistant.const
from homeassistant.helpers.sun import get_observer_astral_event_next

PLACES = [
    ("Amsterdam", 52.37, 4.89, 0),
    ("Auckland", -36.85, 174.76, 0),
    ("Quito", -0.18, -78.47, 0),
    ("Denver", 39.74, -104.99, 1609),
    ("Mount Washington", 44.27, -71.30, 1917),
    ("Apia", -13.83, -171.76, 0),
    ("Reykjavik", 64.15, -21.94, 0),
    ("Tromso", 69.65, 18.96, 0),
    ("Longyearbyen", 78.22, 15.65, 0),
    ("Rothera", -67.57, -68.13, 0),
    ("Utqiagvik", 71.29, -156.79, 0),
    ("Singapore", 1.35, 103.82, 0),
]
EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.timezone.utc)

rows = []
for name, latitude, longitude, elevation in PLACES:
    observer = astral.Observer(latitude, longitude, elevation)
    for year in (2026, 2031):
        for step in range(0, 365, 13):
            after = dt.datetime(year, 1, 1, 9, 17, tzinfo=dt.timezone.utc) + dt.timedelta(days=step, hours=step * 5 % 24)
            row = {"place": name, "afterMs": round((after - EPOCH).total_seconds() * 1000)}
            for event in ("sunrise", "sunset"):
                at = get_observer_astral_event_next(observer, event, after)
                row[event + "Ms"] = round((at - EPOCH).total_seconds() * 1000)
            rows.append(row)

print(
    json.dumps(
        {
            "madeBy": "tests/golden/sun.py",
            "with": {"homeassistant": homeassistant.const.__version__, "astral": astral.__version__},
            "places": {name: {"latitude": la, "longitude": lo, "elevation": el} for name, la, lo, el in PLACES},
            "rows": rows,
        }
    )
)
