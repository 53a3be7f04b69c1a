"""The file that the demo types into; `‸` marks the cursor."""

NAME = "orders.py"
LANGUAGE = "python"
TYPED = "result += or"
"""What the demo types at the cursor, a key at a time."""

TEXT = '''\
"""Orders of one day, and what they come to."""

from dataclasses import dataclass


@dataclass
class Order:
    price: float
    count: int
    paid: bool = False


def total(orders: list[Order]) -> float:
    """What all orders come to."""
    result = 0.0
    for order in orders:
        result += order.price * order.count
    return result


def total_paid(orders: list[Order]) -> float:
    """What the orders that are paid come to."""
    result = 0.0
    for order in orders:
        if order.paid:
            result += order.price * order.count
    return result


def total_open(orders: list[Order]) -> float:
    """What is still to be paid."""
    result = 0.0
    for order in orders:
        if not order.paid:
            ‸
    return result
'''
