"""``backtrace predict``: what a trained formula says of examples."""

from __future__ import annotations

import json
import sys

import click

from backtrace_cli.base.errors import BacktraceError
from backtrace_cli.commands import _shared as shared

__all__ = ["command"]


@click.command("predict")
@click.argument("file", metavar="FILE")
@click.argument("net", metavar="net.npz")
@click.option(
    "--data", multiple=True, required=True, metavar="d.csv", help="The examples, as train takes them."
)
@click.option("--show", default="", metavar="p", help="What predicts: a name of the formula, or a formula "
              "over its names. Without it: the last value that does not depend on the target.")  # fmt: skip
@shared.at_option("Constants that the file of parameters lacks.")
@click.option(
    "--boundary", is_flag=True, help="Draw where one class ends and the next begins, over two inputs."
)
@click.option("-o", "--out", metavar="p.csv", help="Write the predictions to a .csv file, or with --boundary "
              "the drawing to an .svg file.")  # fmt: skip
@shared.plain_option()
@shared.json_option("training.md")
def command(
    file: str, net: str, data: tuple[str, ...], show: str, at: tuple[str, ...], boundary: bool,
    out: str | None, plain: bool, as_json: bool,
) -> None:  # fmt: skip
    """Predict with the parameters in net.npz, which train has written, and the formula in FILE.

    Classes bear the names that the training's data gave them, columns that were standardised are so again.
    Where the data have the target too, it is said how often it is right, and which class is taken for which.

    \b
    backtrace predict exercises/formulas/logistic.bt net.npz --data exercises/data/iris.csv
    backtrace predict exercises/formulas/logistic.bt net.npz --data exercises/data/iris.csv -o species.csv
    """
    narrow = shared.prepare_output()
    try:
        from backtrace_cli.pages.training.predictions import prediction_csv, prediction_dict, prediction_page
        from backtrace_cli.runs.point import read_point
        from backtrace_cli.training.predicting.predictor import predict

        source = shared.read_formula(None, file)
        predictor, examples, predicted = predict(source, net, data, point=read_point(at), show=show)
        if boundary:
            from backtrace_cli.pages.training.boundary_page import (
                boundary_sentence,
                print_boundary,
                run_picture,
            )

            if out is not None:
                shared.write_out(out, run_picture(None, predictor, examples, predictor.name))
            elif plain:
                shared.write_lines(boundary_sentence(predictor, examples))
            else:
                print_boundary(shared.screen(narrow), predictor, examples)
            return
        if out is not None:
            shared.write_out(out, prediction_csv(predicted))
    except BacktraceError as error:
        shared.fail(error)
    if as_json:
        shared.json_output()
        found = prediction_dict(predicted, examples.files)
        sys.stdout.write(json.dumps(found, ensure_ascii=False, allow_nan=False) + "\n")
    elif out is None:
        shared.write_page(prediction_page(predicted, examples.files), plain=plain)
    else:
        shared.write_lines([f"{len(predicted.values):,} predictions are in {out}"])
