import multiprocessing

from measure import rate, report


def answer(there, back):
    while True:
        there.wait()
        there.clear()
        back.set()


if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    there, back = context.Event(), context.Event()
    child = context.Process(target=answer, args=(there, back), daemon=True)
    child.start()

    def step():
        there.set()
        back.wait()
        back.clear()

    step()
    report(rate(step, 10))
    child.terminate()
