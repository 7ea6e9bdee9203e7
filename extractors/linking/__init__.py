"""Which ledger rows an act is about: everything that may lead to rows, and the learned choice among it."""

from extractors.linking.explicit import Linker
from extractors.linking.links import Linking

__all__ = ["Linker", "Linking"]
