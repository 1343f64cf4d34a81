"""Our classes in training loops as people write them: scaled losses, averages, compiled loops, several processes."""

import copy

import pytest

torch = pytest.importorskip("torch")
ot = pytest.importorskip("optviz.torch")


def model():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Linear(6, 8), torch.nn.Tanh(), torch.nn.Linear(8, 3))


def batches(count=6):
    generator = torch.Generator().manual_seed(1)
    return [
        (torch.randn(16, 6, generator=generator), torch.randint(3, (16,), generator=generator)) for _ in range(count)
    ]


def trained(net, optimizer, backward=None, after=None):
    """The network after a few batches."""
    for x, y in batches():
        optimizer.zero_grad()
        loss = torch.nn.functional.cross_entropy(net(x), y)
        if backward is None:
            loss.backward()
            optimizer.step()
        else:
            backward(loss)
        if after is not None:
            after()
    return torch.nn.utils.parameters_to_vector(net.parameters()).detach()


def both(run, **given):
    """What `run(optimizer class)` gives for our AdamW and for torch's, which must be the same."""
    ours, theirs = run(ot.AdamW), run(torch.optim.AdamW)
    torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-5)
    return ours


def test_a_plain_loop():
    net = model()
    before = torch.nn.utils.parameters_to_vector(net.parameters()).detach().clone()

    def run(kind):
        copied = copy.deepcopy(net)
        return trained(copied, kind(copied.parameters(), lr=0.05))

    assert not torch.equal(both(run), before)


@pytest.mark.parametrize("fails", [False, True])
def test_scaled_losses(fails):
    """A step whose gradients are infinite is left out."""

    def run(kind):
        net = model()
        optimizer = kind(net.parameters(), lr=0.05)
        scaler = torch.amp.GradScaler("cpu", init_scale=1e30 if fails else 16.0)

        def backward(loss):
            scaler.scale(loss * (1e30 if fails and scaler.get_scale() > 1e29 else 1)).backward()
            scaler.step(optimizer)
            scaler.update()

        return trained(net, optimizer, backward)

    both(run)


def test_lower_precision_around_the_network():
    def run(kind):
        net = model()
        optimizer = kind(net.parameters(), lr=0.05)
        for x, y in batches():
            optimizer.zero_grad()
            with torch.autocast("cpu", torch.bfloat16):
                loss = torch.nn.functional.cross_entropy(net(x), y)
            loss.backward()
            torch.nn.utils.clip_grad_norm_(net.parameters(), 0.5)
            optimizer.step()
        return torch.nn.utils.parameters_to_vector(net.parameters()).detach()

    both(run)


def test_averaged_models():
    def run(kind):
        net = model()
        averaged = torch.optim.swa_utils.AveragedModel(net)
        trained(net, kind(net.parameters(), lr=0.05), after=lambda: averaged.update_parameters(net))
        return torch.nn.utils.parameters_to_vector(averaged.parameters()).detach()

    both(run)


@pytest.mark.filterwarnings("ignore")  # 2026-11: what torch 2.13 itself does while it compiles
def test_a_compiled_network_and_a_compiled_loop():
    """A step breaks the graph and is made as ever."""

    def run(kind):
        net = model()
        optimizer = kind(net.parameters(), lr=0.05)

        @torch.compile(backend="eager")
        def step(x, y):
            loss = torch.nn.functional.cross_entropy(net(x), y)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            return loss

        for x, y in batches():
            step(x, y)
        return torch.nn.utils.parameters_to_vector(net.parameters()).detach()

    both(run)


def _worker(rank, kind, place, ends):
    torch.distributed.init_process_group("gloo", init_method=f"file://{place}", rank=rank, world_size=2)
    net = torch.nn.parallel.DistributedDataParallel(model())
    optimizer = (ot if kind == "ours" else torch.optim).AdamW(net.parameters(), lr=0.05)
    for number, (x, y) in enumerate(batches()):
        part = slice(0, 8) if number % 2 == rank else slice(8, 16)
        optimizer.zero_grad()
        torch.nn.functional.cross_entropy(net(x[part]), y[part]).backward()
        optimizer.step()
    ends[rank] = torch.nn.utils.parameters_to_vector(net.parameters()).detach().tolist()
    torch.distributed.destroy_process_group()


@pytest.mark.slow  # each process imports torch
@pytest.mark.skipif(not torch.distributed.is_available(), reason="torch was built without processes")
def test_two_processes(tmp_path):
    manager = torch.multiprocessing.get_context("spawn").Manager()  # JAX may have threads, which a fork would miss
    found = {}
    for kind in ("ours", "theirs"):
        ends = manager.dict()
        torch.multiprocessing.spawn(_worker, (kind, tmp_path / kind, ends), nprocs=2)
        assert ends[0] == ends[1]
        found[kind] = torch.tensor(ends[0])
    torch.testing.assert_close(found["ours"], found["theirs"], rtol=1e-5, atol=1e-5)
