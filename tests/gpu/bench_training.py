"""An epoch of MNIST, beside torch: eager, compiled, and as a CUDA graph."""

from collections.abc import Callable, Iterator
from typing import Any

import optviz
from optviz import datasets, networks
from optviz.kernels.cuda import backend
from tests.gpu.sides import Bench, Sides, Sizes, mnist, timed, torch_here
from tests.ptx.model_networks import step, step_time


def training(bench: Bench) -> Iterator[str]:
    sizes = bench.sizes
    images = mnist(sizes)
    for place, name in enumerate(sizes.networks):
        sides: Sides = {"optviz": epochs(images, made(name, sizes), sizes)}
        if torch_here():
            sides["torch, eager"] = torch_epochs(images, module(name, sizes), sizes.batch)
            sides["torch, CUDA graph"] = graph_epochs(images, module(name, sizes), sizes.batch)
            sides["torch, compiled"] = torch_epochs(images, module(name, sizes), sizes.batch, compiled=True)
        title = f"{name}, Adam, an epoch of {sizes.images:,} images in batches of {sizes.batch}, no test"
        launches = step(made(name, sizes).plan(images.train.shape[1:], images.classes), "adam", sizes.batch)
        count = -(-sizes.images // sizes.batch)
        alone, graphs = (count * step_time(launches, bench.card, how) / 1e6 for how in (False, True))
        work = dict.fromkeys(sides, float(sizes.images))
        share = 1 / (len(sizes.networks) - place)
        yield from bench.compare(title, sides, work, "images a second", {"optviz": graphs}, share)
        yield f"The model is that of CUDA graphs; with launches one by one it says {alone * 1e3:.3f} ms."


def made(name: str, sizes: Sizes) -> networks.Network:
    return networks.REGISTRY[name].configure(**({"hidden": (sizes.hidden,)} if name == "mlp" else {}))


def trained(images: datasets.Images, network: networks.Network, **options: Any) -> optviz.Comparison:
    dataset = datasets.Dataset("mnist", "MNIST", lambda: images)
    return optviz.train(dataset, network, device="cuda", **options)


def epochs(images: datasets.Images, network: networks.Network, sizes: Sizes) -> Iterator[float]:
    """Ours: the second epoch of a run, since the first may bring the images to the device."""
    while True:
        found = trained(images, network, optimizers=["adam"], epochs=2, batch_size=sizes.batch)
        yield found.runs[0].epochs[-1]["seconds"]


def torch_epochs(images: datasets.Images, model: Any, size: int, compiled: bool = False) -> Iterator[float]:
    """All images are on the device, too: a DataLoader would take longer than the network."""
    torch = torch_here()
    optimizer = torch.optim.Adam(model.parameters(), fused=True)
    pixels, labels = on_device(images)
    call = torch.compile(model) if compiled else model

    def epoch() -> None:
        for rows in torch.randperm(len(labels), device="cuda").split(size):
            optimizer.zero_grad(set_to_none=True)
            torch.nn.functional.cross_entropy(call(pixels[rows]), labels[rows]).backward()
            optimizer.step()

    yield from timed(epoch)


def graph_epochs(images: datasets.Images, model: Any, size: int) -> Iterator[float]:
    """A captured step, played again for each whole batch."""
    torch = torch_here()
    optimizer = torch.optim.Adam(model.parameters(), fused=True, capturable=True)
    pixels, labels = on_device(images)
    inputs, targets = pixels[:size].clone(), labels[:size].clone()
    graph = captured(torch, optimizer, lambda: torch.nn.functional.cross_entropy(model(inputs), targets))

    def epoch() -> None:
        for rows in torch.randperm(len(labels), device="cuda").split(size):
            if len(rows) == size:
                inputs.copy_(pixels[rows])
                targets.copy_(labels[rows])
                graph.replay()

    yield from timed(epoch)


def captured(torch: Any, optimizer: Any, loss: Callable[[], Any]) -> Any:
    """A graph of a step, after some steps on a stream of their own."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        for _ in range(3):
            optimizer.zero_grad(set_to_none=True)
            loss().backward()
            optimizer.step()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    optimizer.zero_grad(set_to_none=True)
    with backend.cuda.defer_cleanup(), torch.cuda.graph(graph):  # memory that Numba gave back would end the capture
        loss().backward()
        optimizer.step()
    return graph


def on_device(images: datasets.Images) -> tuple[Any, Any]:
    torch = torch_here()
    pixels = torch.from_numpy(images.train).cuda().unsqueeze(1) / 255
    return pixels, torch.from_numpy(images.train_labels).cuda().long()


def module(network: str, sizes: Sizes) -> Any:
    """The same network in torch."""
    nn = torch_here().nn
    maps = ((sizes.side - 2) // 2) ** 2 * 32
    dense = [nn.Flatten(), nn.Linear(sizes.side**2, sizes.hidden), nn.ReLU(), nn.Linear(sizes.hidden, 10)]
    front = [nn.Conv2d(1, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.25), nn.Flatten()]
    head = [nn.Linear(maps, 256), nn.ReLU(), nn.Dropout(0.5), nn.Linear(256, 10)]
    return nn.Sequential(*{"mlp": dense, "cnn": [*front, *head]}[network]).cuda()
