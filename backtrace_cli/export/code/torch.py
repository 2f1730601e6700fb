"""PyTorch: its own names for NumPy's functions, and the loss for its own autograd."""

from __future__ import annotations

import ast
from typing import NoReturn

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.export.code._plainer import PLAINER
from backtrace_cli.export.dialect import Dialect

_AUTODIFF = """\
def by_torch({inputs}):
    \"\"\"The same by PyTorch's own differentiation.\"\"\"
    leaves = [torch.as_tensor(one).clone().requires_grad_() for one in ({inputs},)]
    value = loss(*leaves)
    return value, torch.autograd.grad(value, leaves, allow_unused=True)"""

#: NumPy's name -> PyTorch's, where they differ.
_NAMES = {
    "float_power": "pow", "power": "pow", "max": "amax", "min": "amin", "concatenate": "cat",
    "expand_dims": "unsqueeze", "arcsin": "asin", "arccos": "acos", "arctan": "atan", "arctan2": "atan2",
    "arcsinh": "asinh", "arccosh": "acosh", "arctanh": "atanh", "array": "tensor", "asarray": "as_tensor",
    "swapaxes": "transpose", "equal": "eq", "not_equal": "ne", "greater": "gt", "less": "lt",
    "take_along_axis": "take_along_dim", "true_divide": "divide",
}  # fmt: skip
_WORDS = {"axis": "dim", "keepdims": "keepdim", "ddof": "correction"}
#: Two arguments of these have to be tensors both.
_PAIRED = {"maximum", "minimum", "eq", "ne", "atan2", "hypot", "pow", "matmul", "outer"}
#: What has no counterpart, or one that means something else.
_MISSING = {"vectorize", "lexsort", "einsum", "lib", "cbrt", "float_power_", "quantile", "partition"}


class _Torch(ast.NodeTransformer):
    """NumPy's calls as PyTorch's."""

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        self.generic_visit(node)
        if not isinstance(node.value, ast.Name) or node.value.id != "np":
            return node
        if node.attr in _MISSING:
            _refuse()
        return ast.Attribute(ast.Name("torch", ast.Load()), _NAMES.get(node.attr, node.attr), node.ctx)

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        self.generic_visit(node)
        for part in ast.walk(node.slice):
            if isinstance(part, ast.Slice) and part.step and ast.unparse(part.step).startswith("-"):
                _refuse()
        return node

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        if isinstance(node.func, ast.Attribute) and node.func.attr == "astype":
            sort = ast.unparse(node.args[0])
            method = {"float": "double", "int": "long"}.get(sort)
            kept = _tensor(node.func.value)
            return ast.Call(ast.Attribute(kept, method, ast.Load()), [], []) if method else node.func.value
        function = ast.unparse(node.func)
        if not function.startswith("torch."):
            return node
        name = function.removeprefix("torch.")
        node.keywords = [word for word in node.keywords if word.arg not in ("initial", "dtype")]
        for word in node.keywords:
            word.arg = _WORDS.get(word.arg or "", word.arg)
        return self._said(name, node)

    def _said(self, name: str, node: ast.Call) -> ast.expr:
        """A call whose arguments PyTorch takes in another way."""
        if name == "transpose" and len(node.args) == 1:
            return ast.Attribute(node.args[0], "T", ast.Load())
        if name == "shape":
            return ast.Attribute(_tensor(node.args[0]), "shape", ast.Load())
        if name in _PAIRED:
            node.args = [_tensor(arg) for arg in node.args]
        if name in ("stack", "cat"):
            one = ast.comprehension(ast.Name("one", ast.Store()), node.args[0], [], 0)
            node.args[0] = ast.ListComp(_tensor(ast.Name("one", ast.Load())), [one])
        if name == "where" and not isinstance(node.args[0], ast.Compare):
            node.args[0] = ast.Compare(_tensor(node.args[0]), [ast.NotEq()], [ast.Constant(0)])
        if name in ("std", "var") and not any(word.arg == "correction" for word in node.keywords):
            node.keywords.append(ast.keyword("correction", ast.Constant(0)))
        if name == "reshape" and isinstance(node.args[1], (ast.Constant, ast.UnaryOp)):
            node.args[1] = ast.Tuple([node.args[1]], ast.Load())
        if name == "unsqueeze":
            node.args[0] = _tensor(node.args[0])
            if isinstance(_axis(node), ast.Tuple):
                _refuse()
        return node


def _axis(node: ast.Call) -> ast.expr | None:
    named = next((word.value for word in node.keywords if word.arg == "dim"), None)
    return named or (node.args[1] if len(node.args) > 1 else None)


def _tensor(tree: ast.expr) -> ast.expr:
    return ast.Call(ast.Attribute(ast.Name("torch", ast.Load()), "as_tensor", ast.Load()), [tree], [])


def _refuse() -> NoReturn:
    raise BacktraceError("the formula holds a function that PyTorch lacks or reads in another way",
                         hint="write it for NumPy or JAX: --to numpy, --to jax")  # fmt: skip


DIALECT = Dialect(
    "torch",
    ("import torch",),
    "torch",
    "PyTorch",
    rewrite=_Torch().visit,
    array="tensor",
    double=", dtype=torch.float64",
    one="torch.tensor(1.0, dtype=torch.float64)",
    plainer=PLAINER,
    autodiff=_AUTODIFF,
)
