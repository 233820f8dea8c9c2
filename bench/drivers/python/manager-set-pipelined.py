import multiprocessing

from measure import rate, report

AT_ONCE = 1000

if __name__ == "__main__":
    with multiprocessing.get_context("forkserver").Manager() as manager:
        numbers = manager.dict()

        def step():
            for i in range(AT_ONCE):
                numbers[i % 100] = i

        report(rate(step, 1) * AT_ONCE)
