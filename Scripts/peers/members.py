"""Sets of customers as packed bits, in the order of `pid`."""

import threading

import numpy


class Members:
    """Makes packed bits from the numbers of customers; each thread has a scratch of its own."""

    def __init__(self, count):
        self.count = count
        self.scratch = threading.local()

    def of_pids(self, pids):
        """The set of numbers, which may come more than once."""
        flags = getattr(self.scratch, "flags", None)
        if flags is None:
            flags = self.scratch.flags = numpy.empty(self.count, dtype=bool)
        flags.fill(False)
        flags[pids] = True
        return numpy.packbits(flags)

    @staticmethod
    def of_flags(flags):
        """The set of rows that are true."""
        return numpy.packbits(flags)


def count(packed):
    return int(numpy.bitwise_count(packed).sum())

