import multiprocessing

from measure import rate, report
from task import add_one

ITEMS = range(1_000_000)

if __name__ == "__main__":
    with multiprocessing.get_context("forkserver").Pool(2) as pool:
        report(rate(lambda: pool.map(add_one, ITEMS), 1) * len(ITEMS))
