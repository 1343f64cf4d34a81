"""Every rule as a method of ``scipy.optimize.minimize``.

>>> import scipy.optimize, optviz.scipy
>>> f = scipy.optimize.rosen, scipy.optimize.rosen_der
>>> result = scipy.optimize.minimize(f[0], [-1.0, 1.0], jac=f[1], method=optviz.scipy.adam, options={"lr": 0.05})
>>> result.success, result.x.round(3).tolist()
(True, [1.0, 1.0])

`method` makes one of anything that `optviz.optimizer` takes, ``"lookahead(adam, k=5)"``. Options are the rule's
hyperparameters, schedules as text among them, with ``maxiter`` and ``gtol``.
"""

import inspect
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np

from optviz.errors import MissingError, UnknownNameError, UsageError, UsageTypeError, shown
from optviz.optimizers import REGISTRY, Setting, UpdateRule, configure
from optviz.registry import suggestion
from optviz.results.numeric import number_in_range
from optviz.runs.arrays.optimizer import Optimizer

try:
    from scipy.optimize import OptimizeResult, approx_fprime
except ImportError as error:
    raise MissingError("scipy is not installed", "Install it: pip install scipy") from error

KINDS = ("element-wise", "sums", "looks")
STEPS, SLOPE = 10_000, 1e-5  # of `maxiter` and `gtol`
FOUND, SPENT, LOST, STOPPED = 0, 1, 3, 99  # statuses as SciPy's
MESSAGES = {
    FOUND: "Optimization terminated successfully.",
    SPENT: "Maximum number of iterations has been exceeded.",
    LOST: "The value or the gradient is not finite.",
    STOPPED: "`callback` raised `StopIteration`.",
}

__all__ = ["method"]


def method(rule: str | UpdateRule | Setting, **hyperparameters: Any) -> Callable[..., Any]:
    """A rule as a method of ``scipy.optimize.minimize``.

    Parameters
    ----------
    rule : str, UpdateRule or Setting
        As `optviz.optimizer` takes it.
    **hyperparameters
        By any name that they have; ``options`` of a call come before them.

    Returns
    -------
    function
        To be given as ``method=``. It takes ``jac=True``, a function or None, where differences of values are made;
        ``callback`` in both of SciPy's forms; ``tol``; and as ``options`` hyperparameters, ``disp``, ``maxiter``
        (10,000 by default) and ``gtol``: it ends where no part of the gradient is larger (1e-5).

    Raises
    ------
    UsageError, UsageTypeError
        As `optviz.optimizers.configure`; or rules of this kind do not move by gradients alone.
    """
    chosen = configure(rule, **hyperparameters)
    if chosen.kind not in KINDS:
        problem = f"{chosen.plain_name} is a rule of {chosen.kind}"
        raise UsageError(problem, f"Take one of the kinds {', '.join(KINDS)}, or optviz.minimize.")

    def minimized(
        fun: Callable[..., Any],
        x0: Any,
        args: tuple[Any, ...] = (),
        jac: Any = None,
        hess: Any = None,
        hessp: Any = None,
        bounds: Any = None,
        constraints: Any = (),
        callback: Callable[..., Any] | None = None,
        maxiter: int = STEPS,
        gtol: float | None = None,
        tol: float | None = None,
        disp: bool = False,
        **options: Any,
    ) -> Any:
        if bounds is not None or constraints:
            what = "constraints" if constraints else "bounds"
            raise UsageError(f"{chosen.plain_name} knows no {what}", "Leave them out, or take a method that has them.")
        if hess is not None or hessp is not None:
            warnings.warn(f"Method {chosen.plain_name} does not use Hessian information.", RuntimeWarning, stacklevel=4)
        steps = int(
            number_in_range(f"maxiter is {shown(maxiter)}", maxiter, (0, float("inf"), True, False), whole=True)
        )
        setting = (chosen.replace(**options) if options else chosen).resolved(max(steps, 1))
        slope = next((one for one in (gtol, tol) if one is not None), SLOPE)
        slope = number_in_range(f"gtol is {shown(slope)}", slope, (0, float("inf"), True, False))
        result = _Run(setting, fun, x0, args, jac).made(steps, slope, _told(callback))
        if disp:
            print(f"{result.message} {result.nit} steps, {result.nfev} evaluations, value {result.fun:g}")
        return result

    minimized.__name__ = chosen.plain_name
    minimized.__doc__ = f"{chosen.title}: see `optviz.scipy.method`."
    return minimized


class _Run:
    """A minimization, which counts its evaluations."""

    def __init__(self, setting: Setting, fun: Callable[..., Any], x0: Any, args: Any, jac: Any):
        self._optimizer, self._setting, self._fun, self._jac = Optimizer(setting), setting, fun, jac
        self._args = args if isinstance(args, tuple) else (args,)
        self._x = np.array(np.atleast_1d(x0))
        if self._x.dtype.kind not in "fiu" or self._x.ndim > 1:
            raise UsageTypeError(f"x0 is {shown(x0)}", "It must be a row of real numbers.")
        self._x = self._x.astype(np.float64)
        self._nfev = self._njev = 0

    def _value(self, x: np.ndarray) -> float:
        self._nfev += 1
        given = self._fun(np.copy(x), *self._args)
        value = np.asarray(given)
        if value.size != 1 or value.dtype.kind not in "fiub":
            raise UsageTypeError(f"the function gives {shown(given)}", "It must give a real number.")
        return float(value.item())

    def _gradient(self, x: np.ndarray) -> np.ndarray:
        self._njev += 1
        if callable(self._jac):
            slope = np.asarray(self._jac(np.copy(x), *self._args), np.float64).reshape(-1)
        else:
            slope = approx_fprime(x, self._value)
        if slope.shape != x.shape:
            raise UsageError(f"the gradient has shape {slope.shape}, x {x.shape}", "Give one number for each of x.")
        return slope

    def made(self, steps: int, slope: float, told: Callable[[Any], bool] | None) -> Any:
        """The result of at most so many steps."""
        x, optimizer, state = self._x, self._optimizer, self._optimizer.init(self._x)
        looks = self._setting.formula.probe is not None
        nit, status = 0, SPENT
        value, gradient = self._value(x), self._gradient(x)
        while True:
            if not (np.isfinite(value) and np.isfinite(gradient).all()):
                status = LOST
            elif np.abs(gradient).max(initial=0) <= slope:
                status = FOUND
            if status != SPENT or nit == steps:
                break
            if looks:
                with optimizer.look(x, gradient, state):
                    gradient = self._gradient(x)
            optimizer.step(x, gradient, state, value=value)
            nit += 1
            value, gradient = self._value(x), self._gradient(x)
            if told is not None:
                at = np.array(optimizer.reported(x, state))
                if told(OptimizeResult(x=at, fun=value if np.array_equal(at, x) else self._value(at))):
                    status = STOPPED
                    break
        at = np.array(optimizer.reported(x, state))
        if not np.array_equal(at, x):
            value, gradient = self._value(at), self._gradient(at)
        return OptimizeResult(
            x=at, fun=value, jac=gradient, nit=nit, nfev=self._nfev, njev=self._njev, status=status,
            success=status == FOUND, message=MESSAGES[status],
        )  # fmt: skip


def _told(callback: Callable[..., Any] | None) -> Callable[[Any], bool] | None:
    """``told(result)``: tell the caller of an iterate; whether he has had enough."""
    if callback is None:
        return None
    try:
        names = {*inspect.signature(callback).parameters}
    except (TypeError, ValueError):
        names = set()

    def told(result: Any) -> bool:
        try:
            if names == {"intermediate_result"}:
                callback(intermediate_result=result)
            else:
                callback(result if hasattr(callback, "stop_iteration") else np.copy(result.x))
        except StopIteration:
            return True
        return False

    return told


def __getattr__(name: str) -> Any:
    if name.startswith("_"):
        raise AttributeError(name)
    if name not in REGISTRY:
        raise _Unknown(
            f"optviz.scipy has no rule {name}", f"{suggestion(name, [*REGISTRY.names()])}See: dir(optviz.scipy)"
        )
    return method(REGISTRY[name])


class _Unknown(UnknownNameError, AttributeError):
    """A rule that nobody has."""


def __dir__() -> list[str]:
    return sorted([*__all__, *(rule.name for rule in REGISTRY if rule.kind in KINDS)])
