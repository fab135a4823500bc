/// Training on the batches of a recorded case.
export module mnist.replay;

import rnn.base.std;

export namespace mnist {

/// Trains on the batches of a recorded case from its weights, compares with what was recorded, and returns the
/// program's exit status.
int replay(const std::filesystem::path& file, bool json, unsigned threads);

}  // namespace mnist
