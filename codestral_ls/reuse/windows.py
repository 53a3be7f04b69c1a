"""How much was taken of bounds, and when there is room again. Pure; times are milliseconds.

Within a minute it is a counter that slides: what was taken in the minute before counts for the
part of it that the last sixty seconds still cover. What was taken in a day counts until it ends.
The script that Redis runs reckons in the same way, to the last digit.
"""

from collections.abc import Mapping, Sequence
from math import ceil
from typing import NamedTuple

from codestral_ls.reuse.tier import Charge


class Bound(NamedTuple):
    """What tells bounds apart; a day is one of its own."""

    name: str
    seconds: int
    day: int


class Window(NamedTuple):
    """What was taken in the window of some number, and in the one before it."""

    number: int = 0
    taken: int = 0
    before: int = 0


class Wait(NamedTuple):
    """For how long a bound has no room."""

    name: str
    ms: int


Windows = Mapping[Bound, Window]

EMPTY = Window()
DAY_SECONDS = 86_400


def left_of_day(epoch: float) -> int:
    """How long the day of a time on the wall goes on, one of UTC like those of charges."""
    return round((DAY_SECONDS - epoch % DAY_SECONDS) * 1000)


def bound_of(charge: Charge) -> Bound:
    """The bound of which a charge takes."""
    return Bound(charge.name, 0 if charge.day else charge.seconds, charge.day)


def longest_wait(windows: Windows, charges: Sequence[Charge], at: int, left: int) -> Wait | None:
    """The bound that is without room for longest; None if all have some. `left` of the day."""
    longest: Wait | None = None
    for charge in charges:
        window = windows.get(bound_of(charge), EMPTY)
        ms = wait(window, charge, at, left)
        if ms > (longest.ms if longest else 0):
            longest = Wait(charge.name, ms)
    return longest


def taken(windows: Windows, charges: Sequence[Charge], at: int) -> dict[Bound, Window]:
    """The windows of these charges, once they have been made."""
    made: dict[Bound, Window] = {}
    for charge in charges:
        bound = bound_of(charge)
        window = made.get(bound) or windows.get(bound, EMPTY)
        if not charge.day:
            window = turn(window, at, charge.seconds * 1000)
        made[bound] = take(window, charge.amount)
    return made


def turn(window: Window, at: int, length: int) -> Window:
    """The window of this moment. One that begins later stays: clocks are put back."""
    number = at // length
    if number <= window.number:
        return window
    return Window(number, 0, window.taken if number == window.number + 1 else 0)


def take(window: Window, amount: int) -> Window:
    """Takes an amount; what is given back was taken a moment ago, in this window or before."""
    sum_taken = window.taken + amount
    if sum_taken >= 0:
        return window._replace(taken=sum_taken)
    return window._replace(taken=0, before=max(0, window.before + sum_taken))


def wait(window: Window, charge: Charge, at: int, left: int) -> int:
    """How long until there is room; 0 if there is.

    More than the limit fits when nothing else is taken: it would never fit otherwise. To take
    nothing needs some room as well. A limit of 0 is none.
    """
    if charge.limit <= 0:
        return 0
    room = charge.limit - min(max(charge.amount, 1), charge.limit)
    if charge.day:
        return max(left, 1) if window.taken > room else 0
    length = charge.seconds * 1000
    window = turn(window, at, length)
    begun = window.number * length
    if window.taken > room:
        return begun + length + faded_at(window.taken, room, length) - at
    return max(0, begun + faded_at(window.before, room - window.taken, length) - at)


def faded_at(count: int, room: int, length: int) -> int:
    """How far into a window no more than the room is left of what was taken in the one before."""
    if count <= room:
        return 0
    at = ceil(length - room * length / count)  # within a rounding error
    at = min(max(at, 0), length)
    while at > 0 and _faded(count, at - 1, length) <= room:
        at -= 1
    while _faded(count, at, length) > room:
        at += 1
    return at


def _faded(count: int, at: int, length: int) -> int:
    return ceil(count * ((length - at) / length))
