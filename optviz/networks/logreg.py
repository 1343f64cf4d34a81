"""Multinomial logistic regression: no hidden layer, so that the loss is convex."""

from optviz.networks import Dense, network


@network(
    title="Logistic regression",
    formula="pixels → logits",
    reference="Cox 1958, Journal of the Royal Statistical Society B 20(2), 215-242; Bishop 2006, section 4.3.4",
)
def logreg(shape, classes):
    """One dense layer from the pixels to the logits.

    Its loss is convex: whatever an optimizer does badly here is the optimizer's fault, not that of a local minimum. On
    MNIST it has 7,850 parameters and errs on about 7.5 % of the test images.
    """
    return (Dense(classes),)
