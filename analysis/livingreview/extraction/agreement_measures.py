"""Agreement of two raters on one scale: percent, Cohen's kappa and Gwet's AC1.

Sources: Cohen J (1960) A coefficient of agreement for nominal scales. Educ Psychol Meas 20:37–46, doi
10.1177/001316446002000104; Gwet KL (2008) Computing inter-rater reliability and its variance in the presence of high
agreement. Br J Math Stat Psychol 61:29–48, doi 10.1348/000711006X126600.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

Pairs = Sequence[tuple[Hashable, Hashable]]


def observed(pairs: Pairs) -> float | None:
    """Share (0 to 1) of pairs on which both raters agree; None without pairs."""
    return sum(a == b for a, b in pairs) / len(pairs) if pairs else None


def kappa(pairs: Pairs) -> float | None:
    """Cohen's kappa: agreement beyond what the raters' own frequencies would give by chance.

    None without pairs, and where both raters used one and the same category throughout: chance agreement is then complete
    and kappa is not defined.
    """
    agreed = observed(pairs)
    if agreed is None:
        return None
    n = len(pairs)
    first, second = Counter(a for a, _ in pairs), Counter(b for _, b in pairs)
    chance = sum(first[c] * second[c] for c in first) / n**2
    return None if chance == 1 else (agreed - chance) / (1 - chance)


def ac1(pairs: Pairs) -> float | None:
    """Gwet's AC1: chance agreement is that of raters who guess only where the item is hard to rate.

    With q categories in use and their mean frequency p, chance is Σ p(1 − p)/(q − 1). None without pairs, and where only one
    category is in use.
    """
    agreed = observed(pairs)
    if agreed is None:
        return None
    used = Counter(c for pair in pairs for c in pair)
    if len(used) < 2:
        return None
    shares = [count / (2 * len(pairs)) for count in used.values()]
    chance = sum(p * (1 - p) for p in shares) / (len(used) - 1)
    return (agreed - chance) / (1 - chance)
