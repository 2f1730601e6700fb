"""Golden screens: whole pages of the command, as text that a person can read and judge."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import Result

SCREENS = Path(__file__).parent / "golden" / "screens"
POLYNOMIAL = "x^2 - (x+y)*y + y^2"
FORMULAS = "exercises/formulas"
LAYER = "W=[[1,2,3],[4,5,6]],h=[1,0,-1],t=[0,1]"

#: name of the golden file -> (the words after ``backtrace``, columns)
CASES: dict[str, tuple[list[str], int]] = {
    "polynomial": (["eval", POLYNOMIAL, "--at", "x=1,y=0"], 80),
    "polynomial-40": (["eval", POLYNOMIAL, "--at", "x=1,y=0"], 40),
    "polynomial-named": (["eval", "-f", f"{FORMULAS}/polynomial.bt", "--at", "x=2,y=3"], 80),
    "polynomial-forward": (["eval", POLYNOMIAL, "--at", "x=1,y=0", "--mode", "forward"], 80),
    "polynomial-seed": (["eval", POLYNOMIAL, "--at", "x=1,y=0", "--seed", "x=1,y=2"], 80),
    "polynomial-symbolic": (["eval", POLYNOMIAL], 80),
    "polynomial-closed": (["eval", POLYNOMIAL, "--closed-form"], 80),
    "polynomial-plain": (["eval", POLYNOMIAL, "--at", "x=1,y=0", "--plain"], 80),
    "polynomial-exact": (["eval", POLYNOMIAL, "--at", "x=1/3,y=2/7", "--exact"], 80),
    "polynomial-check": (["eval", POLYNOMIAL, "--at", "x=2,y=3", "--check"], 80),
    "product": (["eval", "-f", f"{FORMULAS}/product.bt", "--at", "x=2,y=1"], 80),
    "lecture-sheet": (["eval", "-f", f"{FORMULAS}/sheet.bt", "--at", "x=3,y=-4"], 80),
    "lecture-sheet-40": (["eval", "-f", f"{FORMULAS}/sheet.bt", "--at", "x=3,y=-4"], 40),
    "lecture-sheet-columns": (
        ["eval", "-f", f"{FORMULAS}/sheet.bt", "--at", "x=3,y=-4", "--view", "sheet"],
        80,
    ),
    "lecture-sheet-columns-120": (
        ["eval", "-f", f"{FORMULAS}/sheet.bt", "--at", "x=3,y=-4", "--view", "sheet"],
        120,
    ),
    "lecture-sheet-columns-40": (
        ["eval", "-f", f"{FORMULAS}/sheet.bt", "--at", "x=3,y=-4", "--view", "sheet"],
        40,
    ),
    "lecture-sheet-columns-symbolic": (["eval", "-f", f"{FORMULAS}/sheet.bt", "--view", "sheet"], 80),
    "swish": (["eval", "swish(x; β)", "--at", "x=1.5,beta=2"], 80),
    "relu-kink": (["eval", "relu(x)", "--at", "x=0"], 80),
    "chain-two-paths": (["chain", "z(x(u,v), y(u,v))"], 80),
    "chain-one-variable": (["chain", "f(x(t), y(t))"], 80),
    "chain-five-inputs": (["chain", "h(a,b,c,d,e)"], 80),
    "chain-straight": (["chain", "L(y(z(w)))"], 80),
    "chain-box-outside": (["chain", "f(h(z1,z2,z3))"], 80),
    "neuron": (
        ["eval", "-f", f"{FORMULAS}/neuron_vectors.bt", "--at", "w=[0.5,-1,2],x=[1,2,-0.5]", "--wrt", "w"],
        80,
    ),
    "layer": (
        ["eval", "-f", f"{FORMULAS}/layer.bt", "--at", LAYER, "--wrt", "W,h", "--expand", "h", "--cost"],
        80,
    ),
    "layer-40": (["eval", "-f", f"{FORMULAS}/layer.bt", "--at", LAYER, "--wrt", "W,h", "--expand", "h"], 40),
    "layer-sheet": (["eval", "-f", f"{FORMULAS}/layer.bt", "--at", LAYER, "--view", "sheet"], 80),
    "layer-forward": (
        ["eval", "-f", f"{FORMULAS}/layer.bt", "--at", LAYER, "--mode", "forward", "--wrt", "h"],
        80,
    ),
    "layer-plain": (["eval", "-f", f"{FORMULAS}/layer.bt", "--at", LAYER, "--expand", "h", "--plain"], 80),
    "layer-symbolic": (["eval", "-f", f"{FORMULAS}/layer.bt"], 80),
    "softmax-cross-entropy": (
        [
            "eval",
            "-f",
            f"{FORMULAS}/softmax.bt",
            "--at",
            "W=[[1,0],[0,1],[1,1]],x=[1,2],t=[0,1,0]",
            "--wrt",
            "W",
            "--expand",
            "z",
        ],
        80,
    ),
    "regression": (
        [
            "eval",
            "-f",
            f"{FORMULAS}/regression.bt",
            "--at",
            "X=[[1,1],[1,2],[1,3]],y=[1,2,2],w=[0,1]",
            "--wrt",
            "w",
        ],
        80,
    ),
    "network": (["eval", "-f", f"{FORMULAS}/network.bt", "--at", "x=[1,-1,0.5],y=1"], 80),
    "regularised": (
        [
            "eval",
            "-f",
            f"{FORMULAS}/regularised.bt",
            "--at",
            "X=[[1,2],[3,4]],y=[1,2],w=[0.5,-1],b=0.1,l1=0.1,l2=0.01",
            "--wrt",
            "w,b",
        ],
        80,
    ),
    "first-values": (
        [
            "eval",
            "param W: uniform(2, 4)\nparam b: zeros(2)\nsum(W @ x + b)",
            "--at",
            "x=[1,2,3,4]",
            "--init-seed",
            "7",
        ],
        80,
    ),
    "labels": (
        [
            "eval",
            "-f",
            f"{FORMULAS}/labels.bt",
            "--at",
            "W=[[1,0],[0,1],[1,1]],x=[1,-2],t=[1,0,1]",
            "--wrt",
            "W",
        ],
        80,
    ),
    "dropout": (
        [
            "eval",
            "-f",
            f"{FORMULAS}/dropout.bt",
            "--at",
            "W=[[1,0],[0,1],[1,1]],x=[1,-2],m=[1,0,1],v=[1,2,3]",
            "--wrt",
            "W",
        ],
        80,
    ),
    "boltzmann-machine": (
        [
            "eval",
            "-f",
            f"{FORMULAS}/rbm.bt",
            "--at",
            "a=[0.1,-0.2,0.3],c=[0.5,-0.5],W=[[1,0,-1],[0.5,0.5,0]],v=[1,0,1]",
            "--wrt",
            "W,c,a",
        ],
        80,
    ),
    "network-check": (
        ["eval", "-f", f"{FORMULAS}/network.bt", "--at", "x=[1,-1,0.5],y=1", "--wrt", "b3", "--check"],
        80,
    ),
    "ops-softmax": (["ops", "softmax"], 80),
    "arrays": (["eval", "x*w + b", "--at", "x=[[1,2],[3,4]],w=[2,3],b=1"], 80),
    "wrt": (["eval", POLYNOMIAL, "--at", "x=1,y=0", "--wrt", "x"], 80),
    "no-share": (["eval", "(x+1)*(x+1)", "--at", "x=2", "--no-share"], 80),
    "where": (["eval", "where(x > 0, log(x), x^2)", "--at", "x=-2"], 80),
    "notes": (["eval", "max(x, y)/z + 0*w", "--at", "x=1,y=1,z=0,w=2"], 80),
    "ops-sigmoid": (["ops", "sigmoid"], 80),
    "ops-power-40": (["ops", "power"], 40),
}


@pytest.mark.parametrize("name", CASES)
def test_screen(name: str, backtrace: Callable[..., Result], request: pytest.FixtureRequest) -> None:
    """Each page stands as it was last read and approved, and fits its width."""
    words, columns = CASES[name]
    result = backtrace(*words, columns=columns)
    assert result.exit_code == 0, result.output
    shown = "".join(f"{line.rstrip()}\n" for line in result.stdout.splitlines())
    file = SCREENS / f"{name}.txt"
    if request.config.getoption("--update-golden"):
        file.write_text(shown, "utf-8")
    assert shown == file.read_text("utf-8"), f"read the difference, then: pytest --update-golden -k {name}"
    if "plain" not in name:
        assert max(map(len, shown.splitlines())) <= columns
    assert "…" not in shown
    assert not re.search(r"[\x00-\x08\x0b-\x1f\x7f]", shown)
