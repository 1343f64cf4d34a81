"""Our classes where two processes share the parameters (FSDP2), the states (ZeRO) and the checkpoints (DCP)."""

import pytest

torch = pytest.importorskip("torch")
ot = pytest.importorskip("optviz.torch")

pytestmark = [
    pytest.mark.slow,  # each process imports torch
    pytest.mark.skipif(not torch.distributed.is_available(), reason="torch was built without processes"),
]
STEPS, HALF = 8, 4
CASES = {
    "AdamW": {"weight_decay": 0.1},
    "SGD": {"momentum": 0.9, "nesterov": True},
    "NAdam": {},
    "Adagrad": {},
}
OURS_ALONE = {"Lion": {}, "ScheduleFreeAdamW": {}}
FROM_THEIRS = [
    "AdamW",
    "Adagrad",
]  # torch's SGD saves no number of steps, and a distributed checkpoint must hold all keys
WHOLE = {"LAMB": "lamb is a rule of sums", "Muon": "muon is a rule of matrices"}


def model(dtype=torch.float32):
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(6, 8), torch.nn.Tanh(), torch.nn.Linear(8, 3)).to(dtype)


def divided(dtype=torch.float32):
    """A network whose parameters the processes share: of a layer with 3 outputs one has 2 rows and the other 1."""
    net = model(dtype)
    for layer in (net[0], net[2], net):
        torch.distributed.fsdp.fully_shard(layer)
    return net


def go(net, optimizer, scheduler, steps, first=0):
    """Steps on batches of which each process has its own."""
    rank, dtype = torch.distributed.get_rank(), next(net.parameters()).dtype
    for step in range(first, first + steps):
        generator = torch.Generator().manual_seed(10 * step + rank)
        x = torch.randn(8, 6, generator=generator).to(dtype)
        optimizer.zero_grad()
        (net(x) - 1).square().mean().backward()
        optimizer.step()
        scheduler.step()


def whole(net):
    full = [getattr(x.detach(), "full_tensor", lambda x=x: x.detach())() for x in net.parameters()]
    return torch.cat([x.flatten().float() for x in full]).tolist()


def ready(kind, options, dtype=torch.float32):
    net = divided(dtype)
    optimizer = kind(net.parameters(), lr=0.05, **options)
    return net, optimizer, torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 10)


def straight(kind, options, dtype=torch.float32):
    made = ready(kind, options, dtype)
    go(*made, STEPS)
    return whole(made[0])


def resumed(first, second, options, place):
    """Saved half way by one class and loaded by another, both as distributed checkpoints."""
    from torch.distributed import checkpoint
    from torch.distributed.checkpoint import state_dict as states

    net, optimizer, scheduler = ready(first, options)
    go(net, optimizer, scheduler, HALF)
    kept, spoken = states.get_state_dict(net, optimizer)
    checkpoint.save({"net": kept, "optimizer": spoken}, checkpoint_id=place)
    rates = scheduler.state_dict()
    net, optimizer, scheduler = ready(second, options)
    kept, spoken = states.get_state_dict(net, optimizer)
    found = {"net": kept, "optimizer": spoken}
    checkpoint.load(found, checkpoint_id=place)
    states.set_state_dict(net, optimizer, model_state_dict=found["net"], optim_state_dict=found["optimizer"])
    scheduler.load_state_dict(rates)
    go(net, optimizer, scheduler, STEPS - HALF, first=HALF)
    return whole(net)


def zero(kind, options, halves=False):
    """Each process keeps the state of some parameters; `halves` goes on from a checkpoint half way."""
    from torch.distributed.optim import ZeroRedundancyOptimizer

    net = torch.nn.parallel.DistributedDataParallel(model())
    optimizer = ZeroRedundancyOptimizer(net.parameters(), optimizer_class=kind, lr=0.05, **options)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 10)
    go(net, optimizer, scheduler, HALF if halves else STEPS)
    if not halves:
        return whole(net)
    for rank in range(2):
        optimizer.consolidate_state_dict(to=rank)
        if rank == torch.distributed.get_rank():
            saved, rates = optimizer.state_dict(), scheduler.state_dict()
    optimizer = ZeroRedundancyOptimizer(net.parameters(), optimizer_class=kind, lr=0.05, **options)
    scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 10)
    optimizer.load_state_dict(saved)
    scheduler.load_state_dict(rates)
    go(net, optimizer, scheduler, STEPS - HALF, first=HALF)
    return whole(net)


def averaged(net):
    """Where a rule reports to be after a few steps, whose gradients are the parameters themselves."""
    optimizer = ot.ScheduleFreeSGD(net.parameters(), lr=0.1)
    for _ in range(HALF):
        for parameter in net.parameters():
            parameter.grad = parameter.detach().clone()
        optimizer.step()
    before = whole(net)
    with optimizer.reported():
        found = whole(net)
    assert whole(net) == before != found
    return found


def refused(act):
    try:
        act()
    except (TypeError, ValueError) as error:
        return str(error)
    return ""


def undivided_state():
    net = model()
    optimizer = ot.AdamW(net.parameters())
    net(torch.ones(1, 6)).sum().backward()
    optimizer.step()
    ot.AdamW(divided().parameters()).load_state_dict(optimizer.state_dict())


def worker(rank, place, ends):
    torch.distributed.init_process_group("gloo", init_method=f"file://{place}/meeting", rank=rank, world_size=2)
    found = {}
    for name, options in (CASES | OURS_ALONE).items():
        ours, theirs = getattr(ot, name), getattr(torch.optim, name, None)
        found["ours", name] = straight(ours, options)
        found["ours again", name] = resumed(ours, ours, options, f"{place}/{name}")
        if theirs:
            found["theirs", name] = straight(theirs, options)
    for name, options in (("AdamW", CASES["AdamW"]), ("SGD", CASES["SGD"])):
        ours, theirs = getattr(ot, name), getattr(torch.optim, name)
        found["ours zero", name], found["theirs zero", name] = zero(ours, options), zero(theirs, options)
        found["ours zero again", name] = zero(ours, options, halves=True)
        for kind, cls in (("ours half", ours), ("theirs half", theirs)):
            found[kind, name] = straight(cls, options, torch.bfloat16)
    for name in FROM_THEIRS:
        theirs, ours = getattr(torch.optim, name), getattr(ot, name)
        found["after theirs", name] = resumed(theirs, ours, CASES[name], f"{place}/{name}-theirs")
    found |= {("refused", name): refused(lambda name=name: getattr(ot, name)(divided().parameters())) for name in WHOLE}
    found["refused", "state"] = refused(undivided_state)
    found["reported", "divided"], found["reported", "whole"] = averaged(divided()), averaged(model())
    ends[rank] = found
    torch.distributed.destroy_process_group()


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    """What two processes found, which must be the same, by what was done and the name of the class."""
    ends = torch.multiprocessing.get_context("spawn").Manager().dict()
    torch.multiprocessing.spawn(worker, (str(tmp_path_factory.mktemp("processes")), ends), nprocs=2)
    assert ends[0] == ends[1]
    return {key: torch.tensor(value) if isinstance(value, list) else value for key, value in ends[0].items()}


@pytest.mark.parametrize("name", CASES)
def test_shared_parameters_move_as_by_torchs_class(found, name):
    torch.testing.assert_close(found["ours", name], found["theirs", name], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", CASES | OURS_ALONE)
def test_a_distributed_checkpoint_goes_on(found, name):
    assert torch.equal(found["ours again", name], found["ours", name])


@pytest.mark.parametrize("name", FROM_THEIRS)
def test_a_distributed_checkpoint_of_torchs_class(found, name):
    torch.testing.assert_close(found["after theirs", name], found["theirs", name], rtol=1e-5, atol=1e-6)


@pytest.mark.parametrize("name", ["AdamW", "SGD"])
def test_shared_parameters_in_half_precision(found, name):
    torch.testing.assert_close(found["ours half", name], found["theirs half", name], rtol=2e-2, atol=5e-3)


@pytest.mark.parametrize("name", ["AdamW", "SGD"])
def test_shared_states(found, name):
    torch.testing.assert_close(found["ours zero", name], found["theirs zero", name], rtol=1e-5, atol=1e-6)
    assert torch.equal(found["ours zero again", name], found["ours zero", name])


@pytest.mark.parametrize("name", WHOLE)
def test_rules_that_need_all_of_a_parameter_say_so(found, name):
    problem = f"several processes share a parameter, and {WHOLE[name]}, which needs all of it"
    assert found["refused", name].startswith(problem)


def test_a_state_that_is_not_shared_is_refused(found):
    assert "is (8, 6) float32 on cpu as (Shard(dim=0),), and exp_avg of its state (8, 6)" in found["refused", "state"]


def test_the_reported_point_of_shared_parameters(found):
    torch.testing.assert_close(found["reported", "divided"], found["reported", "whole"], rtol=1e-6, atol=1e-6)
