"""Exercise files: what they may hold, and how a file that can't be used is reported."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.grading.exercise.exercise import load, read_exercise
from backtrace_cli.grading.exercise.source import MOST_BYTES, Source

HEAD = 'formula = "a = x^2; f = a*y"\nat = { x = 2, y = 3 }\n'


def test_the_whole_format() -> None:
    """Every field is read, and every answer knows its line."""
    text = (
        '# a comment\ntitle = "T"\nformula = """\na = x^2\nf = a*y"""\nat = "x=2, y=1/2"\n'
        'hints = [\n  "one",\n'
        '  "two # [x]",\n]\npoints = 3\ntags = ["t"]\nwhy = "so"\nanswers = "either"\ndigits = 3\n'
        'kink = "interval"\n\n[values]  # numbers\na = 4\n\n[local]\n"f/a" = ""\n"a/x"=\'2*x\'\n'
        '[messages]\n"f->a" = "y"\n[gradient]\nx = 2.0\ny = """\n"""\n'
    )
    found = read_exercise(Source("t.toml", text))
    assert (found.title, found.why, found.points.other, found.tags) == ("T", "so", 3, ("t",))
    assert (found.policy.digits, found.policy.kink, found.hints) == (3, "interval", ("one", "two # [x]"))
    lines = {a.question.key: a.line for a in found.answers}
    assert lines == {"a": 19, "f/a": 22, "a/x": 23, "f->a": 25, "x": 27, "y": 28}
    assert [a.blank for a in found.answers] == [False, True, False, False, False, True]
    assert found.statement.at == {"x": 2.0, "y": 0.5}


BAD = [
    ("x = [", "is not TOML"),
    ("title = unquoted", "not TOML"),
    ('title = "x"', "there is no formula"),
    ("formula = 3", "the formula is text"),
    ('formula = "x^^2"\nat="x=1"\n[gradient]\nx=""', "line 1"),
    ('\n\nformula = """\na = x^2\nf = a*+\n"""\n[gradient]\nx=""', "line 5"),
    ('formula = "x*y"\nat = {x = 1}\n[gradient]\nx = ""', "y has no value"),
    ('formula = "x*y"\nat = "x=1,y=2,z=3"\n[gradient]\nx = ""', "no variable z"),
    ('formula = "log(x)"\nat = {x = -1}\n[gradient]\nx = ""', "positive"),
    ('formula = "x"\nat = {x = true}\n[gradient]\nx = ""', "not a number"),
    ('formula = "x"\nat = "x=[1,2]"\n[gradient]\nx = ""', "x is no number, so it has no gradient"),
    ('formula = "x"\nat = "x=@/etc/passwd"\n[gradient]\nx = ""', "reads no file"),
    ('formula = "x"\nat = {x = "@secret.csv"}\n[gradient]\nx = ""', "reads no file"),
    ('formula = "x"\nat = {x = "1,y=2"}\n[gradient]\nx = ""', "more than one number"),
    ('formula = "x"\nat = {x = inf}\n[gradient]\nx = ""', "not a finite number"),
    ('formula = "x"\nat = 3\n[gradient]\nx = ""', "the point is a table"),
    (HEAD, "asks for nothing"),
    (HEAD + '[gradient]\nxx = ""', "xx is no node"),
    (HEAD + '[gradient]\nalpha = ""', "alpha is no node"),
    (HEAD + '[local]\n"f/x" = ""', "f does not read x"),
    (HEAD + '[local]\n"x/y" = ""', "x is an input and reads nothing"),
    (HEAD + '[local]\nfa = ""', "is not a key of [local]"),
    (HEAD + '[messages]\n"a-x" = ""', "is not a key of [messages]"),
    (HEAD + '[messages]\n"x->a" = ""', "does not read"),
    (HEAD + '[tangent]\n"f/a" = ""', "a tangent is along an input"),
    (HEAD + '[gradients]\nx = ""', "did you mean gradient?"),
    (HEAD + 'hnits = []\n[gradient]\nx = ""', "did you mean hints?"),
    (HEAD + 'hints = "one"\n[gradient]\nx = ""', "hints is a list of texts"),
    (HEAD + 'points = -1\n[gradient]\nx = ""', "points are a number"),
    (HEAD + 'points = true\n[gradient]\nx = ""', "points are a number"),
    (HEAD + 'digits = 99\n[gradient]\nx = ""', "digits is a whole number"),
    (HEAD + 'answers = "maybe"\n[gradient]\nx = ""', "answers is one of"),
    (HEAD + 'kink = ["taken"]\n[gradient]\nx = ""', "kink is one of"),
    (HEAD + "gradient = 3", "gradient is a table"),
    (HEAD + 'title = 3\n[gradient]\nx = ""', "title is text"),
    (HEAD + '[[lines]]\ntable = "sums"\nkey="x"\nclaim=1', "the table of a line"),
    (HEAD + '[[lines]]\ntable = ["x"]\nkey="x"\nclaim=1', "the table of a line"),
    (HEAD + '[[lines]]\ntable = "gradient"\nkey="x"', "a claim"),
    (HEAD + '[[lines]]\ntable = "gradient"\nkey="x"\nclaim="x^"', "the claim can't be read"),
    (HEAD + 'wrong = ""\n[gradient]\nx = ""', "no lines"),
    (HEAD + '[gradient]\na = ""\n" a" = ""', "ask the same"),
    ("a = " + "[" * 100_000, "too deeply"),
    ("points = " + "9" * 5000, "a number of thousands of digits"),
    (".".join("a" * 50_000) + " = 1", "more than 200 parts"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("formula", "at", "table", "key", "said"),
    [
        ("z = W @ x + b; L = sum(z^2)", "W=[[1,2],[3,4]],x=[1,2],b=[0.5,1]", "messages", "z->W",
         'p = W @ x; z = p + b, and ask for "z->p" and "p->W"'),
        ("r = exp(q/4); L = r^2*q", "q=2", "local", "r/q",
         'p = q/4; r = exp(p), and ask for "r/p" and "p/q"'),
        ("r = exp(sin(q)/4 + p); L = r^2", "q=2,p=1", "local", "r/q",
         'u = sin(q); r = exp(u/4 + p), and ask for "u/q"'),
        ("f = log(x)*y + " + "*".join(["sin(y)"] * 40), "x=2,y=1", "messages", "f->x",
         'p = log(x); with p in its place in f, and ask for "p->x"'),
    ],
)  # fmt: skip
def test_an_edge_through_a_box_without_a_name(formula: str, at: str, table: str, key: str, said: str) -> None:
    """The formula to write instead, and what can then be asked for."""
    with pytest.raises(BacktraceError) as caught:
        read_exercise(Source("x.toml", f'formula = "{formula}"\nat = "{at}"\n[{table}]\n"{key}" = ""\n'))
    assert said in str(caught.value)
    if "place" not in said:
        again, keys = said.split(", and ask for ")
        rest = formula.partition("; ")[2]
        blanks = "\n".join(f'{key} = ""' for key in keys.split(" and "))
        read_exercise(Source("x.toml", f'formula = "{again}; {rest}"\nat = "{at}"\n[{table}]\n{blanks}\n'))


@pytest.mark.parametrize(("text", "words"), BAD, ids=[words for _, words in BAD])
def test_files_that_cannot_be_used(text: str, words: str) -> None:
    """Each is an error that names the file, and says what is wrong."""
    with pytest.raises(BacktraceError) as caught:
        read_exercise(Source("bad.toml", text))
    report = caught.value.report()
    assert words in report
    assert "bad.toml" in report


def test_the_line_is_the_line_in_the_file() -> None:
    """A mistake in the formula or in a key points at the file's own line, with the caret."""
    with pytest.raises(BacktraceError) as caught:
        read_exercise(Source("bad.toml", '# one\ntitle = "t"\nformula = "a = 2x; f = a/2x"\nat = "x=1"'))
    assert "bad.toml, line 3, column 26" in caught.value.report()
    with pytest.raises(BacktraceError) as caught:
        read_exercise(Source("bad.toml", HEAD + '[gradient]\nx = ""\n[values]\nq = ""'))
    assert "bad.toml, line 6" in caught.value.report()


@pytest.mark.parametrize(
    ("answer", "words"),
    [('"x^"', ""), ('"xy"', "did you mean x*y?"), ('"q"', "no name of this exercise"),
     ("true", "true or false"),
     ("0x" + "f" * 5000, "longer than"),
     ("[1, 2]", "a list"), ("2020-01-01", "a date"), ("nan", "nan"),
     ('"x = 2"', "one expression"),
     ('"g(t) = t; g(x)"', "one expression"), ('"import os"', ""), ('"' + "(" * 1500 + '"', ""),
     ('"' + "1" * 3000 + '"', "longer than"), ('"\\u001b[31m"', "U+001B"), ('"clip(x)"', "clip")],
)  # fmt: skip
def test_unreadable_answers(answer: str, words: str) -> None:
    """An answer that can't be read is reported with its line; the rest of the file is still used."""
    found = read_exercise(Source("t.toml", HEAD + f"[gradient]\nx = {answer}\ny = 4"))
    assert found.answers[0].problem
    assert words in found.answers[0].problem
    assert found.answers[0].line == 4
    assert not found.answers[1].problem


def test_deep_answers_are_read() -> None:
    """Depth costs no recursion."""
    found = read_exercise(Source("t.toml", HEAD + f'[gradient]\nx = "{"(" * 900}x{")" * 900}"'))
    assert found.answers[0].formula is not None


def test_hostile_files(tmp_path: Path) -> None:
    """Too large, not text, a folder, a link to a folder, a pipe, nothing: each an error, at once."""
    large = tmp_path / "large.toml"
    large.write_text('title = "' + "x" * MOST_BYTES + '"')
    other = tmp_path / "latin.toml"
    other.write_bytes(b'title = "\xe9"')
    link = tmp_path / "link.toml"
    link.symlink_to(tmp_path, target_is_directory=True)
    loop = tmp_path / "loop.toml"
    loop.symlink_to(loop)
    pipe = tmp_path / "pipe.toml"
    os.mkfifo(pipe)
    missing = tmp_path / "missing\x1b[31m.toml"
    cases = {large: "larger than", other: "UTF-8", link: "a folder", loop: "can't be read",
             pipe: "plain file",
             missing: "there is no file", tmp_path: "a folder", Path("/dev/zero"): "plain file",
             Path("a\0b"): "can't be read"}  # fmt: skip
    for path, words in cases.items():
        with pytest.raises(BacktraceError) as caught:
            load(str(path))
        assert words in caught.value.report()
        assert "\x1b" not in caught.value.report()


def test_line_ends_and_byte_order_mark(tmp_path: Path) -> None:
    """\\r\\n and a byte-order mark change nothing."""
    file = tmp_path / "windows.toml"
    file.write_bytes(b"\xef\xbb\xbf" + (HEAD + '[gradient]\nx = "2*x*y"\n').replace("\n", "\r\n").encode())
    found = load(str(file))
    assert (found.answers[0].line, found.answers[0].problem) == (4, "")


def test_names_bound_by_the_exercise() -> None:
    """An intermediate called e is that intermediate; β may be written beta in the point."""
    found = read_exercise(
        Source("t.toml", 'formula = "e = β*x; f = e*β"\nat = "beta=2,x=1"\n[local]\n"f/e" = "β"')
    )
    assert found.statement.at == {"β": 2.0, "x": 1.0}
    assert not found.answers[0].problem
