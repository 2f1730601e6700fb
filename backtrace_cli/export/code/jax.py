"""JAX: the same functions under ``jnp``, and the loss for its own autodiff."""

from __future__ import annotations

import ast

from backtrace_cli.export.code._plainer import PLAINER
from backtrace_cli.export.dialect import Dialect

_AUTODIFF = """\
def by_jax({inputs}):
    \"\"\"The same by JAX's own differentiation.\"\"\"
    return jax.value_and_grad(loss, argnums=tuple(range({count})))({inputs})"""


class _Jax(ast.NodeTransformer):
    """NumPy's names under jnp; an assignment into an array becomes a new array."""

    def visit_Name(self, node: ast.Name) -> ast.expr:
        return ast.Name("jnp", node.ctx) if node.id == "np" else node

    def visit_Assign(self, node: ast.Assign) -> ast.stmt:
        self.generic_visit(node)
        (target,) = node.targets[:1]
        if not isinstance(target, ast.Subscript):
            return node
        place = ast.Subscript(ast.Attribute(target.value, "at", ast.Load()), target.slice, ast.Load())
        put = ast.Call(ast.Attribute(place, "set", ast.Load()), [node.value], [])
        return ast.Assign([ast.Name(ast.unparse(target.value), ast.Store())], put)

    def visit_Expr(self, node: ast.Expr) -> ast.stmt:
        self.generic_visit(node)
        added = node.value
        if not isinstance(added, ast.Call) or ast.unparse(added.func) != "jnp.add.at":
            return node
        array, at, value = added.args
        place = ast.Subscript(ast.Attribute(array, "at", ast.Load()), at, ast.Load())
        put = ast.Call(ast.Attribute(place, "add", ast.Load()), [value], [])
        return ast.Assign([ast.Name(ast.unparse(array), ast.Store())], put)


DIALECT = Dialect(
    "jax",
    ("import jax", "import jax.numpy as jnp", "", 'jax.config.update("jax_enable_x64", True)'),
    "jnp",
    "JAX",
    rewrite=_Jax().visit,
    plainer=PLAINER,
    autodiff=_AUTODIFF,
)
