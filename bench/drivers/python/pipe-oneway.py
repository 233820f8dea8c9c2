import multiprocessing

from measure import SMALL, rate, report


def flood(connection):
    try:
        while True:
            connection.send(SMALL)
    except OSError:
        pass


if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    reader, writer = context.Pipe(duplex=False)
    child = context.Process(target=flood, args=(writer,))
    child.start()
    writer.close()
    report(rate(reader.recv, 64))
    reader.close()
    child.join()
