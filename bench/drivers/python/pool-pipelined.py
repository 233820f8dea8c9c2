import multiprocessing

from measure import rate, report
from task import add_one

AT_ONCE = 3000

if __name__ == "__main__":
    with multiprocessing.get_context("forkserver").Pool(2) as pool:

        def step():
            for result in [pool.apply_async(add_one, (i,)) for i in range(AT_ONCE)]:
                result.get()

        report(rate(step, 1) * AT_ONCE)
