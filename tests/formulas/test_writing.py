"""Programs of nodes as text: names, what is computed once, what is left out, and what stays under its test."""

import ast

import pytest

from optviz.formulas.expressions import (
    ONE,
    ZERO,
    call,
    choice,
    difference,
    leaf,
    node,
    number,
    product,
    quotient,
    sum_of,
)
from optviz.formulas.programs import Branch, Let, Loop, Return, Store, alive, elements, leaves, names_in
from optviz.formulas.reading import Reader, Unreadable
from optviz.formulas.writing import WIDTH, Names, function_text

X, Y = leaf("x"), leaf("y")
SIN = call("sin", X)


def text(body, **wanted):
    names = Names({"x", "y", "g"})
    names.wanted |= {part: name for name, part in wanted.items()}
    return function_text("f", ("x", "y"), body, names)


def lines(body, **wanted):
    return [line.strip() for line in text(body, **wanted).splitlines()[1:]]


def read(source):
    reader = Reader({"x": X, "y": Y}, {"sin": "sin", "pow": "pow"}, {})
    return reader.read(ast.parse(source, mode="eval").body)


def test_there_is_one_node_of_a_kind():
    assert read("sin(x) + 2 * y") is read("sin(x) + 2*y") is not read("2 * y + sin(x)")
    assert number(1) is not number(1.0) and read("pow(x, 2)") is read("x**2")
    assert node("+", X, Y).rank == node("+", X, Y).rank > X.rank


@pytest.mark.parametrize(
    ("made", "written"),
    [
        (sum_of(ZERO, X), "x"),
        (sum_of(X, X), "2 * x"),
        (difference(X, X), "0"),
        (sum_of(X, number(0.0)), "x"),
        (difference(X, product(number(3), X)), "-2 * x"),
        (sum_of(product(number(2), X), product(number(2), Y)), "2 * (x + y)"),
        (product(X, X), "x ** 2"),
        (product(product(X, X), X), "x ** 3"),
        (product(ZERO, quotient(ONE, X)), "0"),
        (product(number(-1), X), "-x"),
        (product(number(2), product(number(3), X)), "6 * x"),
        (product(ONE, X), "x"),
        (quotient(X, X), "1"),
        (quotient(product(number(6), X), number(3)), "2 * x"),
        (quotient(X, ZERO), "x / 0"),
        (choice(node(">", X, Y), X, X), "x"),
        (node("negative", sum_of(X, Y)), "-(x + y)"),
        (product(sum_of(X, Y), difference(X, Y)), None),
        (node("**", node("negative", X), number(2)), "(-x) ** 2"),
        (node("**", X, number(-2)), "x ** (-2)"),
    ],
)
def test_zeros_and_ones_fall_out_and_brackets_are_where_they_must(made, written):
    (line,) = lines([Return((made,))])
    if written is not None:
        assert line in (f"return {written}", f"return {written.replace('(-2)', '-2')}")
    else:
        assert sorted(line.removeprefix("return ").split(" * ")) == ["(x + y)", "(x - y)"]


def test_what_occurs_twice_has_a_name_and_small_things_have_none():
    assert lines([Return((sum_of(product(SIN, Y), call("cos", SIN)),))])[0] == "t1 = sin(x)"
    assert lines([Return((sum_of(product(number(2), X), call("cos", product(number(2), X))),))]) == [
        "return 2 * x + cos(2 * x)"
    ]
    assert lines([Return((call("cos", SIN),))]) == ["return cos(sin(x))"]
    assert lines([Return((call("cos", SIN),))], wave=SIN) == ["wave = sin(x)", "return cos(wave)"]


def test_what_stands_under_a_test_is_computed_under_it():
    inverse = quotient(ONE, X)
    wave = call("sin", inverse)
    guarded = choice(node("!=", X, ZERO), product(wave, wave), ZERO)
    first, *others = lines([Return((sum_of(guarded, Y),))])
    assert first == "return (sin(1 / x) ** 2 if x != 0 else 0) + y" and not others
    twice = choice(node("!=", X, ZERO), sum_of(call("cos", wave), wave), ZERO)
    assert lines([Return((sum_of(twice, Y),))])[0] == "t1 = sin(1 / x) if x != 0 else 0.0"
    # What is needed without the test too is computed without it.
    assert lines([Return((sum_of(choice(node(">", Y, ZERO), call("cos", SIN), ONE), SIN),))])[0] == "t1 = sin(x)"
    # The second part of an `and` is computed only where the first one holds.
    both = choice(node("and", node("!=", X, ZERO), node(">", wave, ZERO)), call("cos", wave), ONE)
    assert not lines([Return((both,))])[0].startswith("t1")


def test_stores_share_until_they_change_what_they_read():
    shared = [Store("g[0]", product(SIN, Y)), Store("g[1]", call("cos", SIN), added=True)]
    assert lines(shared) == ["t1 = sin(x)", "g[0] = y * t1", "g[1] += cos(t1)"]
    reads = [Store("g[0]", call("sin", leaf("g[1]"))), Store("g[1]", call("cos", call("sin", leaf("g[1]"))))]
    assert lines(reads)[0] == "g[0] = sin(g[1])"
    assert lines([Store("g[0]", product(number(-1), SIN), added=True)]) == ["g[0] -= sin(x)"]


def test_loops_and_branches():
    body = [
        Let(("s",), (number(0.0),)),
        Loop("for i in range(3)", [Let(("s",), (sum_of(leaf("s"), call("sin", X)),))]),
        Branch(node(">", X, ZERO), [], [Store("g[0]", leaf("s"))]),
        Return((leaf("s"),)),
    ]
    assert lines(body) == [
        "s = 0.0",
        "for i in range(3):",
        "s = s + sin(x)",
        "if not x > 0:",
        "g[0] = s",
        "return s",
    ]
    assert names_in(body) >= {"s", "x"} and lines([]) == ["pass"]


def test_what_nobody_reads_is_left_out():
    body = [
        Let(("a", "b"), (SIN, Y)),
        Let(("unused",), (call("exp", X),)),
        Loop("for i in range(n)", [Let(("gone",), (SIN,))]),
        Loop("for i in range(3)", [Let(("a",), (sum_of(leaf("a"), leaf("c")),)), Let(("c",), (leaf("a"),))]),
        Return((leaf("a"),)),
    ]
    kept = alive(body)
    assert [type(one).__name__ for one in kept] == ["Let", "Loop", "Return"]
    assert kept[0].names == ("a",) and len(kept[1].body) == 2
    assert alive([Let(("a",), (X,))], ["a"]) and not alive([Let(("a",), (X,))])


def test_names_are_new():
    names = Names({"a", "a_2"})
    assert (names.fresh("a"), names.fresh("b"), names.fresh("b")) == ("a_3", "b", "b_2")
    before = names.copy()
    assert names.fresh("c") == "c" and names.fresh("c") == "c_2"
    names.become(before)
    assert names.fresh("c") == "c"


def test_long_results_have_a_line_each():
    long = [call("sin", leaf("x" * 30)), call("cos", leaf("y" * 30)), call("tan", leaf("z" * 30))]
    written = text([Return(tuple(long))])
    assert max(map(len, written.splitlines())) <= WIDTH and written.count("\n") == 6
    compile(written, "written", "exec")


def test_leaves_and_elements():
    part = sum_of(product(leaf("x[i]"), leaf("total")), call("sin", leaf("x[i + 1]")))
    assert set(leaves(part)) == {"x[i]", "total", "x[i + 1]"} and elements(part) == {"x"}


@pytest.mark.parametrize(
    "source", ["x @ y", "[x]", "x and y if x else 'a'", "unknown", "unknown(x)", "x.real", "~x", "x in y"]
)
def test_what_is_no_arithmetic_cannot_be_read(source):
    with pytest.raises(Unreadable):
        read(source)
