"""As little as a task can be: what is left is the pool."""


def add_one(n):
    return n + 1
