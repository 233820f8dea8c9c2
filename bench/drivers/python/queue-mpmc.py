import multiprocessing
import time

from measure import SMALL, WINDOW, report


def fill(queue):
    while True:
        queue.put(SMALL)


def drain(queue, count):
    taken = 0
    while True:
        queue.get()
        taken += 1
        count.value = taken


if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    queue = context.Queue(1000)
    counts = [context.RawValue("d"), context.RawValue("d")]
    children = [context.Process(target=drain, args=(queue, count), daemon=True) for count in counts]
    children += [context.Process(target=fill, args=(queue,), daemon=True) for _ in counts]
    for child in children:
        child.start()
    while any(count.value == 0 for count in counts):
        time.sleep(0.001)
    time.sleep(WINDOW * 1.5)
    before = sum(count.value for count in counts)
    start = time.perf_counter()
    time.sleep(WINDOW)
    report((sum(count.value for count in counts) - before) / (time.perf_counter() - start))
    for child in children:
        child.terminate()
