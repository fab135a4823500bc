/// What 06_mnist does with a network that has been trained, here or elsewhere, each a main() of its own.
export module mnist.commands;

export namespace mnist {

/// How well saved weights read the test images.
int evaluate(int argc, char** argv);

/// What saved weights read in pictures.
int predict(int argc, char** argv);

/// What saved weights confuse, and what they remember while they read an image.
int show(int argc, char** argv);

/// Weights from a state dict of PyTorch's.
int import_weights(int argc, char** argv);

/// Saved weights as a state dict of PyTorch's.
int export_weights(int argc, char** argv);

}  // namespace mnist
