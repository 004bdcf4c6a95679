"""One model on the counts of a set of studies: the pooled proportion, or the exact interval with the reason why no model was fitted."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from livingreview.synthesis.estimates import METHODS, Estimate, LeftOut
from livingreview.synthesis.model_fits import MODELS, SCALES
from livingreview.synthesis.models.refusal import LEAST_INFORMATIVE, LEAST_STUDIES, NotEstimable
from livingreview.synthesis.pooled import Heterogeneity, Pooled
from livingreview.synthesis.sentences import NO_STUDY, studies, whole
from livingreview.synthesis.study_counts import StudyCounts, study_counts

_EXACT = "so no model was fitted; the interval is the exact one of the summed counts."
_ONE_STUDY = "There is only one study, so no model was fitted; the interval is the exact one of that study."
_AS_ONE = "The exact interval takes the units of all studies as if they came from one study."


def pool(
    data: Sequence[tuple[str, int, int]],
    model: str,
    *,
    level: float,
    unit: str,
    left_out: Iterable[LeftOut] = (),
    warnings: Iterable[str] = (),
) -> Pooled:
    """What ``model`` (a code of ``protocol_analyses.PooledModel``) says of ``data``: (study id, events, total), entries of one study added up.

    The estimate of a one-stage model is the mean proportion over the population of studies (``mean_proportion``). That of a two-step
    model is a mean on another scale translated back (``median_proportion``: with values that spread symmetrically on that scale it is the
    proportion of the median study), for Freeman–Tukey at the harmonic mean of the sizes, with ``at_sizes`` beside it. No model is fitted with fewer than three studies, with
    all or no events, with fewer than three studies of two or more units, or where the likelihood has no finite maximum: then ``fitted`` is False, ``reason`` is a
    sentence, and the estimate is the exact interval of the summed counts. ``left_out`` and ``warnings`` are handed on.

    Raises ValueError for impossible counts, KeyError for an unknown model.
    """
    fit = MODELS[model]
    counts = study_counts(data, level, unit, tuple(left_out))
    given = tuple(warnings)
    if counts.k == 0:
        return _unfitted(model, None, None, NO_STUDY, given)
    reason = _too_little(counts)
    if reason is None:
        from numpy.linalg import LinAlgError

        try:
            fitted = fit(counts, model)
            return replace(fitted, warnings=(*given, *fitted.warnings))
        except NotEstimable as refusal:
            reason = whole(f"{refusal.reason}, {_EXACT}")
        except (ArithmeticError, LinAlgError) as error:
            reason = f"The computation failed ({error}), {_EXACT}"
    spread = Heterogeneity(
        scale=SCALES[model],
        tau2=None, tau2_lower=None, tau2_upper=None, i2=None, i2_lower=None, i2_upper=None, q=None, q_df=None, q_p=None,
        informative=counts.informative,
        method=METHODS[model].name,
        citation=METHODS[model].citation,
        reason=reason,
    )  # fmt: skip
    return _unfitted(model, counts.crude(), spread, reason, (*given, *((_AS_ONE,) if counts.k > 1 else ())))


def _too_little(counts: StudyCounts) -> str | None:
    """Why no model at all can be fitted, as a sentence."""
    x, n = sum(counts.events), sum(counts.totals)
    if counts.k == 1:
        return _ONE_STUDY
    if counts.k < LEAST_STUDIES:
        return f"There are only two studies, {_EXACT}"
    if x == n:
        return f"The outcome was seen in all of {n}, {_EXACT}"
    if x == 0:
        return f"The outcome was seen in none of {n}, {_EXACT}"
    if counts.informative < LEAST_INFORMATIVE:
        some = f"Only {counts.informative}" if counts.informative else "None"
        verb = "have" if counts.informative > 1 else "has"
        return (
            f"{some} of the {studies(counts.k)} {verb} two or more units, and the spread between studies "
            f"cannot be told from fewer than three such studies, {_EXACT}"
        )
    return None


def _unfitted(
    model: str,
    estimate: Estimate | None,
    heterogeneity: Heterogeneity | None,
    reason: str,
    warnings: tuple[str, ...],
) -> Pooled:
    method = METHODS[model]
    return Pooled(
        model=model,
        name=method.name,
        citation=method.citation,
        fitted=False,
        estimate=estimate,
        heterogeneity=heterogeneity,
        reason=reason,
        warnings=warnings,
    )
