import multiprocessing

from measure import median_time, report


def nothing():
    pass


if __name__ == "__main__":
    context = multiprocessing.get_context("fork")

    def step():
        child = context.Process(target=nothing)
        child.start()
        child.join()
        child.close()

    report(median_time(step))
