import multiprocessing

from measure import median_time, report


def nothing():
    pass


if __name__ == "__main__":
    context = multiprocessing.get_context("forkserver")

    def step():
        children = [context.Process(target=nothing) for _ in range(200)]
        for child in children:
            child.start()
        for child in children:
            child.join()
            child.close()

    report(median_time(step))
