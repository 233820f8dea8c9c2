import multiprocessing

from measure import rate, report

if __name__ == "__main__":
    lock = multiprocessing.get_context("spawn").Lock()

    def step():
        lock.acquire()
        lock.release()

    report(rate(step, 1000))
