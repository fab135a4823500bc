/// A network that predicts notes in a file of weights: its parameters as tensors; as metadata the cell and the
/// vocabulary, without which nobody knows what its numbers mean.
export module rnn.training.melody_file;

import rnn.base.std;
import rnn.data.event_vocabulary;
import rnn.formats.safetensors;
import rnn.network.melody_network;
import rnn.training.checkpoint;

export namespace rnn {

/// A network and the words that it speaks in.
struct SavedMelodyNetwork {
  EventVocabulary vocabulary;
  MelodyNetwork network;
};

/// The metadata that describe a network in its file.
Metadata metadata_of(const MelodyNetwork& network, const EventVocabulary& vocabulary);

/// The network in a file of weights or a checkpoint. Throws FileError, one line, unless all weights are there, their
/// shapes fit together and every number is finite.
SavedMelodyNetwork load_melody_network(const std::filesystem::path& path);

/// The same from a file that has been read; `path` stands for it in messages.
SavedMelodyNetwork to_melody_network(const TensorFile& file, const std::filesystem::path& path);

/// Only the network's shape and its vocabulary.
struct MelodyFileShape {
  EventVocabulary vocabulary;
  MelodyShape shape;
};
MelodyFileShape melody_shape(const TensorFile& file, const std::filesystem::path& path);

}  // namespace rnn
