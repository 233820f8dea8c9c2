import multiprocessing

from measure import rate, report
from task import add_one

if __name__ == "__main__":
    with multiprocessing.get_context("forkserver").Pool(2) as pool:
        report(rate(lambda: pool.apply(add_one, (1,)), 16))
