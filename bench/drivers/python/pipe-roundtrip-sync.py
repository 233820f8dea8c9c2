import multiprocessing

from measure import SMALL, rate, report


def echo(connection):
    try:
        while True:
            connection.send(connection.recv())
    except EOFError:
        pass


if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    child = context.Process(target=echo, args=(there,))
    child.start()
    there.close()

    def step():
        here.send(SMALL)
        here.recv()

    report(rate(step, 16))
    here.close()
    child.join()
