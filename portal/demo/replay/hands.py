"""Processes that play lanes. One that dies is noticed; when the parent dies they finish their lane and end."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import date
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from typing import Any, Protocol

ENDS_WITHIN = 60.0


class Worker(Protocol):
    """Plays days of lanes: places that need nobody else's rows on that day."""

    def play_lane(self, lane: Any, day: date) -> int:
        """One day; how many people it is told of."""

    def close(self) -> None:
        """Give the connections back."""


Make = Callable[[], Worker]
"""It travels to the processes, so it is a `partial` of something that a module knows."""


class HandLost(Exception):
    """A process ended in the middle; what it had begun is undone, and a new start takes it up."""


class Hands:
    """As many processes as asked for; with one, the work is done in this very process."""

    def __init__(self, make: Make, count: int) -> None:
        self._own = make() if count == 1 else None
        self._pipes: list[Connection] = []
        self._processes: list[BaseProcess] = []
        context = get_context("spawn")  # forked ones would share the parent's connections
        for _ in range(count if count > 1 else 0):
            ours, theirs = context.Pipe()
            process = context.Process(target=_work, args=(make, theirs), daemon=True)
            process.start()
            theirs.close()
            self._pipes.append(ours)
            self._processes.append(process)

    def play(self, lanes: Sequence[Any], day: date) -> int:
        """All lanes of a day; the sum of what is told of them."""
        if self._own is not None:
            return sum(self._own.play_lane(lane, day) for lane in lanes)
        left, free, done = list(lanes), list(self._pipes), 0
        while left or len(free) < len(self._pipes):
            while left and free:
                free.pop().send((left.pop(0), day))
            for pipe in wait([pipe for pipe in self._pipes if pipe not in free]):
                done += _received(pipe)
                free.append(pipe)
        return done

    def close(self) -> None:
        for pipe in self._pipes:
            pipe.close()
        for process in self._processes:
            process.join(ENDS_WITHIN)
            if process.is_alive():
                process.kill()
                process.join()
        if self._own is not None:
            self._own.close()


@contextmanager
def hands(make: Make, count: int) -> Iterator[Hands]:
    """Processes that are there for as long as the block."""
    with ExitStack() as stack:
        found = Hands(make, count)
        stack.callback(found.close)
        yield found


def _received(pipe: object) -> int:
    assert isinstance(pipe, Connection)
    try:
        answer = pipe.recv()
    except (EOFError, OSError):
        raise HandLost("a process of the replay ended; start it again, and it goes on") from None
    if isinstance(answer, BaseException):
        raise answer
    return int(answer)


def _work(make: Make, pipe: Connection) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's: it closes the pipe
    player = make()
    try:
        while True:
            lane, day = pipe.recv()
            pipe.send(player.play_lane(lane, day))
    except EOFError:
        pass
    except BaseException as error:
        pipe.send(error)
        raise
    finally:
        player.close()
