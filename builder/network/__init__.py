"""A neural network library in NumPy, small enough to read in an evening.

    from builder import network as nn

    model = nn.Sequential(nn.Dense(16), nn.Tanh(), nn.Dense(1), rng=0)
    loss, optimizer = nn.MeanSquaredError(), nn.SGD(learning_rate=0.1)
    for x, y in nn.mini_batches(X, Y, batch_size=32, rng=rng):
        prediction, backward = model.forward(x, training=True)
        error, gradient = loss(prediction, y)
        backward(gradient)
        optimizer.step(model)

A name is imported when it is first used, so that a post loads, and depends on, only the
files it needs. Nothing here imports another part of `builder`.
"""

from typing import TYPE_CHECKING, Final

from builder.network.lazy import lazy_names

if TYPE_CHECKING:
    from builder.network import data as data
    from builder.network import plots as plots
    from builder.network.chain import layer_gradients as layer_gradients
    from builder.network.chain import layer_outputs as layer_outputs
    from builder.network.errors import BuildError as BuildError
    from builder.network.errors import NetworkError as NetworkError
    from builder.network.errors import ShapeError as ShapeError
    from builder.network.functions import sigmoid as sigmoid
    from builder.network.functions import softmax as softmax
    from builder.network.gradient_check import GradientCheck as GradientCheck
    from builder.network.gradient_check import check_gradients as check_gradients
    from builder.network.layer import Layer as Layer
    from builder.network.layers.activations import ELU as ELU
    from builder.network.layers.activations import GELU as GELU
    from builder.network.layers.activations import LeakyReLU as LeakyReLU
    from builder.network.layers.activations import ReLU as ReLU
    from builder.network.layers.activations import Sigmoid as Sigmoid
    from builder.network.layers.activations import SiLU as SiLU
    from builder.network.layers.activations import Softmax as Softmax
    from builder.network.layers.activations import Softplus as Softplus
    from builder.network.layers.activations import Tanh as Tanh
    from builder.network.layers.attention import MultiHeadAttention as MultiHeadAttention
    from builder.network.layers.attention import TransformerBlock as TransformerBlock
    from builder.network.layers.branches import Concatenate as Concatenate
    from builder.network.layers.branches import Residual as Residual
    from builder.network.layers.convolution import Conv1D as Conv1D
    from builder.network.layers.convolution import Conv2D as Conv2D
    from builder.network.layers.convolution import ConvTranspose2D as ConvTranspose2D
    from builder.network.layers.dense import Dense as Dense
    from builder.network.layers.dropout import Dropout as Dropout
    from builder.network.layers.embedding import Embedding as Embedding
    from builder.network.layers.embedding import PositionalEncoding as PositionalEncoding
    from builder.network.layers.gated import GRU as GRU
    from builder.network.layers.gated import LSTM as LSTM
    from builder.network.layers.normalization import BatchNorm as BatchNorm
    from builder.network.layers.normalization import GroupNorm as GroupNorm
    from builder.network.layers.normalization import LayerNorm as LayerNorm
    from builder.network.layers.normalization import RMSNorm as RMSNorm
    from builder.network.layers.pooling import AvgPool2D as AvgPool2D
    from builder.network.layers.pooling import GlobalAvgPool2D as GlobalAvgPool2D
    from builder.network.layers.pooling import MaxPool2D as MaxPool2D
    from builder.network.layers.recurrent import RNN as RNN
    from builder.network.layers.recurrent import Bidirectional as Bidirectional
    from builder.network.layers.sequential import Sequential as Sequential
    from builder.network.layers.shaping import Flatten as Flatten
    from builder.network.layers.shaping import Reshape as Reshape
    from builder.network.layers.shaping import Upsample as Upsample
    from builder.network.losses.classification import BinaryCrossEntropy as BinaryCrossEntropy
    from builder.network.losses.classification import CrossEntropy as CrossEntropy
    from builder.network.losses.classification import Hinge as Hinge
    from builder.network.losses.classification import KLDivergence as KLDivergence
    from builder.network.losses.loss import Loss as Loss
    from builder.network.losses.regression import Huber as Huber
    from builder.network.losses.regression import MeanAbsoluteError as MeanAbsoluteError
    from builder.network.losses.regression import MeanSquaredError as MeanSquaredError
    from builder.network.optimizers.adaptive import Adagrad as Adagrad
    from builder.network.optimizers.adaptive import Adam as Adam
    from builder.network.optimizers.adaptive import AdamW as AdamW
    from builder.network.optimizers.adaptive import Lion as Lion
    from builder.network.optimizers.adaptive import RMSprop as RMSprop
    from builder.network.optimizers.optimizer import Optimizer as Optimizer
    from builder.network.optimizers.schedules import CosineSchedule as CosineSchedule
    from builder.network.optimizers.schedules import ExponentialSchedule as ExponentialSchedule
    from builder.network.optimizers.schedules import OneCycleSchedule as OneCycleSchedule
    from builder.network.optimizers.schedules import Schedule as Schedule
    from builder.network.optimizers.schedules import StepSchedule as StepSchedule
    from builder.network.optimizers.sgd import SGD as SGD
    from builder.network.parameters import Parameter as Parameter
    from builder.network.tensor import Tensor as Tensor
    from builder.network.training.batches import mini_batches as mini_batches
    from builder.network.training.callbacks import Callback as Callback
    from builder.network.training.callbacks import Checkpoint as Checkpoint
    from builder.network.training.callbacks import EarlyStopping as EarlyStopping
    from builder.network.training.callbacks import ReduceOnPlateau as ReduceOnPlateau
    from builder.network.training.callbacks import Training as Training
    from builder.network.training.callbacks import Trajectory as Trajectory
    from builder.network.training.fit import fit as fit
    from builder.network.training.fit import predict as predict
    from builder.network.training.fit import train_step as train_step
    from builder.network.training.history import History as History
    from builder.network.training.metrics import accuracy as accuracy
    from builder.network.training.metrics import confusion_matrix as confusion_matrix
    from builder.network.training.metrics import f1 as f1
    from builder.network.training.metrics import perplexity as perplexity
    from builder.network.training.metrics import precision as precision
    from builder.network.training.metrics import r_squared as r_squared
    from builder.network.training.metrics import recall as recall
    from builder.network.training.storage import load as load
    from builder.network.training.storage import save as save
    from builder.network.training.summary import Summary as Summary

_HOMES: Final = {
    "chain": "layer_gradients layer_outputs",
    "data": "data",
    "errors": "BuildError NetworkError ShapeError",
    "functions": "sigmoid softmax",
    "gradient_check": "GradientCheck check_gradients",
    "layer": "Layer",
    "layers.activations": "ELU GELU LeakyReLU ReLU Sigmoid SiLU Softmax Softplus Tanh",
    "layers.attention": "MultiHeadAttention TransformerBlock",
    "layers.branches": "Concatenate Residual",
    "layers.convolution": "Conv1D Conv2D ConvTranspose2D",
    "layers.dense": "Dense",
    "layers.dropout": "Dropout",
    "layers.embedding": "Embedding PositionalEncoding",
    "layers.gated": "GRU LSTM",
    "layers.normalization": "BatchNorm GroupNorm LayerNorm RMSNorm",
    "layers.pooling": "AvgPool2D GlobalAvgPool2D MaxPool2D",
    "layers.recurrent": "Bidirectional RNN",
    "layers.sequential": "Sequential",
    "layers.shaping": "Flatten Reshape Upsample",
    "losses.classification": "BinaryCrossEntropy CrossEntropy Hinge KLDivergence",
    "losses.loss": "Loss",
    "losses.regression": "Huber MeanAbsoluteError MeanSquaredError",
    "optimizers.adaptive": "Adagrad Adam AdamW Lion RMSprop",
    "optimizers.optimizer": "Optimizer",
    "optimizers.schedules": "CosineSchedule ExponentialSchedule OneCycleSchedule "
    "Schedule StepSchedule",
    "optimizers.sgd": "SGD",
    "parameters": "Parameter",
    "plots": "plots",
    "tensor": "Tensor",
    "training.batches": "mini_batches",
    "training.callbacks": "Callback Checkpoint EarlyStopping ReduceOnPlateau Training Trajectory",
    "training.fit": "fit predict train_step",
    "training.history": "History",
    "training.metrics": "accuracy confusion_matrix f1 perplexity precision r_squared recall",
    "training.storage": "load save",
    "training.summary": "Summary",
}

# Of PyTorch and Keras.
_ELSEWHERE: Final = {
    "BCEWithLogitsLoss": "BinaryCrossEntropy",
    "BatchNormalization": "BatchNorm",
    "CrossEntropyLoss": "CrossEntropy",
    "Input": "Sequential",
    "L1Loss": "MeanAbsoluteError",
    "LayerNormalization": "LayerNorm",
    "Linear": "Dense",
    "MSELoss": "MeanSquaredError",
    "Module": "Layer",
    "SmoothL1Loss": "Huber",
    "Swish": "SiLU",
    "TransformerEncoderLayer": "TransformerBlock",
}

__all__ = list(lazy_names(__name__, _HOMES, "the network library", _ELSEWHERE))
