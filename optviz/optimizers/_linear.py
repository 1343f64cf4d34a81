"""Linear algebra for solvers, in plain loops over n * n numbers, a row after the other."""

from math import inf, sqrt


def cholesky(h, n, damping):
    """Factor h + damping * identity as L L', L in the lower half of h; False where it is not positive definite.

    A pivot that is nothing but rounding, or NaN, is none.
    """
    for k in range(n):
        whole = h[k * n + k] + damping
        pivot = whole
        for j in range(k):
            pivot -= h[k * n + j] * h[k * n + j]
        if not pivot > 1e-14 * abs(whole):
            return False
        root = sqrt(pivot)
        h[k * n + k] = root
        for i in range(k + 1, n):
            left = h[i * n + k]
            for j in range(k):
                left -= h[i * n + j] * h[k * n + j]
            h[i * n + k] = left / root
    return True


def substituted(factor, b, p, n):
    """Write the solution of L L' p = b to p."""
    for i in range(n):
        left = b[i]
        for j in range(i):
            left -= factor[i * n + j] * p[j]
        p[i] = left / factor[i * n + i]
    for back in range(n):
        i = n - 1 - back
        left = p[i]
        for j in range(i + 1, n):
            left -= factor[j * n + i] * p[j]
        p[i] = left / factor[i * n + i]


def eliminated(h, b, p, n):
    """Write the solution of h p = b to p by elimination with row pivots; h is lost. False where h is singular."""
    for i in range(n):
        p[i] = b[i]
    scale = 0.0
    for k in range(n * n):
        scale = scale if scale >= abs(h[k]) else abs(h[k])
    for k in range(n):
        best = k
        for i in range(k + 1, n):
            if abs(h[i * n + k]) > abs(h[best * n + k]):
                best = i
        if not abs(h[best * n + k]) > 1e-14 * scale:
            return False
        if best != k:
            for j in range(n):
                h[k * n + j], h[best * n + j] = h[best * n + j], h[k * n + j]
            p[k], p[best] = p[best], p[k]
        for i in range(k + 1, n):
            share = h[i * n + k] / h[k * n + k]
            for j in range(k, n):
                h[i * n + j] -= share * h[k * n + j]
            p[i] -= share * p[k]
    for back in range(n):
        i = n - 1 - back
        for j in range(i + 1, n):
            p[i] -= h[i * n + j] * p[j]
        p[i] /= h[i * n + i]
    return True


def eigen(h, q, n):
    """Diagonalise a symmetric matrix by Jacobi's rotations: eigenvalues to the diagonal of h, eigenvectors to the
    columns of q. False where a number is not finite.
    """
    for i in range(n):
        for j in range(n):
            q[i * n + j] = 1.0 if i == j else 0.0
            if not abs(h[i * n + j]) < inf:
                return False
    for _ in range(60):
        off, on = 0.0, 0.0
        for i in range(n):
            on += h[i * n + i] ** 2
            for j in range(i):
                off += h[i * n + j] ** 2
        if off <= 1e-36 * on or off == 0:
            break
        for i in range(n):
            for j in range(i):
                if h[i * n + j] != 0:
                    rotate(h, q, n, i, j)
    return True


def rotate(h, q, n, i, j):
    """Turn two coordinates so that the element between them is 0."""
    half = (h[j * n + j] - h[i * n + i]) / (2 * h[i * n + j])
    tangent = (1.0 if half >= 0 else -1.0) / (abs(half) + sqrt(half * half + 1))
    c = 1 / sqrt(tangent * tangent + 1)
    s = tangent * c
    for k in range(n):
        a, b = h[k * n + i], h[k * n + j]
        h[k * n + i], h[k * n + j] = c * a - s * b, s * a + c * b
    for k in range(n):
        a, b = h[i * n + k], h[j * n + k]
        h[i * n + k], h[j * n + k] = c * a - s * b, s * a + c * b
    for k in range(n):
        a, b = q[k * n + i], q[k * n + j]
        q[k * n + i], q[k * n + j] = c * a - s * b, s * a + c * b
    h[i * n + j], h[j * n + i] = 0.0, 0.0
