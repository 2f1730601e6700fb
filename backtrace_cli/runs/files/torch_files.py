"""Tensors from a .pt file, read without PyTorch and without running anything that stands in it.

torch.save writes a zip: a pickle that says which tensors there are, and their numbers beside it. The pickle
is read here by an unpickler that knows tensors, their storages and dictionaries, and refuses every other
name, so no code of the file's is ever called; PyTorch itself does the same with ``weights_only``.
"""

from __future__ import annotations

import math
import pickle
import zipfile
from collections import OrderedDict
from typing import Any, NamedTuple

from backtrace_cli.base.errors import PointError
from backtrace_cli.runs.files.stored import Stored

__all__ = ["read_torch"]

#: A storage's type, and how NumPy reads its bytes.
_TYPES = {
    "FloatStorage": "<f4", "DoubleStorage": "<f8", "HalfStorage": "<f2", "BFloat16Storage": "<u2",
    "LongStorage": "<i8", "IntStorage": "<i4", "ShortStorage": "<i2", "CharStorage": "<i1",
    "ByteStorage": "<u1",
}  # fmt: skip
_PRECISIONS = {"HalfStorage": "float16", "BFloat16Storage": "bfloat16", "FloatStorage": "float32"}
_MOST_BYTES, _MOST_ENTRIES = 2_000_000_000, 200_000_000
#: A pickle that only names tensors is short.
_MOST_PICKLE = 10_000_000


class _Kind(NamedTuple):
    name: str


class _Storage(NamedTuple):
    kind: str
    key: str


class _Tensor(NamedTuple):
    storage: _Storage
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]


def read_torch(path: str) -> Any:
    """The tensors in the file ``path`` by name, or the only one, each a Stored. Raises PointError."""
    try:
        with zipfile.ZipFile(path) as file:
            return _read(path, file)
    except FileNotFoundError:
        raise PointError(
            f"there is no file {path}", hint="check its name and the folder you are in"
        ) from None
    except OSError as error:
        reason = (error.strerror or "no reason given").lower()
        raise PointError(f"{path} can't be read: {reason}", hint="check the file's name") from None
    except PointError:
        raise
    except Exception:  # whatever bytes that are no file of tensors make the readers raise
        raise _refused(path) from None


def _refused(path: str) -> PointError:
    return PointError(
        f"{path} is no file of tensors alone, as torch.save writes it",
        hint='save gradients by name: torch.save({"W": W.grad}, "grads.pt")',
    )


def _read(path: str, file: zipfile.ZipFile) -> Any:
    sizes = {item.filename: item.file_size for item in file.infolist()}
    if sum(sizes.values()) > _MOST_BYTES:
        raise PointError(f"{path} holds more than {_MOST_BYTES // 10**9} GB", hint="give a part of it")
    index = next((name for name in sizes if name.endswith("/data.pkl") or name == "data.pkl"), None)
    if index is None or sizes[index] > _MOST_PICKLE:
        raise _refused(path)
    folder = index.removesuffix("data.pkl")
    byte_order = f"{folder}byteorder"
    if byte_order in sizes and file.read(byte_order).strip() != b"little":
        raise PointError(f"{path} has its bytes in another order", hint="save it with numpy.savez")
    with file.open(index) as stream:
        found = _Reader(stream).load()
    if isinstance(found, _Tensor):
        return _numbers(file, folder, found)
    if not isinstance(found, dict):
        raise _refused(path)
    tensors = {
        str(name): _numbers(file, folder, one) for name, one in found.items() if isinstance(one, _Tensor)
    }
    if not tensors:
        raise _refused(path)
    return tensors


class _Reader(pickle.Unpickler):
    """An unpickler that knows tensors and nothing else that could be called."""

    def find_class(self, module: str, name: str) -> Any:
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if module == "torch._utils" and name in ("_rebuild_tensor_v2", "_rebuild_parameter"):
            return _rebuilt if name.endswith("v2") else _parameter
        if module == "torch" and name in _TYPES:
            return _Kind(name)
        raise pickle.UnpicklingError(name)

    def persistent_load(self, pid: Any) -> _Storage:
        _, kind, key, *_ = pid
        return _Storage(kind.name, str(key))


def _rebuilt(
    storage: _Storage, offset: int, shape: tuple[int, ...], stride: tuple[int, ...], *_: Any
) -> _Tensor:
    return _Tensor(storage, int(offset), tuple(map(int, shape)), tuple(map(int, stride)))


def _parameter(data: _Tensor, *_: Any) -> _Tensor:
    return data


def _numbers(file: zipfile.ZipFile, folder: str, tensor: _Tensor) -> Stored:
    import numpy as np

    kind = tensor.storage.kind
    flat = np.frombuffer(file.read(f"{folder}data/{tensor.storage.key}"), dtype=_TYPES[kind])
    if kind == "BFloat16Storage":
        flat = (flat.astype("<u4") << 16).view("<f4")
    last = tensor.offset + sum(
        (size - 1) * step for size, step in zip(tensor.shape, tensor.stride, strict=True)
    )
    negative = min(tensor.offset, *tensor.stride, *tensor.shape, 0) < 0
    if negative or last >= flat.size or not 0 < math.prod(tensor.shape) <= _MOST_ENTRIES:
        raise ValueError("outside of its storage")
    width = flat.dtype.itemsize
    view = np.lib.stride_tricks.as_strided(
        flat[tensor.offset :], tensor.shape, tuple(step * width for step in tensor.stride), writeable=False
    )
    return Stored(np.array(view, dtype=float), _PRECISIONS.get(kind, "float64"))
