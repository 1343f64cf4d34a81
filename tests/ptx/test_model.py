"""The performance model and its page: counted again, in formulas, launches and compiled code."""

import importlib.util
import re
import struct
from collections import Counter

import numpy as np
import pytest

from optviz.kernels.cuda import backend, steps, training
from optviz.kernels.cuda.images import DeviceExamples
from optviz.kernels.cuda.training import DeviceTraining
from optviz.kernels.rules import constant_count
from optviz.networks import Plan
from optviz.optimizers import configure
from tests.ptx import model, model_networks, model_tables
from tests.ptx.cards import CARDS, card_of, nearest
from tests.ptx.occupancy import ARCHITECTURES, LIMITS
from tests.ptx.operations import operations

compiles = pytest.mark.skipif(
    backend.SIMULATED or importlib.util.find_spec("numba_cuda") is None,
    reason="CUDA for Numba is not installed; install it: pip install -e '.[cuda13]'",
)


def test_the_page_holds_the_tables_of_today():
    page = model_tables.PAGE.read_text()
    assert page == model_tables.renewed(page), "renew them: python -m tests.ptx.model_tables"
    assert re.findall(r"<!-- table: (\w+) -->\n\|", page) == [*model_tables.TABLES]


def square(t, x):
    return t**2 + x


def formula(x, g, lr, beta):
    y = (1 - beta) * g + (1 - beta) * g
    x = lr * square(x, y) if x > y else max(x, y) / y**beta
    return x - lr * g, lr * g


def test_operations_of_a_formula():
    expected = {"*": 4, "+": 3, "compare": 1, "max": 1, "/": 1, "pow": 1}
    assert operations(formula, ["x", "g"]) == Counter(expected)
    assert operations(formula, ["beta"])["*"] == 2


@pytest.mark.parametrize(("name", "found"), [("sgd", "2 0 0"), ("adam", "14 1 1"), ("adadelta", "16 2 1")])
def test_operations_of_rules(name, found):
    counted = model.of_rule(configure(name))
    assert f"{counted.total()} {counted['sqrt']} {counted['/']}" == found


PLANS = dict(model_tables.networks()) | {
    "deep": Plan((1, 300), 0, (300, 200, 40, 20, 3), ("relu",) * 3, (0.0, 0.5, 0.5, 0.5)),
    "many filters": Plan((20, 30), 40, (9 * 14 * 40, 5), (), (0.25,)),
}


@pytest.mark.parametrize("count", [64, 7, 1000])
@pytest.mark.parametrize("name", PLANS)
def test_launches_of_a_step(name, count, monkeypatch):
    plan = PLANS[name]
    made = []
    monkeypatch.setattr(backend, "put", lambda array, stream=0: array)
    monkeypatch.setattr(backend, "get", lambda array, stream=0: array)
    monkeypatch.setattr(backend, "empty", np.zeros)
    monkeypatch.setattr(backend, "free", lambda: 1 << 40)
    for module in (steps, training):
        monkeypatch.setattr(module, "fill", lambda array, numbers: None)
    monkeypatch.setattr(backend, "launch", lambda kernel, blocks, *_, **__: made.append((kernel, blocks)))
    data = DeviceExamples(np.zeros((count, plan.shape[0] * plan.shape[1]), np.uint8), np.zeros(count, np.uint8))
    setting = configure("adam")
    hyper = np.zeros((constant_count(setting.formula), 1), np.float32)
    device = DeviceTraining(plan, setting.formula, hyper, data, count)
    device.begin(np.arange(count), 0, np.zeros((1, len(setting.formula.scalar_names), 1)))
    made.clear()
    device.train(range(1))
    found = [(kernel.py_func.__name__.partition("__")[0], blocks) for kernel, blocks in made]
    assert found == [(launch.template.__name__, launch.blocks) for launch in model_networks.step(plan, "adam", count)]


def text_size(cubin: bytes) -> int:
    """Instructions of machine code in an ELF file, 16 bytes each."""
    (start,) = struct.unpack_from("<Q", cubin, 40)
    size, count, names = struct.unpack_from("<HHH", cubin, 58)
    headers = [struct.unpack_from("<IIQQQQ", cubin, start + i * size) for i in range(count)]
    at = headers[names][4]
    return sum(header[5] for header in headers if cubin[at + header[0] :].startswith(b".text.")) // 16


def repeated(operation: str, times: int):
    lines = ["def kernel(a, b):", "    x, y = a[0], b[0]", *[f"    x = {operation}"] * times, "    a[0] = x"]
    import math

    scope = {"math": math}
    exec("\n".join(lines), scope)
    return scope["kernel"]


@compiles
@pytest.mark.parametrize(("name", "operation"), [("/", "y / x"), ("sqrt", "math.sqrt(x)"), ("*", "x * y")])
def test_instructions_of_an_operation(name, operation):
    from cuda.core import Linker, LinkerOptions, ObjectCode
    from numba.cuda import types

    sizes = []
    for times in (1, 33):
        ptx = backend.cuda.compile_ptx(repeated(operation, times), (types.float32[::1],) * 2, cc=(8, 0))[0]
        code = Linker(ObjectCode.from_ptx(ptx.encode()), options=LinkerOptions(arch="sm_80")).link("cubin").code
        sizes.append(text_size(code))
    assert abs((sizes[1] - sizes[0]) / 32 - model.INSTRUCTIONS.get(name, 1)) <= 2


def loop_of(ptx: str) -> Counter[str]:
    """The instructions of the longest loop of a kernel."""
    lines = [line.strip() for line in ptx.splitlines()]
    places = {line.partition(":")[0]: place for place, line in enumerate(lines) if re.match(r"\$L\w+:", line)}
    jumps = [
        (place, places.get(line.rstrip(";").split()[-1], place)) for place, line in enumerate(lines) if "bra" in line
    ]
    end, begin = max(jumps, key=lambda jump: jump[0] - jump[1])
    found = (re.match(r"(?:@!?%p\d+\s+)?([a-z][\w.]*)", line) for line in lines[begin : end + 1])
    return Counter(match[1] for match in found if match)


@compiles
def test_instructions_of_a_run():
    from numba.cuda import types

    from optviz.functions import REGISTRY
    from optviz.kernels.cuda.tile import advance_kernel
    from tests.ptx.assemble import compute_capability

    number = types.float32
    row, rows, count = number[::1], number[:, ::1], types.int64
    runs = types.Tuple((rows, rows, types.int32[::1], types.int32[:, ::1], rows))
    noise = types.Tuple((*[types.uint64] * 3, rows, types.float64[:, ::1]))
    watch = types.Tuple((number, types.int32))
    arguments = runs, number[:, :, ::1], rows, rows, rows, row, watch, noise, types.UniTuple(count, 6)
    kernel = advance_kernel(configure("adam").formula, REGISTRY["rosenbrock"], np.float32, 0, None, False)
    with compute_capability((8, 0)):
        found = loop_of(backend.cuda.compile_ptx(kernel.py_func, arguments, cc=(8, 0))[0])
    expected = model.of_run_step()
    sums = sum(found[name] for name in ("mul.f32", "add.f32", "sub.f32")) + 2 * found["fma.rn.f32"]
    assert sums == expected["*"] + expected["+"]
    assert (found["div.rn.f32"], found["sqrt.rn.f32"]) == (expected["/"], expected["sqrt"])
    others = found.total() - sums + found["fma.rn.f32"] - expected["/"] - expected["sqrt"]
    assert 0.6 * model.LOOP < others < 1.4 * model.LOOP


@pytest.mark.parametrize("rule", model_tables.RULES)
def test_updates_are_as_fast_as_nine_tenths_of_a_copy(rule):
    setting = configure(rule)
    for card in CARDS:
        found = model.update(setting, [10**8], card)
        assert found.share >= 0.9, card.name
        copy = 10**8 * model.moved(setting) / (1e3 * model.REACH * card.memory)
        assert copy <= found.total <= copy / 0.9
        assert found.spare > 1  # instructions are not what it waits for


def test_an_update_waits_for_more_where_there_are_more_arrays():
    card, setting = CARDS[-1], configure("adam")
    one, few, many = (model.update(setting, [10**6 // n] * n, card) for n in (1, 10, 1000))
    assert one.total < few.total < many.total and one.room > few.room > many.room
    assert model.update(setting, [10**6], card, 8).room == pytest.approx(2 * one.room)


@compiles
@pytest.mark.parametrize("rule", model.REGISTERS)
def test_registers_of_updates(rule):
    from tests.ptx.assemble import assembled
    from tests.ptx.kernels_update import _update

    kernel = _update(configure(rule), "float32")
    found = max(assembled(kernel, each).registers for each in ((8, 0), (9, 0), (10, 0)))
    assert model.REGISTERS[rule] - 6 <= found <= model.REGISTERS[rule], found


@compiles
def test_registers_of_fleets():
    from tests.ptx.assemble import assembled
    from tests.ptx.kernels_training import kernels

    kernel = next(one for one in kernels() if one.name == "fleet, adam, float32")
    for capability in ((8, 0), (9, 0)):
        found = assembled(kernel, capability)
        assert (found.registers, found.shared) == (model_networks.FLEETS["one"], model_networks.FLEET_SHARED)


@compiles
@pytest.mark.parametrize(("dtype", "draws"), [("float32", 2), ("float64", 1)])  # how many the code of a step holds
def test_a_draw_of_noise(dtype, draws):
    from cuda.core import Linker, LinkerOptions, ObjectCode

    from optviz.functions import REGISTRY
    from optviz.noise import REGISTRY as NOISES
    from tests.ptx.assemble import compiled
    from tests.ptx.kernels_tile import _steps

    sizes, texts = [], []
    for noise in (None, NOISES["gaussian"]):
        texts.append(compiled(_steps("adam", REGISTRY["rosenbrock"], dtype, noise=noise), (8, 0)))
        code = Linker(ObjectCode.from_ptx(texts[-1].encode()), options=LinkerOptions(arch="sm_80")).link("cubin").code
        sizes.append(text_size(code))
    known = {"float32": model.DRAW, "float64": model.DOUBLE_DRAW}[dtype]
    assert abs((sizes[1] - sizes[0]) / draws - known) <= 0.15 * known
    if dtype == "float32":
        assert ".f64" not in "".join(re.findall(r"(?:add|mul|fma|div|sqrt)\S*", texts[1]))
        return
    with_noise, without = map(loop_of, reversed(texts))
    roots = sum(with_noise[name] - without[name] for name in ("div.rn.f64", "sqrt.rn.f64"))
    own = ("add.f64", "sub.f64", "mul.f64", "fma.rn.f64", "setp.le.f64", "setp.lt.f64", "min.f64")
    assert roots == model.DOUBLE_ROOTS
    assert abs(sum(with_noise[name] - without[name] for name in own) - model.DOUBLES) <= 10


def test_the_data_sheets():
    promised = {"T4": 8.1, "A100 SXM 80 GB": 19.5, "L4": 30.3, "RTX 4090": 82.6, "H100 SXM 80 GB": 66.9}
    for card in CARDS:
        assert card.single == pytest.approx(promised.get(card.name, card.single), rel=0.01)
        assert card.capability in LIMITS and card.assembled in ARCHITECTURES


class Driver:
    """The attributes that the driver tells of an H100."""

    name = "NVIDIA H100 80GB HBM3"
    compute_capability = (9, 0)
    MEMORY_CLOCK_RATE, GLOBAL_MEMORY_BUS_WIDTH = 2_619_000, 5120
    CLOCK_RATE, MULTIPROCESSOR_COUNT, SINGLE_TO_DOUBLE_PRECISION_PERF_RATIO = 1_980_000, 132, 2


def test_a_card_by_its_attributes():
    found, known = card_of(Driver()), model_tables.named_card("H100")
    assert found.capability == known.capability and found[2:] == pytest.approx(known[2:], rel=0.002)
    assert nearest((8, 7), tuple(LIMITS)) == (8, 6) and nearest((13, 0), tuple(LIMITS)) == (12, 0)
    assert nearest((7, 0), tuple(LIMITS)) == (7, 5)


def test_graphs_take_the_launches_from_the_processor():
    for _, plan in model_tables.networks():
        found, card = model_networks.step(plan, "adam"), model_tables.named_card("H100")
        assert model_networks.step_time(found, card) == model_networks.processor(found)
        assert model_networks.step_time(found, card, True) == model_networks.device(found, card, True)


def test_a_fleet_of_more_than_the_card_holds_takes_turns():
    plan = dict(model_tables.networks())["mlp"]
    card = model_tables.named_card("H100")
    one, two, three = (model_networks.fleet(plan, "adam", n, card) for n in (1, 2 * 132, 2 * 132 + 1))
    assert (one.blocks, one.waves, two.waves, three.waves) == (2, 1, 1, 2)
    assert one.time <= two.time < three.time == 2 * one.time
    assert model_networks.fleet(plan, "adam", 133, card, "all seven").waves == 2
