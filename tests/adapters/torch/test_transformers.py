"""Our classes in the Trainer of Hugging Face's transformers, on a language model of a few thousand parameters."""

import pytest

torch = pytest.importorskip("torch")
ot = pytest.importorskip("optviz.torch")
transformers = pytest.importorskip("transformers", exc_type=ImportError)
pytest.importorskip("accelerate")

pytestmark = pytest.mark.slow  # transformers alone takes seconds to import
STEPS, HALF = 8, 4


def model():
    torch.manual_seed(0)
    config = transformers.GPT2Config(
        vocab_size=32, n_positions=16, n_embd=16, n_layer=1, n_head=2, bos_token_id=0, eos_token_id=0
    )
    return transformers.GPT2LMHeadModel(config)


def texts():
    generator = torch.Generator().manual_seed(1)
    rows = torch.randint(32, (64, 12), generator=generator)
    return [{"input_ids": row, "labels": row} for row in rows]


def trained(kind, place, numbers, start=None, **given):
    """The parameters after the last step, and what the Trainer noted of every step."""
    arguments = transformers.TrainingArguments(
        output_dir=str(place), max_steps=STEPS, per_device_train_batch_size=4, gradient_accumulation_steps=2,
        warmup_steps=3, lr_scheduler_type="cosine", learning_rate=0.01, logging_steps=1, save_steps=HALF, seed=3,
        max_grad_norm=0.5, report_to=[], use_cpu=True, disable_tqdm=True, dataloader_pin_memory=False, **given,
    )  # fmt: skip
    trainer = transformers.Trainer(
        model(), arguments, train_dataset=texts(), optimizer_cls_and_kwargs=(kind, {"lr": 0.01} | numbers)
    )
    trainer.train(resume_from_checkpoint=start and str(start))
    assert isinstance(getattr(trainer.optimizer, "optimizer", trainer.optimizer), kind)
    rates = [one["learning_rate"] for one in trainer.state.log_history if "learning_rate" in one]
    return torch.nn.utils.parameters_to_vector(trainer.model.parameters()).detach(), rates


CASES = [("AdamW", {"weight_decay": 0.1}), ("SGD", {"momentum": 0.9}), ("Adafactor", {})]


@pytest.mark.parametrize(("name", "numbers"), CASES)
@pytest.mark.parametrize("lower", [False, True])
def test_as_torchs_own_class(name, numbers, lower, tmp_path):
    ours, rates = trained(getattr(ot, name), tmp_path / "ours", numbers, bf16=lower)
    theirs, expected = trained(getattr(torch.optim, name), tmp_path / "theirs", numbers, bf16=lower)
    assert rates == expected and len({*rates}) > 4
    torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(("name", "numbers"), [*CASES, ("Lion", {})])
def test_a_run_goes_on_from_its_checkpoint(name, numbers, tmp_path):
    kind = getattr(ot, name)
    whole, rates = trained(kind, tmp_path, numbers)
    again, all_rates = trained(kind, tmp_path, numbers, start=tmp_path / f"checkpoint-{HALF}")
    assert all_rates == rates
    assert torch.equal(whole, again)


def test_a_checkpoint_of_torchs_class(tmp_path):
    whole, _ = trained(torch.optim.AdamW, tmp_path, {})
    again, _ = trained(ot.AdamW, tmp_path, {}, start=tmp_path / f"checkpoint-{HALF}")
    torch.testing.assert_close(again, whole, rtol=1e-4, atol=1e-5)
