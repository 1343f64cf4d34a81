"""Files of results that somebody has changed, each in one place: what `optviz draw` may be given."""

import copy
import io
import json
import warnings

import numpy as np

from optviz import drawing
from optviz.errors import DataError, UsageError
from optviz.results import Explanation, load, save
from optviz.results.words import json_text
from optviz.writers.table import write_csv, write_markdown
from tests.figures import basin_results, comparisons, planes, races, swarm_results, sweep_results
from tests.records import RECORDS
from tests.studies import study

PLAIN = (
    *(None, True, False, 0, 1, -1, 3, 2**31, 2**53, 2**63, 2**64, -(10**400), 10**400),
    *(0.5, -0.0, 5e-324, 1e99, 1e308, -1e308, float("nan"), float("inf"), -float("inf")),
    *(
        "",
        " ",
        "sgd",
        "nobody knows it",
        "__class__",
        "1970-01-01",
        "NaN",
        "\x1b[31m\n",
        "$x_1$",
        "日本語",
        "😀",
        "\ud800",
    ),
    *("\u202eab", "<b>&", "\0", "log", "tuned", "cuda", "-", "W" * 3000, "x" * 20_000),
    *([], [1], [[0.0, 1.0], [1.0, 0.0]], {}, {"dict": {}}, {"dict": {"": 0}}, {"array": "array0"}, {"array": "header"}),
    {"record": "Contender"},
)
NUMBERS = (0, 1, -1, 255, -7, 2**31 - 1, 1e-300, 1e99, 1e150, 1e308, -1e308, np.nan, np.inf, -np.inf)
DTYPES = (
    *("float16", "float32", "float64", ">f8", "int8", "int32", "int64", "uint8", "bool", "complex128"),
    *("M8[s]", "S4", "U4", "O"),
)
SIZE = 480, 360  # at which every picture can be drawn but those of many columns and rows
LARGER = {Explanation: (1400, 1200)}
MORE = {  # with something of everything that is drawn, and small
    "three trainings": comparisons.comparison(
        ["sgd", "adam", "rmsprop"], 3, 2, 4, 40, tuning=comparisons.tuning(["sgd", "adam"], 2), target=0.9
    ),
    "a plane": planes.comparison(["sgd", "adam"], 3, diverged=("sgd",), resolution=5),
    "a wild race": races.wild(),
    "a race with wells": races.race([races.descent("adam", 0.1, 9)], races.landscape(8, ((0.5, 0.5),))),
    "some basins": basin_results.several(3, 8),
    "two flocks": swarm_results.swarm(("adam", "sgd"), 12, side=4, diverged=2, lost=1, nowhere=1),
    "a map of pairs": sweep_results.sweep((12, 9)),
    "a study": study(("sgd", "adam", "lion"), ("sphere", "booth", "ackley"), 5, 50),
}
SAVED = RECORDS | MORE


def places(value, path=()):
    """The ways to all values in a header."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def at(value, path):
    for key in path:
        value = value[key]
    return value


def change_a_value(random, header, arrays):
    """Something plain, and of any type, for a value that is plain."""
    result = header["result"]
    plain = [path for path in places(result) if path and not isinstance(at(result, path), dict | list)]
    *way, last = plain[random.integers(len(plain))]
    at(result, way)[last] = PLAIN[random.integers(len(PLAIN))]


def change_a_text(random, header, arrays):
    """Another text for a text, another number for a number."""
    result = header["result"]
    plain = [path for path in places(result) if path and not isinstance(at(result, path), dict | list | None)]
    *way, last = plain[random.integers(len(plain))]
    before = at(result, way)[last]
    fitting = [value for value in PLAIN if type(value) is type(before)] or [None]
    at(result, way)[last] = fitting[random.integers(len(fitting))]


def change_the_structure(random, header, arrays):
    """A part that is missing, doubled, moved, renamed, or takes the place of another."""
    result = header["result"]
    nodes = [path for path in places(result) if path]
    *way, last = nodes[random.integers(len(nodes))]
    around = at(result, way)
    match random.integers(5):
        case 0:
            del around[last]
        case 1 if isinstance(around, list):
            around.insert(last, copy.deepcopy(around[last]))
        case 1:
            around["stranger"] = around.pop(last)
        case 2:
            around[last] = copy.deepcopy(at(result, nodes[random.integers(len(nodes))]))
        case 3 if isinstance(around, list):
            around.reverse()
        case 3:
            header["result"] = around[last]
        case 4:
            around[last] = PLAIN[random.integers(len(PLAIN))]


def _some(random, arrays):
    names = [*arrays]
    return names[random.integers(len(names))] if names else None


def change_a_shape(random, header, arrays):
    """The numbers of an array in another arrangement, more of them, fewer, or none."""
    if (name := _some(random, arrays)) is None:
        return change_the_structure(random, header, arrays)
    array = arrays[name]
    ways = (
        lambda: array[:0],
        lambda: array[:1],
        lambda: array[:-1],
        lambda: array[..., :-1],
        lambda: array[..., :0],
        lambda: np.concatenate([array, array]),
        lambda: np.stack([array] * 2, axis=-1),
        lambda: array[None],
        lambda: array.T,
        lambda: array.ravel(),
        lambda: np.full((), array.ravel()[0] if array.size else 0, array.dtype),
        lambda: np.zeros((3,) * (array.ndim + 1), array.dtype),
        lambda: np.asfortranarray(array),
    )
    arrays[name] = ways[random.integers(len(ways))]()


def change_a_dtype(random, header, arrays):
    """The numbers of an array as others, as texts, dates or objects."""
    if (name := _some(random, arrays)) is None:
        return change_a_value(random, header, arrays)
    with warnings.catch_warnings(action="ignore"):
        arrays[name] = arrays[name].astype(DTYPES[random.integers(len(DTYPES))])


def change_numbers(random, header, arrays):
    """Other numbers in an array: one, a row, or all."""
    if (name := _some(random, arrays)) is None or not arrays[name].size:
        return change_a_text(random, header, arrays)
    array = arrays[name] = arrays[name].copy()
    with warnings.catch_warnings(action="ignore"), np.errstate(all="ignore"):
        number = np.array(NUMBERS[random.integers(len(NUMBERS))]).astype(array.dtype)
        match random.integers(7):
            case 0:
                array[...] = number
            case 1:
                array[random.integers(len(array))] = number
            case 2:
                array[...] = array[::-1].copy()
            case 3:
                array *= number
            case _:
                array.ravel()[random.integers(array.size)] = number


def change_places(random, header, arrays):
    """Arrays that have changed places, or are lost."""
    one, other = _some(random, arrays), _some(random, arrays)
    if one is None:
        return change_the_structure(random, header, arrays)
    if one == other:
        del arrays[one]
    else:
        arrays[one], arrays[other] = arrays[other], arrays[one]


def change_bytes(random, content):
    """Bytes that are others, lost, or there twice."""
    content = bytearray(content)
    for _ in range(random.integers(1, 4)):
        place = int(random.integers(len(content)))
        match random.integers(5):
            case 0:
                del content[place:]
            case 1:
                del content[place : place + int(random.integers(1, 20))]
            case 2:
                content[place:place] = content[place : place + 50]
            case _:
                content[place] = int(random.integers(256))
        if not content:
            break
    return bytes(content)


KINDS = {
    "value": change_a_value,
    "text": change_a_text,
    "structure": change_the_structure,
    "shape": change_a_shape,
    "dtype": change_a_dtype,
    "numbers": change_numbers,
    "places": change_places,
    "bytes": change_bytes,
}


class Files:
    """Saved records, and changed ones made of them."""

    def __init__(self, folder):
        self.path = folder / "changed.npz"
        self._saved = {}
        for name, record in SAVED.items():
            save(folder / "whole.npz", record)
            with np.load(folder / "whole.npz") as archive:
                arrays = {part: archive[part] for part in archive.files}
            header = json.loads(arrays.pop("header").tobytes())
            self._saved[name] = header, arrays, (folder / "whole.npz").read_bytes()
        drawable = [name for name, record in SAVED.items() if type(record) in drawing.FORMS]
        self._names = [*SAVED, *drawable * 3]

    def changed(self, kind, random):
        """A file that was changed in one place."""
        header, arrays, content = self._saved[self._names[random.integers(len(self._names))]]
        if kind == "bytes":
            self.path.write_bytes(change_bytes(random, content))
            return self.path
        header, arrays = copy.deepcopy(header), dict(arrays)
        KINDS[kind](random, header, arrays)
        text = np.frombuffer(json.dumps(header).encode(), np.uint8)
        np.savez(self.path, header=text, **arrays)
        return self.path


def drawn_or_refused(path, random):
    """What becomes of a file: ``"drawn"``, ``"refused"``, ``"lacking"`` where it holds nothing to be drawn.

    Raises
    ------
    Exception
        What the command line would call our own mistake, exit code 101.
    """
    try:
        result = load(path)
    except DataError as error:
        assert path.name in error.problem and "\n" not in error.problem and error.remedy
        return "refused"
    return drawn(result, path, random)


def drawn(result, path, random):
    """Draw one of a result's pictures, and write its numbers."""
    kind = type(result)
    if hasattr(result, "to_dict"):
        json_text(result.to_dict())
    repr(result)
    if kind not in drawing.FORMS:
        return "lacking"
    if "table" in drawing.FORMS[kind]:
        write_csv(io.BytesIO(), result, "")
        write_markdown(io.BytesIO(), result, "")
    pictures = [
        *drawing.PICTURES[kind].items(),
        *([("moving", drawing.ANIMATIONS[kind])] if kind in drawing.ANIMATIONS else []),
    ]
    if not pictures:
        return "drawn"
    name, place = pictures[random.integers(len(pictures))]
    try:
        picture = drawing._function(place)(
            result, theme=("dark", "light")[random.integers(2)], size=LARGER.get(type(result), SIZE)
        )
    except UsageError as error:
        assert error.remedy
        return "lacking"
    if random.integers(8) == 0:  # what is laid out and measured can almost always be painted
        if name == "moving":
            next(iter(picture.frames()))
        else:
            picture.savefig(path.with_suffix(".raw"), format="raw")
    return "drawn"
