import multiprocessing

from measure import rate, report


def flood(connection, size):
    message = b"\1" * size
    try:
        while True:
            connection.send_bytes(message)
    except OSError:
        pass


if __name__ == "__main__":
    context = multiprocessing.get_context("spawn")
    reader, writer = context.Pipe(duplex=False)
    child = context.Process(target=flood, args=(writer, 2**20))
    child.start()
    writer.close()
    report(rate(reader.recv_bytes, 4))
    reader.close()
    child.join()
