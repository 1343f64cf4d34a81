"""Our classes in PyTorch Lightning: schedulers, gradients summed and clipped, runs that go on from a checkpoint."""

import pytest

torch = pytest.importorskip("torch")
ot = pytest.importorskip("optviz.torch")
lightning = pytest.importorskip("lightning", exc_type=ImportError)

pytestmark = [
    pytest.mark.slow,  # Lightning alone takes seconds to import
    # 2026-11: what Lightning 2.6 asks of torch 2.13, and its advice.
    pytest.mark.filterwarnings("ignore:Checkpoint directory .* exists and is not empty:UserWarning"),
    pytest.mark.filterwarnings("ignore:.isinstance.treespec, LeafSpec:FutureWarning"),
    pytest.mark.filterwarnings("ignore:The '.*_dataloader' does not have many workers:UserWarning"),
]
EPOCHS, HALF = 4, 2


class Digits(lightning.LightningModule):
    """A small classifier whose optimizer is of a given class."""

    def __init__(self, kind, options):
        super().__init__()
        torch.manual_seed(0)
        self.net = torch.nn.Sequential(torch.nn.Linear(6, 8), torch.nn.Tanh(), torch.nn.Linear(8, 3))
        self.kind, self.options, self.rates = kind, options, []

    def training_step(self, batch, number):
        images, labels = batch
        self.rates.append(self.optimizers().param_groups[0]["lr"])
        return torch.nn.functional.cross_entropy(self.net(images), labels)

    def configure_optimizers(self):
        optimizer = self.kind(self.parameters(), **self.options)
        scheduler = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, 30)
        return {"optimizer": optimizer, "lr_scheduler": {"scheduler": scheduler, "interval": "step"}}


def batches():
    generator = torch.Generator().manual_seed(1)
    images, labels = torch.randn(48, 6, generator=generator), torch.randint(3, (48,), generator=generator)
    return torch.utils.data.DataLoader(torch.utils.data.TensorDataset(images, labels), batch_size=8)


def trainer(place, epochs, **given):
    quiet = {"logger": False, "enable_progress_bar": False, "enable_model_summary": False}
    checkpoint = lightning.pytorch.callbacks.ModelCheckpoint(place, "{epoch}", save_top_k=-1)
    given = {"accumulate_grad_batches": 2, "gradient_clip_val": 0.5} | quiet | given
    return lightning.Trainer(max_epochs=epochs, accelerator="cpu", callbacks=[checkpoint], **given)


def trained(kind, place, epochs=EPOCHS, start=None, options=None, **given):
    """The parameters after so many epochs, and the learning rate at each batch."""
    module = Digits(kind, {"lr": 0.01} if options is None else options)
    trainer(place, epochs, **given).fit(module, batches(), ckpt_path=start)
    return torch.nn.utils.parameters_to_vector(module.parameters()).detach(), module.rates


CLASSES = [
    ("AdamW", {"weight_decay": 0.1}),
    ("SGD", {"momentum": 0.9, "nesterov": True}),
    ("RMSprop", {"momentum": 0.5}),
]


@pytest.mark.parametrize("precision", ["32-true", "bf16-mixed", "64-true"])
@pytest.mark.parametrize(("name", "options"), CASES := [(name, {"lr": 0.01} | options) for name, options in CLASSES])
def test_as_torchs_own_class(name, options, precision, tmp_path):
    ours, rates = trained(getattr(ot, name), tmp_path / "ours", options=options, precision=precision)
    theirs, expected = trained(getattr(torch.optim, name), tmp_path / "theirs", options=options, precision=precision)
    assert rates == expected and len({*rates}) > 10
    torch.testing.assert_close(ours, theirs, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize(("name", "options"), [*CASES, ("Lion", {"lr": 0.01}), ("ScheduleFreeAdamW", {"lr": 0.01})])
def test_a_run_goes_on_from_its_checkpoint(name, options, tmp_path):
    whole, rates = trained(getattr(ot, name), tmp_path / "whole", options=options)
    trained(getattr(ot, name), tmp_path, epochs=HALF, options=options)
    again, later = trained(getattr(ot, name), tmp_path, start=tmp_path / f"epoch={HALF - 1}.ckpt", options=options)
    assert rates[-len(later) :] == later and len(later) == len(rates) // 2
    assert torch.equal(whole, again)


@pytest.mark.parametrize("kinds", [(torch.optim.AdamW, ot.AdamW), (ot.AdamW, torch.optim.AdamW)])
def test_a_checkpoint_of_the_other_class(kinds, tmp_path):
    whole, _ = trained(torch.optim.AdamW, tmp_path / "whole")
    trained(kinds[0], tmp_path, epochs=HALF)
    again, _ = trained(kinds[1], tmp_path, start=tmp_path / f"epoch={HALF - 1}.ckpt")
    torch.testing.assert_close(again, whole, rtol=1e-5, atol=1e-5)


def test_a_rule_that_takes_a_second_gradient(tmp_path):
    """Lightning gives a closure, which may be called twice in a step."""

    def sam(params, lr):
        return ot.optimizer("sam(sgd)", params, lr=lr)

    ours, _ = trained(sam, tmp_path, accumulate_grad_batches=1, gradient_clip_val=None)
    module = Digits(sam, {"lr": 0.01})
    made = module.configure_optimizers()
    optimizer, scheduler = made["optimizer"], made["lr_scheduler"]["scheduler"]
    for images, labels in [batch for _ in range(EPOCHS) for batch in batches()]:

        def closure(images=images, labels=labels):
            optimizer.zero_grad()
            loss = torch.nn.functional.cross_entropy(module.net(images), labels)
            loss.backward()
            return loss

        optimizer.step(closure)
        scheduler.step()
    assert torch.equal(ours, torch.nn.utils.parameters_to_vector(module.parameters()).detach())
