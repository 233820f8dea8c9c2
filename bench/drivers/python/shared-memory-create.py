from multiprocessing.shared_memory import SharedMemory

from measure import rate, report

SIZE = 1024**2

if __name__ == "__main__":

    def step():
        memory = SharedMemory(create=True, size=SIZE)
        memory.close()
        memory.unlink()

    report(rate(step, 10))
