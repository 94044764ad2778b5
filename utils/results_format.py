"""What the writer of `results.json` and its readers agree on."""

#: Version of what the file holds; readers refuse another one.
FORMAT = 3
#: Names of the arm in question and of the linear model, beside which stand the rivals.
ARM, LINEAR = "arm", "linear model"
