import multiprocessing

from measure import rate, report

if __name__ == "__main__":
    with multiprocessing.get_context("forkserver").Manager() as manager:
        numbers = manager.dict()
        count = 0

        def step():
            global count
            numbers[count % 100] = count
            count += 1

        report(rate(step, 16))
