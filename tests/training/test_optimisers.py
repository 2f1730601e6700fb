"""Optimisers, schedules, clipping and early stopping: as torch.optim has them, and as one reckons by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from backtrace_cli import train as train_from_python
from backtrace_cli.base.errors import PointError
from backtrace_cli.training.broken import BrokenError
from backtrace_cli.training.keeping.state import read_state, restore, save_state
from backtrace_cli.training.moving.schedules import factor_of
from backtrace_cli.training.settings import Settings
from backtrace_cli.training.start import start
from tests.training.runs import FORMULAS, IRIS, train, trained, write

NET = """
param W1: normal(5, 4)
param b1: zeros(5)
param W2: normal(3, 5)
data X: sepal_length, sepal_width, petal_length, petal_width
data y: species
L = cross_entropy_with_logits(tanh(X @ W1.T + b1) @ W2.T, y)
"""
ROWS = np.loadtxt(IRIS, delimiter=",", skiprows=1)


def by_torch(training: Any, make: Any, updates: int, clip: float = 0.0, each: float = 0.0) -> dict[str, Any]:
    """The parameters after as many updates over all examples with PyTorch, and its scheduler's lengths."""
    torch = pytest.importorskip("torch")
    first = {name: torch.tensor(np.array(value), requires_grad=True)
             for name, value in training.parameters.items()}  # fmt: skip
    x, y = torch.tensor(ROWS[:, :4]), torch.tensor(ROWS[:, 4].astype(int))
    optimiser, schedule = make(torch, first.values())
    for _ in range(updates):
        optimiser.zero_grad()
        scores = torch.tanh(x @ first["W1"].T + first["b1"]) @ first["W2"].T
        torch.nn.functional.cross_entropy(scores, y).backward()
        if each:
            torch.nn.utils.clip_grad_value_(first.values(), each)
        if clip:
            torch.nn.utils.clip_grad_norm_(first.values(), clip)
        optimiser.step()
        if schedule is not None:
            schedule.step()
    return {name: value.detach().numpy() for name, value in first.items()}


def beside_torch(make: Any, updates: int = 40, **options: Any) -> None:
    """Both, from the same values, give the same to 1e-12."""
    training = start(NET, [IRIS], settings=Settings(batch=None, epochs=updates, **options))
    found = by_torch(training, make, updates, options.get("clip_norm", 0), options.get("clip_each", 0))
    training.run()
    for name, value in found.items():
        np.testing.assert_allclose(training.parameters[name], value, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    ("ours", "theirs", "options"),
    [
        ("sgd", "SGD", {}),
        ("momentum, mu=0.8", "SGD", {"momentum": 0.8}),
        ("nesterov, mu=0.7", "SGD", {"momentum": 0.7, "nesterov": True}),
        ("rmsprop, rho=0.9", "RMSprop", {"alpha": 0.9}),
        ("adam, beta1=0.8, beta2=0.99", "Adam", {"betas": (0.8, 0.99)}),
        ("adam", "Adam", {}),
    ],
)
def test_optimisers_are_those_of_torch(ours: str, theirs: str, options: dict[str, Any]) -> None:
    """After 40 updates the parameters agree to twelve digits."""

    def make(torch: Any, parameters: Any) -> Any:
        return getattr(torch.optim, theirs)(parameters, lr=0.01, **options), None

    beside_torch(make, optimiser=ours, lr=0.01)


def test_penalties_come_after_clipping() -> None:
    """As in PyTorch, where clipping sees the loss's gradient, and weight_decay is the optimiser's."""

    def make(torch: Any, parameters: Any) -> Any:
        return torch.optim.Adam(parameters, lr=0.01, weight_decay=0.1), None

    beside_torch(make, optimiser="adam", lr=0.01, clip_norm=0.2, clip_each=0.05, l2="W1=0.1,b1=0.1,W2=0.1")


@pytest.mark.parametrize(
    ("ours", "make"),
    [
        ("step, every=7, by=0.5", lambda t, o: t.optim.lr_scheduler.StepLR(o, 7, 0.5)),
        ("cosine, least=0.1", lambda t, o: t.optim.lr_scheduler.CosineAnnealingLR(o, 40, 0.001)),
        ("exponential, by=0.9", lambda t, o: t.optim.lr_scheduler.ExponentialLR(o, 0.9)),
    ],
)
def test_schedules_are_those_of_torch(ours: str, make: Any) -> None:
    """One update an epoch, one step of the scheduler each."""

    def both(torch: Any, parameters: Any) -> Any:
        optimiser = torch.optim.SGD(parameters, lr=0.01, momentum=0.5)
        return optimiser, make(torch, optimiser)

    beside_torch(both, schedule=ours, lr=0.01, momentum=0.5)


def test_warm_up_rises_evenly_to_the_length() -> None:
    """Two epochs of five batches: a tenth more at each update, then the whole."""
    factors = [factor_of("", 2, 9, 5)(update) for update in range(12)]
    assert factors == pytest.approx([*(n / 10 for n in range(1, 11)), 1, 1])


def test_a_clipped_gradient_points_the_same_way() -> None:
    """It is not longer than c, over all parameters together; a shorter one stays as it is."""
    source = "param a: [3, 4]\nparam b: 12\nL = sum(a^2)/2 + b^2/2"
    for clip, length in ((1.0, 1.0), (100.0, 13.0)):
        training = start(source, settings=Settings(lr=1.0, clip_norm=clip))
        training.step()
        moved = np.array([3, 4, 12]) - np.array([*training.parameters["a"], training.parameters["b"]])
        assert moved == pytest.approx(np.array([3, 4, 12]) / 13 * length, rel=1e-6)


def test_stopping_early_keeps_the_best() -> None:
    """It ends when the held-out loss has not been less for so many epochs; the result is the least's."""
    found = trained(FORMULAS / "mlp.bt", "--data", IRIS, "--hold-out", 0.3, "--momentum", 0.9,
                    "--epochs", 300, "--patience", 6)  # fmt: skip
    losses = [epoch["metrics"]["held-out loss"] for epoch in found["epochs"]]
    best = losses.index(min(losses))
    assert found["stopped_early"]
    assert len(losses) < 300
    assert (found["best_epoch"], len(losses)) == (best + 1, best + 7)
    assert found["after"]["metrics"]["held-out loss"] == losses[best]
    refused = train(FORMULAS / "mlp.bt", "--data", IRIS, "--patience", 3)
    assert refused.exit_code == 2
    assert "--hold-out" in refused.stderr


@pytest.mark.parametrize("stop", [1, 13, 40])
def test_everything_resumes_to_the_bit(tmp_path: Path, stop: int) -> None:
    """Adam, a schedule, clipping and patience: a run that was stopped gives the same bits."""

    def made() -> Any:
        return start(NET, [IRIS], settings=Settings(
            optimiser="adam", lr=0.05, schedule="cosine", warm_up=1, clip_norm=0.5, patience=3,
            hold_out=0.2, epochs=15,
        ))  # fmt: skip

    whole, part = made().run(), made()
    for _ in range(min(stop, whole.updates)):
        part.step()
    path = str(tmp_path / "a.state.npz")
    save_state(path, part)
    again = made()
    restore(again, read_state(path))
    again.run()
    assert again.losses.tobytes() == whole.losses.tobytes()
    assert again.best[:2] == whole.best[:2]
    for name, value in whole.parameters.items():
        assert again.parameters[name].tobytes() == value.tobytes()


def test_a_loss_that_ends_at_infinity_broke_the_run(tmp_path: Path) -> None:
    """Every update had a loss, and the last one left parameters that have none: exit 1, update and node."""
    formula = write(tmp_path, "f.bt", "param w: 1\na = exp(-w)\nL = a^2 + w")
    result = train(formula, "--lr", 2000, "--epochs", 1)
    assert result.exit_code == 1, result.output
    assert "after update 1: L is" in result.stderr
    broken = train(formula, "--lr", 2000, "--epochs", 1, "--json")
    assert broken.exit_code == 1
    assert '"node": "' in broken.stdout
    with pytest.raises(BrokenError):
        train_from_python("param w: 1\nL = exp(-w)^2 + w", lr=2000, epochs=1)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--optimiser", "adma"), "did you mean adam"),
        (("--optimiser", "adam, beta=0.8"), "did you mean beta2"),
        (("--optimiser", "adam, beta1=1"), "a number from 0 and below 1"),
        (("--optimiser", "adam", "--momentum", "0.9"), "adam has no --momentum"),
        (("--schedule", "cosin"), "did you mean cosine"),
        (("--schedule", "step, every=0"), "a number above 0"),
        (("--schedule", "constant, by=2"), "constant has no option by"),
        (("--clip-norm", "-1"), "not a number from 0"),
    ],
)
def test_what_cannot_be(words: tuple[str, ...], told: str) -> None:
    """Said before anything runs, with what to write instead."""
    result = train(FORMULAS / "linear.bt", "--data", IRIS, *words)
    assert (result.exit_code, result.stdout) == (2, "")
    assert told in " ".join(result.stderr.split())


def test_gradients_whose_sum_overflows_are_fine() -> None:
    """The quick look adds entries up; where that alone overflows, the update is made all the same."""
    huge = start("param w: [0, 0]\nL = 1e308*sum(w)", settings=Settings(lr=1e-308))
    huge.step()
    assert huge.parameters["w"] == pytest.approx([-1, -1])


def test_settings_refuse_what_is_none() -> None:
    """From Python in the same way."""
    with pytest.raises(PointError, match="knows no sdg"):
        train_from_python("param w: 1; L = w^2", optimiser="sdg")
    with pytest.raises(ValueError, match="clip"):
        train_from_python("param w: 1; L = w^2", clip_norm=-1)
