"""Schedules as torch, optax and Keras write them, beside ours: the text, and the library's own object.

- ``TORCH``: ``(torch.optim, optimizer)`` to a scheduler; the optimizer's lr is the value of our schedule;
- ``OPTAX``: ``optax`` to a schedule; ``KERAS``: ``keras.optimizers.schedules`` to one.
"""

STEPS = 240

TORCH = [
    ("constant(0.1, share=0.3, steps=40)", lambda o, x: o.lr_scheduler.ConstantLR(x, 0.3, 40)),
    ("constant(0.1, factor=0, total_iters=1)", lambda o, x: o.lr_scheduler.LambdaLR(x, lambda done: float(done > 0))),
    ("linear(0.1, start=0.25, final=1, steps=60)", lambda o, x: o.lr_scheduler.LinearLR(x, 0.25, 1.0, 60)),
    ("linear(0.1, steps=100)", lambda o, x: o.lr_scheduler.LinearLR(x, 1.0, 0.0, 100)),
    ("linear(3, final=0.5)", lambda o, x: o.lr_scheduler.LinearLR(x, 1.0, 0.5, STEPS)),
    (
        "LinearLR(1, start_factor=0.5, end_factor=0.7, total_iters=7)",
        lambda o, x: o.lr_scheduler.LinearLR(x, 0.5, 0.7, 7),
    ),
    ("step(0.1, every=30)", lambda o, x: o.lr_scheduler.StepLR(x, 30)),
    ("step(2, step_size=1, gamma=0.98)", lambda o, x: o.lr_scheduler.StepLR(x, 1, 0.98)),
    ("multistep(0.1, at=(30, 80))", lambda o, x: o.lr_scheduler.MultiStepLR(x, [30, 80])),
    ("multistep(0.1, milestones=(1, 2, 200), gamma=0.7)", lambda o, x: o.lr_scheduler.MultiStepLR(x, [1, 2, 200], 0.7)),
    ("exponential(0.1, gamma=0.97)", lambda o, x: o.lr_scheduler.ExponentialLR(x, 0.97)),
    ("exponential(1e-5, gamma=1.05)", lambda o, x: o.lr_scheduler.ExponentialLR(x, 1.05)),
    ("polynomial(0.1, steps=50)", lambda o, x: o.lr_scheduler.PolynomialLR(x, 50)),
    ("polynomial(0.1, power=2.5)", lambda o, x: o.lr_scheduler.PolynomialLR(x, STEPS, 2.5)),
    ("polynomial(0.1, power=0.5, steps=239)", lambda o, x: o.lr_scheduler.PolynomialLR(x, 239, 0.5)),
    ("cosine(0.1, variant=torch)", lambda o, x: o.lr_scheduler.CosineAnnealingLR(x, STEPS)),
    ("cosine(0.1, variant=torch, T_max=50)", lambda o, x: o.lr_scheduler.CosineAnnealingLR(x, 50)),
    ("cosine(2, variant=torch, T_max=31, final=0.1)", lambda o, x: o.lr_scheduler.CosineAnnealingLR(x, 31, 0.2)),
    ("restarts(0.1, first=50)", lambda o, x: o.lr_scheduler.CosineAnnealingWarmRestarts(x, 50)),
    ("restarts(0.1, first=9, t_mul=2)", lambda o, x: o.lr_scheduler.CosineAnnealingWarmRestarts(x, 9, 2)),
    (
        "restarts(0.1, T_0=20, T_mult=3, final=0.01)",
        lambda o, x: o.lr_scheduler.CosineAnnealingWarmRestarts(x, 20, 3, eta_min=0.001),
    ),
    ("onecycle(0.1)", lambda o, x: o.lr_scheduler.OneCycleLR(x, 0.1, STEPS)),
    (
        "onecycle(max_lr=2, pct_start=0.17, div_factor=3, final_div_factor=100)",
        lambda o, x: o.lr_scheduler.OneCycleLR(x, 2.0, STEPS, pct_start=0.17, div_factor=3, final_div_factor=100),
    ),
    (
        "onecycle(0.1, variant=torch-linear)",
        lambda o, x: o.lr_scheduler.OneCycleLR(x, 0.1, STEPS, anneal_strategy="linear"),
    ),
    (
        "onecycle(0.1, variant=torch-three-phase, pct_start=0.37)",
        lambda o, x: o.lr_scheduler.OneCycleLR(x, 0.1, STEPS, pct_start=0.37, three_phase=True),
    ),
    (
        "onecycle(0.1, variant=torch-three-phase-linear, pct_start=0.41, div_factor=10)",
        lambda o, x: o.lr_scheduler.OneCycleLR(
            x, 0.1, STEPS, pct_start=0.41, div_factor=10, three_phase=True, anneal_strategy="linear"
        ),
    ),
    (
        "onecycle(3, variant=torch-linear, pct_start=0.5, div_factor=7, final_div_factor=10)",
        lambda o, x: o.lr_scheduler.OneCycleLR(
            x, 3.0, STEPS, pct_start=0.5, div_factor=7, final_div_factor=10, anneal_strategy="linear"
        ),
    ),
    (
        "onecycle(3, variant=torch-three-phase, pct_start=0.2, final_div_factor=2)",
        lambda o, x: o.lr_scheduler.OneCycleLR(x, 3.0, STEPS, pct_start=0.2, final_div_factor=2, three_phase=True),
    ),
    (
        "onecycle(3, variant=torch-three-phase-linear)",
        lambda o, x: o.lr_scheduler.OneCycleLR(x, 3.0, STEPS, three_phase=True, anneal_strategy="linear"),
    ),
    ("cyclic(0.1, up=20)", lambda o, x: o.lr_scheduler.CyclicLR(x, 0.025, 0.1, 20, cycle_momentum=False)),
    (
        "cyclic(0.1, step_size_up=13, step_size_down=29, base=0.1)",
        lambda o, x: o.lr_scheduler.CyclicLR(x, 0.01, 0.1, 13, 29, cycle_momentum=False),
    ),
    (
        "cyclic(0.1, variant=triangular2, up=11, down=4, base=0.5)",
        lambda o, x: o.lr_scheduler.CyclicLR(x, 0.05, 0.1, 11, 4, mode="triangular2", cycle_momentum=False),
    ),
    (
        "cyclic(0.1, variant=triangular2, up=25)",
        lambda o, x: o.lr_scheduler.CyclicLR(x, 0.025, 0.1, 25, mode="triangular2", cycle_momentum=False),
    ),
    (
        "cyclic(0.1, variant=exp_range, up=25, gamma=0.99)",
        lambda o, x: o.lr_scheduler.CyclicLR(x, 0.025, 0.1, 25, mode="exp_range", gamma=0.99, cycle_momentum=False),
    ),
    (
        "cyclic(0.1, variant=exp_range, up=7, down=31)",
        lambda o, x: o.lr_scheduler.CyclicLR(x, 0.025, 0.1, 7, 31, "exp_range", 0.999, cycle_momentum=False),
    ),
    ("swalr(0.1, final=0.5)", lambda o, x: o.swa_utils.SWALR(x, 0.05)),
    ("swalr(0.1, final=2, steps=33)", lambda o, x: o.swa_utils.SWALR(x, 0.2, 33)),
    ("swalr(1, final=3, variant=linear)", lambda o, x: o.swa_utils.SWALR(x, 3.0, anneal_strategy="linear")),
    ("swalr(0.1, final=0.1, steps=50, variant=linear)", lambda o, x: o.swa_utils.SWALR(x, 0.01, 50, "linear")),
    ("noam(1, warmup=7)", lambda o, x: o.lr_scheduler.LambdaLR(x, lambda t: _noam(t + 1, 7))),
    ("noam(0.5, warmup=40)", lambda o, x: o.lr_scheduler.LambdaLR(x, lambda t: _noam(t + 1, 40))),
    (
        "product(step(0.1, every=50, gamma=0.5), exponential(gamma=0.99), linear(start=0.2, final=1, steps=20))",
        lambda o, x: o.lr_scheduler.ChainedScheduler(
            [
                o.lr_scheduler.StepLR(x, 50, 0.5),
                o.lr_scheduler.ExponentialLR(x, 0.99),
                o.lr_scheduler.LinearLR(x, 0.2, 1.0, 20),
            ]
        ),
    ),
    (
        "ChainedScheduler(step(0.1, every=30), multistep(at=(3, 50), gamma=0.3))",
        lambda o, x: o.lr_scheduler.ChainedScheduler(
            [o.lr_scheduler.StepLR(x, 30), o.lr_scheduler.MultiStepLR(x, [3, 50], 0.3)]
        ),
    ),
    (
        "sequence(constant(0.1), exponential(gamma=0.9), at=60)",
        lambda o, x: o.lr_scheduler.SequentialLR(
            x, [o.lr_scheduler.ConstantLR(x, 1.0, 1), o.lr_scheduler.ExponentialLR(x, 0.9)], [60]
        ),
    ),
    (
        "sequence(constant(0.1, share=0.5, steps=20), step(every=30), linear(final=0.1), at=(20, 120))",
        lambda o, x: o.lr_scheduler.SequentialLR(
            x,
            [
                o.lr_scheduler.ConstantLR(x, 0.5, 20),
                o.lr_scheduler.StepLR(x, 30),
                o.lr_scheduler.LinearLR(x, 1.0, 0.1, STEPS - 120),
            ],
            [20, 120],
        ),
    ),
    (
        "cosine(0.1, variant=torch, warmup=30, warmup_from=0.01)",
        lambda o, x: o.lr_scheduler.SequentialLR(
            x, [o.lr_scheduler.LinearLR(x, 0.01, 1.0, 30), o.lr_scheduler.CosineAnnealingLR(x, STEPS - 30)], [30]
        ),
    ),
    (
        "step(0.1, every=20, gamma=0.5, warmup=5, warmup_from=0.3)",
        lambda o, x: o.lr_scheduler.SequentialLR(
            x, [o.lr_scheduler.LinearLR(x, 0.3, 1.0, 5), o.lr_scheduler.StepLR(x, 20, 0.5)], [5]
        ),
    ),
]

OPTAX = [
    ("constant(0.1)", lambda o: o.constant_schedule(0.1)),
    ("constant(0.1, warmup=30)", lambda o: o.warmup_constant_schedule(0.0, 0.1, 30)),
    ("linear(0.1, final=0.1)", lambda o: o.linear_schedule(0.1, 0.01, STEPS)),
    ("linear(2, start=0, final=1, steps=77)", lambda o: o.linear_schedule(0.0, 2.0, 77)),
    ("sequence(constant(0.1), linear(steps=50), at=20)", lambda o: o.linear_schedule(0.1, 0.0, 50, 20)),
    ("polynomial(0.1, power=3, final=0.2)", lambda o: o.polynomial_schedule(0.1, 0.02, 3, STEPS)),
    ("polynomial(0.1, power=0.5, steps=100)", lambda o: o.polynomial_schedule(0.1, 0.0, 0.5, 100)),
    ("exponential(0.1, gamma=0.5, every=30)", lambda o: o.exponential_decay(0.1, 30, 0.5)),
    (
        "exponential(0.1, decay_rate=0.5, transition_steps=7, final=0.05)",
        lambda o: o.exponential_decay(0.1, 7, 0.5, end_value=0.005),
    ),
    (
        "exponential(0.1, gamma=0.3, every=77, variant=staircase, final=0.2)",
        lambda o: o.exponential_decay(0.1, 77, 0.3, staircase=True, end_value=0.02),
    ),
    (
        "exponential(0.1, gamma=0.9, every=10, variant=staircase)",
        lambda o: o.exponential_decay(0.1, 10, 0.9, staircase=True),
    ),
    ("exponential(1e-6, gamma=2, every=13)", lambda o: o.exponential_decay(1e-6, 13, 2.0)),
    (
        "exponential(0.1, gamma=0.8, every=25, warmup=20, warmup_from=0.1)",
        lambda o: o.warmup_exponential_decay_schedule(0.01, 0.1, 20, 25, 0.8),
    ),
    ("cosine(0.1)", lambda o: o.cosine_decay_schedule(0.1, STEPS)),
    ("cosine(0.1, steps=100, alpha=0.2, exponent=1.7)", lambda o: o.cosine_decay_schedule(0.1, 100, 0.2, 1.7)),
    ("cosine(0.1, warmup=24)", lambda o: o.warmup_cosine_decay_schedule(0.0, 0.1, 24, STEPS)),
    ("cosine(0.1, warmup=10%)", lambda o: o.warmup_cosine_decay_schedule(0.0, 0.1, 24, STEPS)),
    (
        "cosine(2, warmup=50, warmup_from=0.5, final=0.1, power=0.5)",
        lambda o: o.warmup_cosine_decay_schedule(1.0, 2.0, 50, STEPS, 0.2, 0.5),
    ),
    (
        "restarts(0.1, first=30, t_mul=2, m_mul=0.5)",
        lambda o: o.join_schedules([o.cosine_decay_schedule(0.1 * 0.5**i, 30 * 2**i) for i in range(4)], [30, 90, 210]),
    ),
    ("restarts(0.1, first=60)", lambda o: o.join_schedules([o.cosine_decay_schedule(0.1, 60)] * 4, [60, 120, 180])),
    (
        "sequence(cosine(0.1, warmup=10), cosine(0.05, warmup=20), at=80)",
        lambda o: o.sgdr_schedule(
            [
                {"init_value": 0.0, "peak_value": 0.1, "warmup_steps": 10, "decay_steps": 80},
                {"init_value": 0.0, "peak_value": 0.05, "warmup_steps": 20, "decay_steps": 160},
            ]
        ),
    ),
    ("onecycle(0.1, variant=optax)", lambda o: o.cosine_onecycle_schedule(STEPS, 0.1)),
    (
        "onecycle(2, variant=optax, pct_start=0.177, div_factor=3, final_div_factor=50)",
        lambda o: o.cosine_onecycle_schedule(STEPS, 2.0, 0.177, 3.0, 50.0),
    ),
    ("onecycle(0.1, variant=optax-linear)", lambda o: o.linear_onecycle_schedule(STEPS, 0.1)),
    (
        "onecycle(2, variant=optax-linear, pct_start=0.21, pct_final=0.777, div_factor=3, final_div_factor=50)",
        lambda o: o.linear_onecycle_schedule(STEPS, 2.0, 0.21, 0.777, 3.0, 50.0),
    ),
    (
        "piecewise_constant(0.1, at=(30, 100, 101), scales=(0.5, 3, 0.1))",
        lambda o: o.piecewise_constant_schedule(0.1, {30: 0.5, 100: 3.0, 101: 0.1}),
    ),
    ("piecewise_constant(2, at=1, scales=0)", lambda o: o.piecewise_constant_schedule(2.0, {1: 0.0})),
    (
        "piecewise_interpolated(0.1, at=(30, 100, 200), scales=(2, 0.1, 3))",
        lambda o: o.piecewise_interpolate_schedule("linear", 0.1, {30: 2.0, 100: 0.1, 200: 3.0}),
    ),
    (
        "piecewise_interpolated(2, at=(50, 51, 90), scales=(0.5, 4, 0.1), variant=cosine)",
        lambda o: o.piecewise_interpolate_schedule("cosine", 2.0, {50: 0.5, 51: 4.0, 90: 0.1}),
    ),
    (
        "piecewise_interpolated(0.02, at=7, scales=10)",
        lambda o: o.piecewise_interpolate_schedule("linear", 0.02, {7: 10.0}),
    ),
    (
        "piecewise_interpolated(0.1, boundaries=(1, 150), scales=(0.5, 0), variant=cosine)",
        lambda o: o.piecewise_interpolate_schedule("cosine", 0.1, {1: 0.5, 150: 0.0}),
    ),
    (
        "sequence(linear(0.1, start=0, final=1), cosine(final=0.1), constant(0.01), at=(40, 200))",
        lambda o: o.join_schedules(
            [o.linear_schedule(0.0, 0.1, 40), o.cosine_decay_schedule(0.1, 160, 0.1), o.constant_schedule(0.01)],
            [40, 200],
        ),
    ),
    (
        "inverse_sqrt(0.1, timescale=30, warmup=30)",
        lambda o: o.join_schedules(
            [o.linear_schedule(0.0, 0.1, 30), lambda done: 0.1 / (1 + done / 30.0) ** 0.5], [30]
        ),
    ),
]

KERAS = [
    ("exponential(0.1, gamma=0.5, every=30)", lambda s: s.ExponentialDecay(0.1, 30, 0.5)),
    (
        "ExponentialDecay(0.1, decay_steps=10, decay_rate=0.9, variant=staircase)",
        lambda s: s.ExponentialDecay(0.1, 10, 0.9, staircase=True),
    ),
    ("inverse_time(0.1, rate=0.5, every=30)", lambda s: s.InverseTimeDecay(0.1, 30, 0.5)),
    (
        "inverse_time(0.1, decay_rate=2, decay_steps=7, variant=staircase)",
        lambda s: s.InverseTimeDecay(0.1, 7, 2.0, staircase=True),
    ),
    ("polynomial(0.1, power=2, final=0.1)", lambda s: s.PolynomialDecay(0.1, STEPS, 0.01, 2.0)),
    ("polynomial(0.1, steps=50, final=0.001)", lambda s: s.PolynomialDecay(0.1, 50)),
    ("polynomial(0.1, steps=33, final=0.1, variant=cycle)", lambda s: s.PolynomialDecay(0.1, 33, 0.01, cycle=True)),
    (
        "polynomial(0.1, steps=50, power=0.5, variant=cycle)",
        lambda s: s.PolynomialDecay(0.1, 50, 0.0, 0.5, cycle=True),
    ),
    ("cosine(0.1, variant=keras)", lambda s: s.CosineDecay(0.1, STEPS)),
    (
        "cosine(0.1, steps=100, alpha=0.2, warmup_steps=20, warmup_from=0.1)",
        lambda s: s.CosineDecay(0.01, 100, 0.2, warmup_target=0.1, warmup_steps=20),
    ),
    ("CosineDecay(2, decay_steps=77, alpha=0.5, variant=keras)", lambda s: s.CosineDecay(2.0, 77, 0.5)),
    ("inverse_time(2, rate=0.01)", lambda s: s.InverseTimeDecay(2.0, 1, 0.01)),
    ("restarts(0.1, first=31, t_mul=2)", lambda s: s.CosineDecayRestarts(0.1, 31)),
    ("restarts(0.1, first=50, m_mul=0.9, final=0.1)", lambda s: s.CosineDecayRestarts(0.1, 50, 1.0, 0.9, 0.1)),
    ("restarts(0.1, first=20, t_mul=1.5, m_mul=0.8)", lambda s: s.CosineDecayRestarts(0.1, 20, 1.5, 0.8)),
    (
        "piecewise_constant(0.1, at=(30, 100), scales=(0.5, 3), variant=keras)",
        lambda s: s.PiecewiseConstantDecay([30, 100], [0.1, 0.05, 0.15]),
    ),
    (
        "piecewise_constant(0.1, at=(1, 2, 3), scales=(0.5, 0.5, 0.5), variant=keras)",
        lambda s: s.PiecewiseConstantDecay([1, 2, 3], [0.1, 0.05, 0.025, 0.0125]),
    ),
]


def _noam(t: int, warmup: int) -> float:
    return warmup**0.5 * min(t**-0.5, t * warmup**-1.5)
