import multiprocessing
import time

from measure import rate, report


def count(lock, counter, stop):
    while not stop.value:
        with lock:
            counter.value += 1


if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    lock = context.Lock()
    counter = context.RawValue("i", 0)
    stop = context.RawValue("b", 0)
    child = context.Process(target=count, args=(lock, counter, stop), daemon=True)
    child.start()
    while counter.value == 0:
        pass

    def step():
        with lock:
            counter.value += 1

    # Both sides together: what is counted, not how often this one had its turn.
    start, begin = time.perf_counter(), counter.value
    rate(step, 100)
    report((counter.value - begin) / (time.perf_counter() - start))
    stop.value = 1
    child.join()
