"""Arrays and documents as short texts in a page, which its script unpacks."""

import base64
import json
import math
import zlib
from typing import Any

import numpy as np

KINDS = {"<i4": "Int32Array", "<f4": "Float32Array", "<f8": "Float64Array"}  # what they are in JavaScript


def packed(values: np.ndarray) -> dict[str, Any]:
    """An array of int32, float32 or float64, deflated byte by byte: first bytes of all numbers, then the second ones.

    Neighbours are alike in their first bytes, so that these take hardly any room when they stand together.
    """
    plain = np.ascontiguousarray(values, values.dtype.newbyteorder("<"))
    planes = plain.reshape(-1).view(np.uint8).reshape(plain.size, -1).T
    return {"kind": KINDS[plain.dtype.str], "shape": [*plain.shape], "bytes": _deflated(planes.tobytes())}


def packed_text(document: Any) -> str:
    """What JSON knows, as a deflated text."""
    return _deflated(json.dumps(document, separators=(",", ":"), allow_nan=False).encode())


def rounded(values: np.ndarray, digits: int) -> np.ndarray:
    """(...) float64: off by a part in 10 to the power of `digits` at most; what is not finite stays as it is.

    Binary digits are left out, which are zeros then and take no room.
    """
    bits = math.ceil(digits * math.log2(10))
    mantissa, exponent = np.frexp(values)
    return np.where(np.isfinite(values), np.ldexp(np.rint(np.ldexp(mantissa, bits)), exponent - bits), values)


def _deflated(content: bytes) -> str:
    return base64.b64encode(zlib.compress(content, 7)).decode()
