"""Quantities in texts: `read` finds them, `agree` and `unsupported` compare those of two texts, whatever their languages."""

from models.text.numbers.agreement import agree, unsupported
from models.text.numbers.quantity import Kind, Quantity
from models.text.numbers.reader import read
from models.text.numbers.vocabulary import available

__all__ = ["Kind", "Quantity", "agree", "available", "read", "unsupported"]
