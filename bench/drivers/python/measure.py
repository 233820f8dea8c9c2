"""How every driver written in Python measures; the same way as bench/measure.ts."""

import json
import statistics
import sys
import time

WINDOW = float(sys.argv[1] if len(sys.argv) > 1 else 600) / 1000
SMALL = {"id": 1, "name": "Bob", "tags": ["a", "b"]}


def rate(step, batch):
    _count(step, batch, WINDOW * 1.5)
    return _count(step, batch, WINDOW)


def _count(step, batch, duration):
    start = time.perf_counter()
    steps = 0
    while True:
        for _ in range(batch):
            step()
        steps += batch
        elapsed = time.perf_counter() - start
        if elapsed >= duration:
            return steps / elapsed


def median_time(step):
    step()
    times = []
    end = time.perf_counter() + WINDOW
    while time.perf_counter() < end or len(times) < 3:
        start = time.perf_counter()
        step()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)


def report(value):
    print(json.dumps({"value": value}))
