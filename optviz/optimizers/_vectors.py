"""What solvers do with sequences of numbers: products, sizes and copies."""


def dot(a, b):
    total = 0.0
    for i in range(len(a)):
        total += a[i] * b[i]
    return total


def dot_at(a, b, at, n):
    """The product of what begins at one place in two sequences."""
    total = 0.0
    for i in range(n):
        total += a[at + i] * b[at + i]
    return total


def largest(a):
    """The largest size of an element; NaN where one is."""
    most = 0.0
    for i in range(len(a)):
        most = most if most >= abs(a[i]) else abs(a[i])
    return most


def copy(source, target):
    for i in range(len(source)):
        target[i] = source[i]


def ahead(x, rate, p, y):
    """Write the point that is `rate` times p from x to y."""
    for i in range(len(x)):
        y[i] = x[i] + rate * p[i]


def total_size(a):
    total = 0.0
    for i in range(len(a)):
        total += abs(a[i])
    return total
