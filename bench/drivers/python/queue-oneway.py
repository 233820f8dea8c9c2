import multiprocessing

from measure import SMALL, rate, report


def fill(queue):
    while True:
        queue.put(SMALL)


if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    queue = context.Queue(1000)
    child = context.Process(target=fill, args=(queue,), daemon=True)
    child.start()
    report(rate(queue.get, 64))
    child.terminate()
