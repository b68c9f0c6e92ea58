"""Whole trainings that must come out as they should."""

import numpy as np

from builder import network as nn


def test_a_small_lenet_reads_more_than_97_percent_of_the_held_out_digits() -> None:
    train, held_out = nn.data.split(*nn.data.digits())
    model = nn.Sequential(
        nn.Conv2D(8, 3, padding="same"),
        nn.ReLU(),
        nn.MaxPool2D(),
        nn.Conv2D(16, 3, padding="same"),
        nn.ReLU(),
        nn.MaxPool2D(),
        nn.Flatten(),
        nn.Dense(64, initializer="he_normal"),
        nn.ReLU(),
        nn.Dropout(0.2),
        nn.Dense(10),
    )

    history = nn.fit(
        model,
        train,
        nn.CrossEntropy(),
        nn.Adam(0.002),
        epochs=20,
        validation=held_out,
        metrics=[nn.accuracy],
    )

    assert history.metrics["accuracy"][-1] > 0.97


def test_a_character_model_learns_as_it_should() -> None:
    text = nn.data.tiny_text()
    characters = nn.data.Characters(text)
    inputs, targets = nn.data.windows(characters.encode(text), 24, step=3)
    counts = np.bincount(characters.encode(text)) / len(text)
    model = nn.Sequential(nn.Embedding(characters.size, 16), nn.GRU(48), nn.Dense(characters.size))
    loss = nn.CrossEntropy()

    start = loss(model(inputs), targets)[0]
    history = nn.fit(model, (inputs, targets), loss, nn.Adam(0.01, clip_norm=1.0), epochs=6)

    # It begins by knowing nothing, and ends far below what the letters' frequencies tell.
    assert abs(start - np.log(characters.size)) < 0.3
    assert (np.diff(history.losses) < 0).all()
    assert history.losses[-1] < 0.6 * -np.sum(counts * np.log(counts))


def test_a_causal_transformer_learns_to_count() -> None:
    rng = np.random.default_rng(0)
    start = rng.integers(0, 8, (256, 1))
    words = (start + np.arange(9)) % 8
    model = nn.Sequential(
        nn.Embedding(8, 16),
        nn.PositionalEncoding(),
        nn.TransformerBlock(2, causal=True),
        nn.LayerNorm(),
        nn.Dense(8),
    )

    nn.fit(model, (words[:, :-1], words[:, 1:]), nn.CrossEntropy(), nn.Adam(0.01), epochs=6)

    assert nn.accuracy(model(words[:, :-1]), words[:, 1:]) > 0.99
    assert nn.perplexity(model(words[:, :-1]), words[:, 1:]) < 1.1


def test_spirals_are_told_apart_with_every_optimizer() -> None:
    X, y = nn.data.spirals(300, rng=0)
    for optimizer in (
        nn.SGD(0.3, 0.9, nesterov=True),
        nn.Adagrad(0.05),
        nn.RMSprop(0.005),
        nn.Adam(0.01),
        nn.AdamW(0.01),
        nn.Lion(0.003),
    ):
        model = nn.Sequential(nn.Dense(32), nn.Tanh(), nn.Dense(32), nn.Tanh(), nn.Dense(3))

        nn.fit(model, (X, y), nn.CrossEntropy(), optimizer, epochs=150, batch_size=50)

        assert nn.accuracy(model(X), y) > 0.95, optimizer
