"""Saving and loading: every number comes back, and what does not fit changes nothing."""

from pathlib import Path

import numpy as np
import pytest

from builder import network as nn

X = np.random.default_rng(4).standard_normal((8, 1, 6, 6))


def model(rng: int = 0) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2D(2, 3),
        nn.BatchNorm(),
        nn.ReLU(),
        nn.Flatten(),
        nn.Residual(nn.Dense(32), nn.Tanh()),
        nn.Dense(3),
        rng=rng,
    )


def train(network: nn.Layer, optimizer: nn.Optimizer, epochs: int) -> None:
    labels = np.arange(8) % 3
    nn.fit(network, (X, labels), nn.CrossEntropy(), optimizer, epochs=epochs, batch_size=None)


def test_a_loaded_model_predicts_the_same(tmp_path: Path) -> None:
    saved, loaded = model(), model(rng=1)
    train(saved, nn.Adam(0.01), epochs=2)

    nn.save(saved, tmp_path / "model.npz")
    nn.load(loaded, tmp_path / "model.npz")

    np.testing.assert_array_equal(loaded(X), saved(X))
    with np.load(tmp_path / "model.npz", allow_pickle=False) as file:
        assert set(file) == {"input_shape", *dict(saved.named_arrays())}
        assert "1.running_var" in file


def test_the_same_numbers_give_the_same_bytes(tmp_path: Path) -> None:
    for name in ("one", "other"):
        network = model()
        train(network, nn.SGD(0.1), epochs=1)
        nn.save(network, tmp_path / name)

    assert (tmp_path / "one").read_bytes() == (tmp_path / "other").read_bytes()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["one", "other"]


@pytest.mark.parametrize(
    "make", [lambda: nn.SGD(0.1, 0.9), lambda: nn.Adam(0.01), lambda: nn.Lion(0.01)]
)
def test_a_training_goes_on_where_it_was_saved(tmp_path: Path, make: object) -> None:
    assert callable(make)
    whole, first, second = model(), model(), model(rng=9)
    optimizers = make(), make(), make()
    train(whole, optimizers[0], epochs=4)
    train(first, optimizers[1], epochs=2)

    nn.save(first, tmp_path / "half.npz", optimizer=optimizers[1])
    nn.load(second, tmp_path / "half.npz", optimizer=optimizers[2])
    train(second, optimizers[2], epochs=2)

    assert second.parameters.tobytes() == whole.parameters.tobytes()


def test_what_is_loaded_takes_the_models_own_dtype(tmp_path: Path) -> None:
    single, double = nn.Dense(2, inputs=3), nn.Dense(2, inputs=3)
    single.build()
    double.build(dtype=np.float64)

    nn.save(single, tmp_path / "x.npz")
    nn.load(double, tmp_path / "x.npz")

    assert double.parameters.dtype == np.float64
    np.testing.assert_array_equal(double.parameters, single.parameters)


def test_a_model_without_parameters_yet_cannot_be_saved(tmp_path: Path) -> None:
    with pytest.raises(nn.BuildError):
        nn.save(nn.Dense(2), tmp_path / "x.npz")

    assert not list(tmp_path.iterdir())


def refused(tmp_path: Path, network: nn.Layer, optimizer: nn.Optimizer | None = None) -> str:
    """Return the message with which a file of `model()` and Adam is refused."""
    saved, path = model(), tmp_path / "model.npz"
    adam = nn.Adam()
    train(saved, adam, epochs=1)
    nn.save(saved, path, optimizer=adam)
    if not network.is_built:
        network.build((1, 6, 6))
    before = network.parameters.copy()

    with pytest.raises(nn.NetworkError) as caught:
        nn.load(network, path, optimizer=optimizer)

    np.testing.assert_array_equal(network.parameters, before)
    return str(caught.value).replace(str(path), "FILE")


def test_another_models_file_is_refused(tmp_path: Path) -> None:
    other = nn.Sequential(nn.Flatten(), nn.Dense(3))
    wider = nn.Sequential(
        nn.Conv2D(3, 3),
        nn.BatchNorm(),
        nn.ReLU(),
        nn.Flatten(),
        nn.Residual(nn.Dense(48)),
        nn.Dense(3),
    )

    assert refused(tmp_path, other) == "FILE is another model's: the model has no 0.W"
    assert refused(tmp_path, wider) == (
        "FILE is another model's: 0.W has shape (2, 1, 3, 3) there and (3, 1, 3, 3) here"
    )


def test_another_optimizers_memory_is_refused(tmp_path: Path) -> None:
    assert refused(tmp_path, model(), nn.SGD(0.1)) == "FILE was saved with Adam, not with SGD"
    assert refused(tmp_path, model(), nn.AdamW()) == "FILE was saved with Adam, not with AdamW"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 and then nothing", b"words", b"\x80\x04N."])
def test_what_is_no_npz_file_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.npz"
    path.write_bytes(content)

    with pytest.raises(nn.NetworkError) as caught:
        nn.load(model(), path)

    assert str(caught.value) == f"{path} is no .npz file of arrays"


def test_an_npz_file_of_something_else_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    np.savez(path, a=np.zeros(3))

    with pytest.raises(nn.NetworkError) as caught:
        nn.load(model(), path)

    assert str(caught.value) == f"{path} holds no saved model"


def test_a_pickle_inside_is_never_opened(tmp_path: Path) -> None:
    path = tmp_path / "x.npz"
    np.savez(path, input_shape=np.array([print], object))

    with pytest.raises(nn.NetworkError):
        nn.load(model(), path)


def test_a_missing_file_is_the_systems_own_error(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        nn.load(model(), tmp_path / "none.npz")
