import multiprocessing

from measure import rate, report

if __name__ == "__main__":
    value = multiprocessing.get_context("spawn").Value("i", 0)

    def step():
        with value.get_lock():
            value.value += 1

    report(rate(step, 1000))
